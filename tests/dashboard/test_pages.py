"""Every page without a browser: empty, with a run, with hostile names, with errors."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from alcore.components import StrategySpec
from alcore.errors import AlcoreError
from alcore.experiment import parse_experiment
from alcore.plugins import PluginInfo, Registry
from alcore.queueing import queue_experiment
from alcore.store import RunState, Store
from alcore.strategies import Criterion
from alcore_dashboard import shared
from carry_out import carry_out
from fakes import EXPERIMENT, Points, plugin, registry

OpenPage = Callable[..., AppTest]
PAGES = ("criteria", "budget", "rounds", "runs", "compare", "worst", "plugins")
HOSTILE = "**x** [l](http://e.v) <b>&amp; :red[y] $z$ 💥 שלום " + "w" * 500


def texts(app: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "subheader", "title")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


@pytest.mark.parametrize("page", PAGES)
def test_with_an_empty_store_every_page_says_what_to_do(
    page: str, open_page: OpenPage, empty: Store
) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    if page not in ("criteria", "plugins"):
        assert "There is no experiment yet" in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_with_a_run_every_page_has_a_takeaway(
    page: str, open_page: OpenPage, played: Store
) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert any(str(text.value).startswith("**") for text in app.markdown)


def test_criteria_marks_the_picks_in_red_and_with_a_word(open_page: OpenPage) -> None:
    table = open_page("criteria").table[0].value
    assert table.loc["smallest margin", "A"] == ":red[**0.020 ▲ picked**]"
    assert table.loc["least confidence", "B"] == ":red[**0.340 ▲ picked**]"
    assert table.loc["entropy", "B"].startswith(":red[**1.5")
    assert sum("picked" in str(cell) for cell in table.to_numpy().ravel()) == 3


def test_criteria_follow_an_edit_and_refuse_a_row_that_does_not_sum_to_one(
    open_page: OpenPage,
) -> None:
    app = open_page("criteria")
    edits = {"edited_rows": {"2": {"dandelion": 0.45, "daisy": 0.45, "tulips": 0.04}}}
    state = {**edits, "added_rows": [], "deleted_rows": []}
    app.session_state["criteria_table"] = state
    assert "picked" in app.run().table[0].value.loc["smallest margin", "C"]
    state["edited_rows"] = {"2": {"dandelion": 0.9}}
    app.session_state["criteria_table"] = state
    app.run()
    assert len(app.error) == 1
    assert not app.table
    next(b for b in app.button if b.label == "Back to the example").click()
    app.run()
    assert not app.error
    assert app.table


def test_a_third_party_criterion_stands_on_the_criteria_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Criterion(name="gini", direction="max", formula=lambda p: 1 - (p**2).sum(axis=1))
    spec = StrategySpec(name="gini", summary="s", make=lambda options: None, criterion=made)
    found = Registry(plugins=(*registry().plugins, plugin(("strategy", spec))))
    app = open_page("criteria")
    monkeypatch.setattr(shared, "shared_registry", lambda: found)
    assert "gini" in app.run().table[0].value.index


def test_the_budget_page_lists_as_many_as_the_cut(open_page: OpenPage, played: Store) -> None:
    app = open_page("budget")
    app.slider[0].set_value(7).run()
    assert len(app.dataframe[0].value) == 7


def test_a_deep_link_chooses_the_run(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"run": "4"})
    assert app.selectbox(key="run").value == "4"
    assert not app.warning


def test_a_deep_link_to_nothing_falls_back_to_the_first(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"run": "99"})
    assert not app.exception
    assert app.selectbox(key="run").value == "2"
    assert "99" in app.warning[0].value


def test_the_form_starts_an_experiment(
    open_page: OpenPage, empty: Store, started: list[Store]
) -> None:
    app = open_page("rounds")
    app.selectbox(key="start_dataset").select("fake/points").run()
    for name, value in {
        "initial": 6,
        "validation": 10,
        "test": 30,
        "samples": 20,
        "batch": 10,
    }.items():
        app.number_input(key=f"size_{name}").set_value(value)
    app.number_input(key="repeat_seeds").set_value(2)
    next(b for b in app.button if b.label == "Start").click()
    app.run()
    assert not app.exception
    assert not app.error
    (record,) = empty.experiments()
    assert record.states == {RunState.QUEUED: 8}
    assert empty in started
    assert "0 of 8 runs are over" in app.progress[0].text
    next(b for b in app.button if b.label == "Stop").click()
    app.run()
    assert empty.experiment(record.id).states == {RunState.STOPPED: 8}


def test_the_form_shows_what_is_wrong_in_one_sentence(open_page: OpenPage, empty: Store) -> None:
    app = open_page("rounds")
    app.button_group[0].set_value([])
    next(b for b in app.button if b.label == "Start").click()
    app.run()
    assert [error.value for error in app.error] != []
    assert "no strategy is chosen" in texts(app)
    assert not empty.experiments()


def test_a_failed_run_shows_its_sentence(open_page: OpenPage, empty: Store) -> None:
    made = registry()
    number = queue_experiment(empty, parse_experiment(EXPERIMENT, made), made)
    for _ in range(4):
        run = empty.claim_run(number, process="test")
        assert run is not None
        empty.finish(run.id, RunState.FAILED, "disk [full](http://e.v)", token=run.token)
    app = open_page("rounds")
    assert len(app.error) == 1
    assert "4 of 4 runs failed: disk \\[full\\]" in app.error[0].value


def test_hostile_text_is_escaped_on_every_page(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = PluginInfo(
        name=HOSTILE,
        module="m",
        distribution=HOSTILE,
        version=HOSTILE,
        status="error",
        errors=(HOSTILE,),
        components={},
    )
    app = open_page("plugins")
    monkeypatch.setattr(shared, "shared_registry", lambda: Registry(plugins=(bad,)))
    shown = texts(app.run())
    assert not app.exception
    assert "[l](" not in shown
    assert "**x**" not in shown
    assert "http://" not in shown
    assert ":red[y]" not in shown


class HostilePoints(Points):
    """Every name that a dataset brings along is markup."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = tuple(f"{i} {HOSTILE}" for i in range(len(self.ids)))
        self.class_names = tuple(f"{i} {HOSTILE}" for i in range(3))


