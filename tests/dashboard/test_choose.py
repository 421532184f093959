"""Choices and the address, without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from alcore.store import Store

OpenPage = Callable[..., AppTest]

PAGE = """
import streamlit as st
from alcore_dashboard.components.address import address_of_choices
from alcore_dashboard.components.choose import choose, choose_number

experiments = {"1": "old title", "2": "**x** [l](http://e.v)"}
runs = {"1": {"11": "a", "12": "b"}, "2": {"21": "c", "22": "d"}}
with address_of_choices("page"):
    choose("Experiment", experiments, key="experiment", show=lambda text: text, moving=True)
    number = st.session_state["experiment"]
    run = choose("Run", runs[number], key="run", show=str.upper, moving=True)
    st.markdown(f"run {run}")
    st.markdown(f"k {choose_number('Samples', 'k', 1, 30, 20)}")
"""


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., AppTest]:
    script = tmp_path / "page.py"
    script.write_text(PAGE)

    def opened(**query: str) -> AppTest:
        app = AppTest.from_file(str(script), default_timeout=30)
        app.query_params.update(query)
        return app.run()

    return opened


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return [str(element.value) for element in app.markdown]


def test_nothing_chosen_leaves_the_address_alone(small: Callable[..., AppTest]) -> None:
    app = small()
    assert shown(app) == ["run a", "k 20"]
    assert app.query_params == {}


def test_what_is_shown_stays_while_others_start_experiments(tmp_path: Path) -> None:
    """Until another page is opened; the newest is what a new visitor sees."""
    text = PAGE
    script = tmp_path / "page.py"
    script.write_text(
        text.replace('key="experiment"', 'key="experiment", stays=True').replace(
            "with address",
            "if 'newer' in st.session_state:\n"
            "    experiments = dict(reversed(list(experiments.items())))\nwith address",
        )
    )
    app = AppTest.from_file(str(script), default_timeout=30).run()
    assert shown(app)[0] == "run a"
    app.session_state["newer"] = True
    assert shown(app.run())[0] == "run a"
    other = AppTest.from_file(str(script), default_timeout=30)
    other.session_state["newer"] = True
    assert shown(other.run())[0] == "run c"


def test_after_any_choice_the_address_says_all_that_is_shown(small: Callable[..., AppTest]) -> None:
    app = small()
    app.number_input(key="k").set_value(7).run()
    assert shown(app) == ["run a", "k 7"]
    assert app.query_params == {"experiment": "1", "run": "11", "k": "7"}
    assert shown(small(**app.query_params)) == shown(app)


def test_a_link_chooses_by_id_and_shows_the_titles_of_today(small: Callable[..., AppTest]) -> None:
    app = small(experiment="1", run="12", k="3")
    assert shown(app) == ["run b", "k 3"]
    assert app.selectbox(key="experiment").value == "1"
    assert app.selectbox(key="run").options == ["A", "B"]
    assert not app.warning


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"run": "99"}, "asks for run “99”, which is not here"),
        ({"experiment": ""}, "asks for experiment “”, which is not here"),
        ({"k": "31"}, "asks for samples “31”, which is not here"),
        ({"k": "0"}, "asks for samples “0”"),
        ({"k": "1e1"}, "asks for samples “1e1”"),
        ({"k": "²"}, "asks for samples “²”"),
        ({"k": "-3"}, "asks for samples “\\-3”"),
        ({"run": "[l](http://e.v)"}, "asks for run “\\[l\\]"),
    ],
)
def test_what_is_not_here_is_one_sentence_and_the_default(
    query: dict[str, str], sentence: str, small: Callable[..., AppTest]
) -> None:
    app = small(**query)
    assert shown(app) == ["run a", "k 20"]
    (warning,) = app.warning
    assert sentence in warning.value
    corrected = {"experiment": "1", "run": "11"} | ({"k": "20"} if "k" in query else {})
    assert app.query_params == corrected
    assert not app.run().warning


def test_a_long_text_in_the_address_is_cut(small: Callable[..., AppTest]) -> None:
    (warning,) = small(run="x" * 10_000).warning
    assert len(warning.value) < 200


def test_another_experiment_brings_its_own_runs_without_a_warning(
    small: Callable[..., AppTest],
) -> None:
    app = small(experiment="1", run="12", k="3")
    app.selectbox(key="experiment").set_value("2").run()
    assert shown(app) == ["run c", "k 3"]
    assert not app.warning
    assert app.query_params == {"experiment": "2", "run": "21", "k": "3"}


def test_an_address_that_changes_wins_over_what_was_picked(small: Callable[..., AppTest]) -> None:
    app = small()
    app.selectbox(key="run").set_value("12").run()
    app.query_params["run"] = "11"
    assert shown(app.run()) == ["run a", "k 20"]
    assert app.selectbox(key="run").value == "11"


def test_an_address_gone_back_to_restores_the_default(small: Callable[..., AppTest]) -> None:
    app = small(run="12")
    before = dict(app.query_params)
    app.number_input(key="k").set_value(7).run()
    app.query_params = before
    assert shown(app.run()) == ["run b", "k 20"]
    assert app.number_input(key="k").value == 20
    assert app.query_params == before


def test_the_same_run_stands_on_the_next_page_and_in_its_address(
    open_page: OpenPage, played: Store
) -> None:
    app = open_page("worst")
    app.selectbox(key="run").set_value("4").run()
    app.query_params.clear()  # as a browser does when the page is changed
    app.switch_page("app_pages/budget.py").run()
    assert app.selectbox(key="run").value == "4"
    assert app.query_params["experiment"] == "1"
    assert app.query_params["run"] == "4"


def test_a_renamed_experiment_keeps_its_links(open_page: OpenPage, empty: Store) -> None:
    from store.examples import add_runs

    first, _ = add_runs(empty), add_runs(empty)
    app = open_page("budget", {"experiment": str(first)})
    empty.rename_experiment(first, "another title")
    assert not app.run().warning
    assert app.selectbox(key="experiment").options[1] == f"{first} · another title"
    assert app.selectbox(key="experiment").value == str(first)


def test_the_newest_round_is_shown_until_another_is_chosen(
    open_page: OpenPage, played: Store
) -> None:
    app = open_page("worst", {"run": "4"})
    newest, *earlier = app.selectbox(key="round").options
    assert newest == "3 (31 labels)"
    assert app.selectbox(key="round").value == "3"
    app = open_page("worst", {"run": "4", "round": "0"})
    assert app.selectbox(key="round").value == "0"
    assert earlier[-1] == "0 (6 labels)"
