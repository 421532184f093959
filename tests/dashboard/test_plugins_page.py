"""The page of plugins without a browser: search, links, what is broken or off or missing."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from alcore.plugins import PluginInfo, Registry
from alcore_dashboard import shared
from fakes import broken, registry, waiting

OpenPage = Callable[..., AppTest]


@pytest.fixture
def show(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the page with more plugins than the built-in ones, or with these alone."""

    def shown(*more: PluginInfo, component: str = "", alone: bool = False) -> AppTest:
        app = open_page("plugins", {"component": component} if component else {})
        found = Registry(plugins=more if alone else (*registry().plugins, *more))
        monkeypatch.setattr(shared, "shared_registry", lambda: found)
        return app.run()

    return shown


def texts(app: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "subheader")
    return "\n".join(str(e.value) for kind in kinds for e in app.get(kind)).replace("\\", "")


def components(app: AppTest) -> list[str]:
    return [e.label.replace("\\", "") for e in app.expander if e.label != "How to write a plugin"]


def test_every_component_is_there_with_what_it_needs_and_costs(
    show: Callable[..., AppTest],
) -> None:
    app = show()
    assert not app.exception
    assert sum(label.startswith("strategy") for label in components(app)) == 13
    shown = texts(app)
    for part in ("-sum_y p(y | x) ln", "C. Shannon", "Costs:", "the smallest values first"):
        assert part in shown
    assert "batch_size** int, 32 by default, 1 to 4096" in shown
    assert "shipped with alcore" in shown


def test_a_link_opens_one_component(show: Callable[..., AppTest]) -> None:
    app = show(component="uncertainty/entropy")
    (label,) = components(app)
    assert label.startswith("strategy **entropy**")
    assert app.expander[0].proto.expanded
    assert app.text_input(key="component").value == "uncertainty/entropy"


def test_the_link_of_a_component_is_put_into_the_address(show: Callable[..., AppTest]) -> None:
    app = show()
    assert not app.expander[0].proto.expanded
    app.button(key="link model digits/cnn").click().run()
    assert app.text_input(key="component").value == "digits/cnn"
    assert len(components(app)) == 1


def test_a_search_without_a_hit_can_be_undone(show: Callable[..., AppTest]) -> None:
    app = show(component="no [such](http://e.v) thing")
    assert "Nothing here is called" in texts(app)
    assert "](http" not in "".join(str(text.value) for text in app.markdown)
    next(button for button in app.button if button.label == "Show all").click()
    app.run()
    assert len(components(app)) > 5


def test_a_broken_plugin_shows_error_and_remedy(show: Callable[..., AppTest]) -> None:
    app = show(broken())
    (error,) = app.error
    assert error.value == "SystemExit\\: 1"
    assert "ALCORE_BLOCK_PLUGINS=bad" in texts(app)
    assert "1 of" in app.markdown[0].value
    assert len(components(app)) > 5


def test_a_blocked_plugin_says_how_to_switch_it_on(show: Callable[..., AppTest]) -> None:
    app = show(broken(status="blocked", errors=()))
    assert not app.error
    assert "switched off" in texts(app)
    assert "take bad out of ALCORE_BLOCK_PLUGINS" in texts(app)


def test_a_missing_extra_is_named_with_its_command(show: Callable[..., AppTest]) -> None:
    app = show(waiting(), alone=True)
    (label,) = components(app)
    assert "needs alcore[tensorflow]" in label
    assert 'pip install "alcore[tensorflow]"' in app.warning[0].value.replace("\\", "")


def test_without_any_plugin_the_page_says_what_to_do(show: Callable[..., AppTest]) -> None:
    app = show(alone=True)
    assert not app.exception
    assert "install alcore again" in texts(app)


def test_the_example_can_be_read(show: Callable[..., AppTest]) -> None:
    app = show()
    assert "def gini_impurity(probabilities):" in texts(app)
    assert "[project.entry-points.alcore]" in texts(app)