@pytest.mark.parametrize("page", ["budget", "rounds", "runs", "worst"])
def test_hostile_names_of_a_dataset_are_escaped(
    page: str, open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakes.Points", HostilePoints)
    made = registry()
    text = EXPERIMENT.replace('"Points"', repr(HOSTILE[:200]))
    queue_experiment(empty, parse_experiment(text, made, overrides=["seeds=1"]), made)
    carry_out(empty, made)
    app = open_page(page)
    assert not app.exception
    assert not app.error
    shown = texts(app) + "".join(bar.text for bar in app.progress)
    for markup in ("[l](", "**x**", "http://", ":red[y]", "<b>"):
        assert markup not in shown


@pytest.mark.parametrize("page", ["budget", "rounds", "runs", "worst"])
def test_a_store_that_cannot_be_opened_is_one_sentence(
    page: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCORE_STORE", "not a url")
    app = open_page(page)
    assert not app.exception
    assert len(app.error) == 1
    assert "not a url" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AlcoreError("the disk is full; free some space"), "the disk is full"),
        (RuntimeError("secret detail"), "unexpected error (RuntimeError)"),
    ],
)
def test_errors_are_sentences_and_never_tracebacks(
    error: Exception,
    words: str,
    open_page: OpenPage,
    played: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Store, "rounds", fail)
    app = open_page("worst")
    assert not app.exception
    (shown,) = app.error
    assert words in shown.value.replace("\\", "")
    assert "secret detail" not in shown.value
