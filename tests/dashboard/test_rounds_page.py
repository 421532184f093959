"""The page "Accuracy per round" without a browser: every view, its empty and its error states."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from alcore.chosen import first_batches
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.results import ceiling
from alcore.store import RunState, Store
from alcore_dashboard.components.rounds_cache import moved_on
from carry_out import carry_out
from carry_out import play as play_run
from fakes import EXPERIMENT, Points, registry

OpenPage = Callable[..., AppTest]
VIEWS = ("learning", "classes", "batches", "confusion")


def takeaways(app: AppTest) -> list[str]:
    found = [str(text.value) for text in app.markdown if str(text.value).startswith("**")]
    return [text.replace("\\", "") for text in found]


def click(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label == label).click()
    return app.run()


def strategies_drawn(app: AppTest) -> list[str]:
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    return list(line["encoding"]["color"]["scale"]["domain"])


def play(store: Store, *overrides: str, finished: bool = True) -> int:
    made = registry()
    experiment = parse_experiment(EXPERIMENT, made, overrides=overrides)
    number = queue_experiment(store, experiment, made)
    if finished:
        carry_out(store, made)
    return number


def test_the_first_batch_stands_beside_what_is_claimed(open_page: OpenPage, empty: Store) -> None:
    claims = ["claims.source=somebody", "claims.chosen_minus_test=-10", "claims.gain=1"]
    number = play(empty, *claims)
    app = open_page("rounds", {"view": "batches"})
    (table,) = (one.value for one in app.table)
    margin = [run for run in empty.runs(number) if "margin" in run.strategy]
    gain = 100 * sum(one.gain for one in first_batches(empty, margin)) / len(margin)
    assert f"{gain:+.1f} points" in str(table["difference"].tolist()).replace("\\", "")
    assert len(table) == 4 and "now training data" in table["measured on"].iloc[3]
    assert [text.replace("\\", "") for text in table["claimed"]] == [
        "", "-10.0 points", "+1.0 points", ""
    ]  # fmt: skip
    captions = [one.value.replace("\\", "") for one in app.caption]
    assert any("claimed: somebody" in text for text in captions)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_a_takeaway_a_chart_and_a_download(
    view: str, open_page: OpenPage, played: Store
) -> None:
    app = open_page("rounds", {"view": view})
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert len(takeaways(app)) == 1
    assert app.get("vega_lite_chart")
    assert app.get("download_button")
    assert app.session_state["view"] == view


def test_the_address_reproduces_metric_axis_run_and_round(
    open_page: OpenPage, played: Store
) -> None:
    app = open_page("rounds", {"y": "recall_1", "x": "rounds"})
    assert (app.selectbox(key="y").value, app.selectbox(key="x").value) == ("recall_1", "rounds")
    assert "recall of right" in takeaways(app)[0]
    link = {"view": "confusion", "run": "3", "round": "2", "against": "first"}
    app = open_page("rounds", link)
    assert takeaways(app)[0].startswith("**Round 2 against round 0:")
    assert (app.selectbox(key="run").value, app.selectbox(key="round").value) == ("3", "2")


def test_what_is_chosen_stands_in_the_address(open_page: OpenPage, played: Store) -> None:
    app = open_page("rounds")
    app.selectbox(key="y").select("macro_f1").run()
    assert app.query_params["y"] == "macro_f1"
    assert app.query_params["experiment"] == "1"


def test_before_round_0_there_is_no_change(open_page: OpenPage, played: Store) -> None:
    app = open_page("rounds", {"view": "confusion", "round": "0", "against": "before"})
    assert not app.exception
    assert any("nothing to compare with" in text.value for text in app.caption)


def test_money_and_hours_are_offered_once_a_label_has_a_price(
    open_page: OpenPage, empty: Store
) -> None:
    number = play(empty)
    app = open_page("rounds")
    assert app.selectbox(key="x").options == ["labels", "rounds"]
    empty.set_experiment_settings(number, {"cost_per_label": 0.5, "currency": "EUR"})
    app = open_page("rounds", {"x": "money"})
    assert app.selectbox(key="x").value == "money"
    assert "cost of labels (EUR)" in app.selectbox(key="x").options


def test_experiments_with_equal_splits_share_the_chart_and_others_are_told_apart(
    open_page: OpenPage, empty: Store
) -> None:
    one, same, other = play(empty), play(empty, "budget.batch=5"), play(empty, "splits.test=20")
    app = open_page("rounds", {"experiment": str(one), "compare": f"{same}.{other}"})
    assert not app.exception
    assert [text.value for text in app.info] == [
        "“Points” is not on the chart: its test split has 20 samples, not 30."
    ]
    names = strategies_drawn(app)
    assert f"smallest margin · #{same}" in names
    assert not any(f"#{other}" in name for name in names)


def test_a_comparison_chosen_here_stands_in_the_address(open_page: OpenPage, empty: Store) -> None:
    play(empty, "seeds=1")
    play(empty, "seeds=1")
    app = open_page("rounds")
    app.button_group(key="compare_picked").set_value(["1"]).run()
    assert app.query_params["compare"] == "1"
    assert "random · #1" in strategies_drawn(app)


def test_the_ceiling_is_measured_by_one_click_and_then_drawn(
    open_page: OpenPage, empty: Store, started: list[Store]
) -> None:
    number = play(empty)
    app = click(open_page("rounds", {"experiment": str(number)}), "Measure the ceiling")
    assert empty in started
    newest = empty.experiments()[0]
    assert newest.title == "Whole pool: Points"
    assert any("is being measured" in text.value for text in app.caption)
    assert all(each.label != "Measure the ceiling" for each in app.button)
    carry_out(empty, registry())
    assert ceiling(empty, number) is not None
    app = open_page("rounds", {"experiment": str(number), "y": "macro_f1"})
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert "rule" in [layer["mark"]["type"] for layer in spec["layer"]]
    assert all(each.label != "Measure the ceiling" for each in app.button)


def test_an_experiment_is_named_and_described(open_page: OpenPage, empty: Store) -> None:
    number = play(empty, "seeds=1")
    app = open_page("rounds")
    app.session_state[f"manage_{number}"] = True
    app.run()
    next(each for each in app.text_input if each.label == "Title").set_value("Better *title*")
    app.text_area[0].set_value("What for")
    next(each for each in app.text_input if each.label == "Tags").set_value("Pilot week-1")
    click(app, "Save")
    found = empty.experiment(number)
    assert (found.title, found.note, found.tags) == (
        "Better *title*", "What for", ("pilot", "week-1")
    )  # fmt: skip
    assert app.selectbox(key="experiment").options == [f"{number} · Better *title*"]


def test_deleting_takes_two_clicks(open_page: OpenPage, empty: Store) -> None:
    number = play(empty, "seeds=1")
    app = open_page("rounds")
    app.session_state[f"manage_{number}"] = True
    click(app.run(), "Delete …")
    assert any("There is no way back" in text.value for text in app.warning)
    click(app, "Keep it")
    assert not app.warning
    click(app, "Delete …")
    click(app, "Delete for good")
    assert empty.experiments() == []
    assert any("There is no experiment yet" in str(text.value) for text in app.markdown)


def test_what_runs_cannot_be_deleted(open_page: OpenPage, empty: Store) -> None:
    number = play(empty, finished=False)
    app = open_page("rounds")
    app.session_state[f"manage_{number}"] = True
    app.run()
    assert any("stop it first" in text.value for text in app.caption)
    assert all(each.label != "Delete …" for each in app.button)


def test_while_it_waits_and_after_a_stop_it_is_said_what_is_missing(
    open_page: OpenPage, empty: Store
) -> None:
    number = play(empty, finished=False)
    app = open_page("rounds")
    assert any("The curve grows here" in str(text.value) for text in app.markdown)
    empty.request_stop(number)
    app = open_page("rounds")
    assert any("ended before its first round" in str(text.value) for text in app.markdown)
    assert any("stopped" in text.value for text in app.caption)


def test_a_stopped_run_with_rounds_still_shows_them(open_page: OpenPage, empty: Store) -> None:
    number = play(empty, "seeds=1", finished=False)
    made = registry()
    for state in (RunState.DONE, RunState.STOPPED):
        run = empty.claim_run(number, process="test")
        assert run is not None
        if state is RunState.DONE:
            play_run(empty, made, run)
        else:
            empty.finish(run.id, state, token=run.token)
    app = open_page("rounds")
    assert "Only random ran here" in takeaways(app)[0]
    assert app.get("vega_lite_chart")


def test_a_demonstration_starts_by_one_click(
    open_page: OpenPage, empty: Store, started: list[Store]
) -> None:
    app = open_page("rounds")
    app.session_state["start_way"] = "Ready-made"
    app.run()
    assert not app.exception
    app.button(key="start_digits_button").click()
    app.run()
    (record,) = empty.experiments()
    assert record.n_runs == 40
    assert empty in started
    assert "0 of 40 runs are over" in app.progress[0].text


def test_a_file_is_started_and_a_bad_one_is_one_sentence(open_page: OpenPage, empty: Store) -> None:
    app = open_page("rounds")
    app.session_state["start_way"] = "From a file"
    app.run()
    bad = EXPERIMENT.replace("smallest_margin", "smalest_margin").encode()
    app.file_uploader(key="start_file").set_value(("bad.toml", bad, "application/toml")).run()
    assert [error.value.replace("\\", "")[:7] for error in app.error] == ["line 3:"]
    good = EXPERIMENT.encode()
    app.file_uploader(key="start_file").set_value(("good.toml", good, "application/toml")).run()
    assert not app.error
    app.button(key="start_uploaded_button").click()
    app.run()
    (record,) = empty.experiments()
    assert (record.title, record.n_runs) == ("Points", 4)


def test_the_form_says_what_it_takes(open_page: OpenPage, played: Store) -> None:
    app = open_page("rounds")
    app.session_state["start_is_open"] = True
    app.run()
    app.selectbox(key="start_dataset").select("fake/points").run()
    app.selectbox(key="start_model").select("fake/centre")
    for name, value in {"initial": 6, "validation": 10, "test": 30, "samples": 20}.items():
        app.number_input(key=f"size_{name}").set_value(value)
    app.run()
    said = [text.value.replace("\\", "") for text in app.caption]
    assert any("40 runs of 2 rounds: about" in text for text in said), said
    app.number_input(key="size_samples").set_value(500).run()
    assert "the dataset has 120" in app.error[0].value.replace("\\", "")


def test_an_error_in_a_view_is_a_sentence(
    open_page: OpenPage, played: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Store, "dataset_labels", fail)
    app = open_page("rounds", {"view": "classes"})
    assert not app.exception
    (shown,) = app.error
    assert "unexpected error (RuntimeError)" in shown.value.replace("\\", "")
    assert "secret" not in shown.value


HOSTILE = "**x** [l](http://e.v) <b>&amp; :red[y] $z$ 💥 שלום " + "w" * 10_000


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_class_names_are_text_in_every_view(
    view: str, open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class HostilePoints(Points):
        def __init__(self) -> None:
            super().__init__()
            self.class_names = tuple(f"{i} {HOSTILE}" for i in range(3))

    monkeypatch.setattr("fakes.Points", HostilePoints)
    play(empty, "seeds=1")
    app = open_page("rounds", {"view": view, "y": "recall_0"})
    assert not app.exception
    assert not app.error
    kinds = ("markdown", "caption", "info", "warning")
    shown = "".join(str(element.value) for kind in kinds for element in app.get(kind))
    for markup in ("[l](", "**x**", "http://", ":red[y]", "<b>"):
        assert markup not in shown
    assert len(app.get("vega_lite_chart")[0].proto.spec) < 20_000


def test_advice_says_whether_to_go_on_and_what_the_random_share_measured(
    open_page: OpenPage, empty: Store
) -> None:
    play(empty, "selection.random_share=0.2", "selection.candidates=30")
    app = open_page("rounds", {"view": "advice"})
    assert not app.exception and not app.error
    assert takeaways(app)[0].startswith("**For the next labels: smallest margin.")
    (found,) = (one.value for one in app.table)
    assert set(found["advice"]) == {"stop"} and len(found) == 2
    assert all("The budget is spent" in why for why in found["why"])
    assert all("runs early" in text for text in found["in hindsight"])
    captions = " ".join(one.value.replace("\\", "") for one in app.caption)
    assert "estimated without bias" in captions and "looked at 30 samples" in captions


def test_what_is_kept_is_made_again_when_a_run_is_taken_up_or_deleted(played: Store) -> None:
    runs = played.runs(1)
    again = [replace(runs[0], token=runs[0].token + 1), *runs[1:]]
    assert moved_on(runs) == moved_on(played.runs(1))
    assert len({moved_on(runs), moved_on(runs[1:]), moved_on(again)}) == 3
