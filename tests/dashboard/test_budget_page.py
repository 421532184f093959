"""The Budget page without a browser: entry, costs, parts, empty states."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from alcore.components import StrategySpec
from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.rounds import RoundArrays
from alcore.store import Store
from alcore.strategies import Criterion
from alcore.types import FloatArray
from alcore_dashboard import shared
from carry_out import carry_out
from fakes import EXPERIMENT, plugin, registry

OpenPage = Callable[..., AppTest]
SAMPLES, PERCENT, MONEY, HOURS = (f"budget_{i}" for i in range(4))
POOL = 120 - 6 - 10 - 30 - 25


def takeaway(app: AppTest) -> str:
    return str(app.markdown[0].value).replace("\\", "")


def texts(app: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "subheader")
    said = "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
    return said.replace("\\", "")


def linked(open_page: OpenPage, part: str = "The list to label", **query: str) -> AppTest:
    """The page as this address shows it; pages opened before it have an `n` of their own."""
    app = open_page("budget", {"part": part})
    app.query_params.update(query)
    return app.run()


@pytest.fixture
def own_run(empty: Store) -> Store:
    """A store of one run that may be written to."""
    made = registry()
    experiment = parse_experiment(EXPERIMENT, made, overrides=["seeds=1"])
    queue_experiment(empty, experiment, made)
    carry_out(empty, made)
    return empty


def with_costs(store: Store, **settings: float | str) -> None:
    store.set_experiment_settings(store.experiments()[0].id, settings)


def test_the_cut_starts_at_the_batch_of_the_run(open_page: OpenPage, played: Store) -> None:
    app = open_page("budget")
    assert not app.exception
    assert app.slider(key="n").value == 5
    assert takeaway(app).startswith(
        f"**5 labels are {5 / POOL:.0%} of the pool; by smallest margin"
    )


def test_a_deep_link_opens_the_same_cut_run_criterion_and_part(
    open_page: OpenPage, played: Store
) -> None:
    run = played.runs()[-1]
    app = linked(open_page, "Other criteria", n="13", run=str(run.id), criterion="entropy")
    assert app.slider(key="n").value == 13
    assert "by entropy" in takeaway(app)
    assert "Of the 13 samples entropy picks" in texts(app)
    assert not app.dataframe


@pytest.mark.parametrize(
    ("field", "entered", "n"),
    [(SAMPLES, 9, 9), (PERCENT, 50.0, POOL // 2), (MONEY, 3.0, 12), (HOURS, 0.1, 10)],
)
def test_every_unit_converts_into_the_others(
    field: str, entered: float, n: int, open_page: OpenPage, own_run: Store
) -> None:
    with_costs(own_run, cost_per_label=0.25, currency="EUR", seconds_per_label=36)
    app = open_page("budget")
    app.number_input(key=field).set_value(entered).run()
    assert not app.exception
    assert app.slider(key="n").value == n
    assert app.number_input(key=SAMPLES).value == n
    assert app.number_input(key=MONEY).value == n * 0.25
    assert app.number_input(key=HOURS).value == n / 100
    assert f"({n * 0.25:,.2f}".removesuffix(".00") in takeaway(app)
    assert app.number_input(key=MONEY).label == "Money (EUR)"


def test_what_is_left_of_a_budget_is_said(open_page: OpenPage, own_run: Store) -> None:
    with_costs(own_run, cost_per_label=0.3, currency="USD")
    app = open_page("budget")
    app.number_input(key=MONEY).set_value(1.0).run()
    assert "1 buys 3 whole labels; 0.1 is left over." in texts(app)
    assert app.number_input(key=MONEY).value == 0.9
    app.number_input(key=MONEY).set_value(0.2).run()
    assert "0.2 buys no label: the smallest budget is 0.3." in texts(app)
    app.number_input(key=MONEY).set_value(1000.0).run()
    assert f"would buy 3,333 labels; the pool has {POOL}" in texts(app)
    assert "covers the whole pool" in takeaway(app)
    assert "Nothing is left outside" in texts(app)


def test_without_costs_money_and_hours_are_closed(open_page: OpenPage, played: Store) -> None:
    app = open_page("budget")
    closed = {field.label for field in app.number_input if field.disabled}
    assert closed == {"Money", "Hours"}


def save_costs(app: AppTest, cost: float | None, currency: str, seconds: float | None) -> None:
    app.number_input(key="costs_1_cost").set_value(cost)
    app.text_input(key="costs_1_currency").set_value(currency)
    app.number_input(key="costs_1_seconds").set_value(seconds)
    next(button for button in app.button if button.label == "Save").click()
    app.run()


def test_costs_are_remembered_for_the_experiment(open_page: OpenPage, own_run: Store) -> None:
    with_costs(own_run, colour="blue")
    app = open_page("budget")
    save_costs(app, 0.5, "gbp", 7.2)
    assert not app.error
    settings = own_run.experiments()[0].settings
    assert settings == {
        "colour": "blue",
        "cost_per_label": 0.5,
        "currency": "GBP",
        "seconds_per_label": 7.2,
    }
    assert "(2.50 GBP, 36 s)" in takeaway(open_page("budget"))
    save_costs(app, None, "GBP", None)
    assert own_run.experiments()[0].settings == {"colour": "blue"}


def test_costs_that_somebody_else_saved_are_not_overwritten_unseen(
    open_page: OpenPage, own_run: Store
) -> None:
    app = open_page("budget")
    own_run.set_experiment_settings(1, {"cost_per_label": 0.1, "currency": "EUR"})
    save_costs(app, None, "", 5.0)
    assert own_run.experiments()[0].settings == {"cost_per_label": 0.1, "currency": "EUR"}
    assert "Other costs were saved meanwhile" in app.warning[0].value
    assert app.number_input(key="costs_1_cost").value == 0.1
    save_costs(app, 0.1, "EUR", 5.0)
    assert own_run.experiments()[0].settings["seconds_per_label"] == 5.0


def test_costs_that_make_no_sense_are_refused_in_a_sentence(
    open_page: OpenPage, own_run: Store
) -> None:
    app = open_page("budget")
    save_costs(app, 0.5, "€", None)
    assert "three letters such as EUR, not '€'" in app.error[0].value.replace("\\", "")
    assert own_run.experiments()[0].settings == {}


def test_classes_are_shown_by_prediction_and_in_simulations_by_truth(
    open_page: OpenPage, played: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = texts(open_page("budget", {"part": "Classes"}))
    assert "By predicted class" in said
    assert "By true class" in said
    assert f"Simulation: the dataset knows the true class of {POOL} of {POOL}" in said
    monkeypatch.setattr(Store, "dataset_labels", lambda *_: None)
    assert "true class" not in texts(open_page("budget", {"part": "Classes"}))


def test_earlier_batches_are_shown_with_their_price(open_page: OpenPage, own_run: Store) -> None:
    with_costs(own_run, cost_per_label=1, currency="EUR")
    app = linked(open_page, "Earlier batches", n="10")
    assert "per 100 labels" in texts(app)
    table = app.table[0].value
    assert list(table["labels"]) == ["6 → 16", "16 → 26", "26 → 31"]
    assert "points per 100 EUR" in table.columns


def test_cards_stand_on_both_sides_of_the_cut(open_page: OpenPage, played: Store) -> None:
    said = texts(linked(open_page, n="20"))
    assert "**20.** point-" in said
    assert "**21.** point-" in said
    assert "**16.** " not in said
    assert "**25.** " not in said


def pool_gone(store: Store, monkeypatch: pytest.MonkeyPatch, *, exhausted: bool) -> None:
    read = Store.round_arrays

    def without(self: Store, run_id: int, number: int) -> RoundArrays:
        arrays = read(self, run_id, number)
        gone = replace(arrays, pool=arrays.pool[:0], probabilities=arrays.probabilities[:0])
        return replace(gone, worst=np.empty(0, np.int64)) if exhausted else gone

    monkeypatch.setattr(Store, "round_arrays", without)


@pytest.mark.parametrize(
    ("exhausted", "words"), [(True, "Everything is labelled"), (False, "were pruned")]
)
def test_a_run_without_a_pool_says_why(
    exhausted: bool,
    words: str,
    open_page: OpenPage,
    played: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool_gone(played, monkeypatch, exhausted=exhausted)
    app = open_page("budget")
    assert not app.exception
    assert words in texts(app)
    assert not app.slider


def test_a_run_that_waits_says_so(open_page: OpenPage, empty: Store) -> None:
    made = registry()
    queue_experiment(empty, parse_experiment(EXPERIMENT, made), made)
    assert "has not finished a round yet" in texts(open_page("budget"))
    for run in empty.runs():
        empty.stop_run(run.id)
        empty.delete_run(run.id)
    for page in ("budget", "worst", "rounds"):
        app = open_page(page)
        assert not app.exception and "All runs of this experiment were deleted." in texts(app)


def test_a_criterion_that_fails_is_left_out_and_named(
    open_page: OpenPage, played: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(probabilities: FloatArray) -> FloatArray:
        raise ZeroDivisionError("[l](http://e.v)")

    criterion = Criterion(name="broken", direction="max", formula=broken)
    spec = StrategySpec(name="broken", summary="s", make=lambda options: None, criterion=criterion)
    found = Registry(plugins=(*registry().plugins, plugin(("strategy", spec))))
    app = open_page("budget", {"part": "Other criteria"})
    monkeypatch.setattr(shared, "shared_registry", lambda: found)
    app.run()
    assert not app.exception
    assert len(app.warning) == 1
    assert "criterion 'broken' failed with ZeroDivisionError" in texts(app)
    app.selectbox(key="criterion").set_value("broken").run()
    assert len(app.error) == 1
    assert "choose another one" in texts(app)
