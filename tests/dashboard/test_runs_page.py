"""The page Runs without a browser: the list, one run in every state, any runs compared."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.store import RunRecord, RunState, Store
from carry_out import carry_out, play
from fakes import EXPERIMENT, registry

OpenPage = Callable[..., AppTest]
MARKUP = "**x** [l](http://e.v) <b> :red[y]"


def add(store: Store, *overrides: str) -> int:
    made = registry()
    return queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=overrides), made)


def claim(store: Store, **words: float) -> RunRecord:
    run = store.claim_run(process="host:7", **words)  # type: ignore[arg-type]
    assert run is not None
    return run


def end(store: Store, state: RunState, error: str = "the disk is full") -> RunRecord:
    """The oldest waiting run in a state in which nobody works on it."""
    run = claim(store)
    if state is RunState.INTERRUPTED:
        store.interrupt(run.id, run.token, error)
    else:
        failed = state is RunState.FAILED
        store.finish(
            run.id, state, error if failed else None, "Traceback: here" if failed else None,
            token=run.token,
        )  # fmt: skip
    return run


def texts(app: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "info", "subheader", "text")
    return "\n".join(str(e.value) for kind in kinds for e in app.get(kind)).replace("\\", "")


def click(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label == label).click()
    return app.run()


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def listed(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["run"])


def opened(open_page: OpenPage, run: RunRecord) -> AppTest:
    app = open_page("runs", {"run": str(run.id)})
    assert not app.exception
    return app


def test_runs_are_listed_with_their_numbers_the_newest_first(
    open_page: OpenPage, empty: Store
) -> None:
    add(empty)
    play(empty, registry(), claim(empty))
    at_work = claim(empty)
    empty.beat(at_work.id, at_work.token, 1, "train", 0.4, 80.0)
    app = open_page("runs")
    assert not app.exception and not app.error
    table = app.dataframe[0].value.set_index("run")
    assert list(table.index) == ["4", "3", "2", "1"]
    assert list(table["state"]) == ["○ waiting", "○ waiting", "▶ running", "✓ done"]
    assert table.loc["1", "round"] == "3 of 3" and table.loc["1", "labels"] == 31
    assert table.loc["1", "best accuracy"] == 100 * (empty.run(1).best_accuracy or 0)
    assert table.loc["2", ["round", "progress", "time left"]].tolist() == ["1 of 3", 0.4, "80 s"]
    assert "○ 2 waiting, ▶ 1 running, ✓ 1 done" in texts(app)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "failed"}, ["2"]),
        ({"state": "moving"}, ["6", "5", "4", "3"]),
        ({"of": "2"}, ["6", "5"]),
        ({"of": "1", "words": "RANDOM"}, ["3", "1"]),
        ({"words": "margin first"}, ["2"]),
        ({"tag": "Pilot"}, ["5"]),
    ],
)
def test_filters_stand_in_the_address(
    query: dict[str, str], found: list[str], open_page: OpenPage, empty: Store
) -> None:
    add(empty)
    add(empty, "seeds=1")
    end(empty, RunState.DONE)
    end(empty, RunState.FAILED)
    empty.describe_run(2, title="the first of all")
    empty.describe_run(5, tags=["pilot"])
    assert listed(open_page("runs", query)) == found


def test_a_filter_that_nothing_passes_is_taken_back(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    app = open_page("runs", {"state": "failed", "words": "nothing", "tag": "pilot", "of": "1"})
    assert "No run is like that." in texts(app)
    assert len(listed(click(app, "Show all runs"))) == 4


def test_more_than_a_page_is_turned_over_and_a_new_filter_starts_again(
    open_page: OpenPage, empty: Store
) -> None:
    add(empty, "seeds=40")
    app = open_page("runs", {"page": "2"})
    assert listed(app) == [str(i) for i in range(30, 0, -1)]
    app.text_input(key="words").set_value("seed").run()
    app.text_input(key="words").set_value("a").run()
    assert listed(app)[0] == "80" and len(listed(app)) == 50


def test_a_stop_is_polite_and_then_firm(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    run = claim(empty)
    app = click(opened(open_page, run), "Stop")
    assert empty.run(run.id).state is RunState.STOPPING
    assert "after the batch at hand" in texts(app)
    app = click(app, "Stop now")
    assert empty.run(run.id).stop_now
    assert next(each for each in app.button if each.label == "Stop now").disabled
    assert "It ends at once" in texts(app)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (RunState.STOPPED, "Resume"),
        (RunState.INTERRUPTED, "Resume"),
        (RunState.FAILED, "Try again"),
    ],
)
def test_what_ended_early_goes_on(
    state: RunState, label: str, open_page: OpenPage, empty: Store, started: list[Store]
) -> None:
    add(empty, "seeds=1", "strategies=random")
    run = end(empty, state)
    app = opened(open_page, run)
    assert (empty in started) == (state is RunState.INTERRUPTED)  # that one waits by itself
    app = click(app, label)
    assert empty.run(run.id).state is RunState.QUEUED
    assert empty in started
    assert "It waits for a worker" in texts(app)


def test_a_failed_run_says_why_and_keeps_its_traceback(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    app = opened(open_page, end(empty, RunState.FAILED))
    assert [error.value for error in app.error] == ["Failed\\: the disk is full\\."]
    assert "Traceback: here" in [code.value for code in app.code]


def test_an_interrupted_run_says_how_often_it_was_taken_up(
    open_page: OpenPage, empty: Store
) -> None:
    add(empty, "seeds=1", "strategies=random")
    end(empty, RunState.INTERRUPTED)
    app = opened(open_page, end(empty, RunState.INTERRUPTED))
    assert "by itself where its rounds end (1 of 2 times since its newest round)" in texts(app)


def test_a_visit_takes_runs_from_a_worker_that_fell_silent(
    open_page: OpenPage, empty: Store, started: list[Store]
) -> None:
    add(empty, "seeds=1", "strategies=random")
    run = claim(empty, lease_seconds=-1.0)
    app = opened(open_page, run)
    assert empty.run(run.id).state is RunState.INTERRUPTED
    assert started == [empty]
    assert "fell silent" in texts(app)


def test_deleting_takes_two_clicks_and_never_what_is_at_work(
    open_page: OpenPage, empty: Store
) -> None:
    add(empty)
    done, at_work = end(empty, RunState.DONE), claim(empty)
    assert "Delete …" not in labels(opened(open_page, at_work))
    app = click(opened(open_page, done), "Delete …")
    assert "There is no way back" in texts(app)
    app = click(click(app, "Keep it"), "Delete …")
    app = click(app, "Delete for good")
    assert [run.id for run in empty.runs()] == [2, 3, 4]
    assert not app.exception and not app.error
    assert "Run 1" not in texts(app) and "run" not in app.query_params


def test_title_note_and_tags_are_kept_or_refused_in_a_sentence(
    open_page: OpenPage, empty: Store
) -> None:
    add(empty)
    app = open_page("runs", {"run": "1"})
    app.session_state["edit_1"] = True
    app.run()
    fields = {each.label: each for each in (*app.text_input, *app.text_area)}
    fields["Title"].set_value("Baseline")
    fields["Note"].set_value("two\nlines")
    fields["Tags"].set_value("Pilot week-1")
    app = click(app, "Save")
    run = empty.run(1)
    assert (run.title, run.note, run.tags) == ("Baseline", "two\nlines", ("pilot", "week-1"))
    assert "Run 1 · Baseline" in texts(app) and "two\nlines" in texts(app)
    next(each for each in app.text_input if each.label == "Tags").set_value("a,b")
    assert "must be one word" in texts(click(app, "Save"))
    assert empty.run(1).tags == ("pilot", "week-1")


def test_the_log_is_read_when_it_is_opened(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    app = open_page("runs", {"run": "1"})
    assert not app.code
    app.session_state["log_1"] = True
    assert "printed nothing" in app.run().code[0].value
    log = empty.log_file(1)
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\x1b[31mred\x1b[0m <b>**x**\n")
    assert app.run().code[0].value == "red <b>**x**"


def test_runs_are_compared_with_random_of_their_seed(open_page: OpenPage, played: Store) -> None:
    app = open_page("runs", {"runs": "2,4"})
    assert not app.exception and not app.warning
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    domain = line["encoding"]["color"]["scale"]["domain"]
    assert [name.partition(" ")[0] for name in domain] == ["2", "4", "1", "3"]
    dashes = line["encoding"]["strokeDash"]["scale"]["range"]
    assert [len(dash) and dash != [1, 0] for dash in dashes] == [False, False, True, True]
    assert spec["title"]["subtitle"] == "n = 30 test samples; 4 runs, seeds 0, 1"
    table = app.dataframe[1].value
    ends = {run: played.rounds(run)[-1].test.accuracy for run in (1, 2)}
    assert table["against random"][0] == f"{100 * (ends[2] - ends[1]):+.1f} points at 31 labels"
    assert table["against random"][2] == "baseline"


def test_runs_that_cannot_be_compared_are_named(open_page: OpenPage, empty: Store) -> None:
    add(empty, "seeds=1")
    add(empty, "seeds=1", "splits.test=20")
    carry_out(empty, registry())
    app = open_page("runs", {"runs": "1,3"})
    assert "cannot be held against the others: its test split has 20 samples" in texts(app)
    assert app.get("vega_lite_chart")


def test_runs_without_a_round_and_runs_that_are_gone(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    app = open_page("runs", {"runs": "1,2,99", "run": "98"})
    assert "No round is finished yet by run 1, 2." in texts(app)
    assert "asks for run “98”, which is not here" in texts(app)
    click(app, "Untick 3")
    assert "runs" not in app.query_params


def test_a_run_that_was_opened_is_closed(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    app = click(open_page("runs", {"run": "3"}), "Close")
    assert "Run 3" not in texts(app) and "run" not in app.query_params


def test_the_address_of_another_page_opens_the_same_run(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"run": "4"})
    assert "Run 4" in texts(app.switch_page("app_pages/runs.py").run())


def test_hostile_words_are_only_text(open_page: OpenPage, empty: Store) -> None:
    add(empty)
    run = end(empty, RunState.FAILED, error=f"{MARKUP} {'w' * 5_000}")
    empty.describe_run(run.id, title=MARKUP, note=MARKUP)
    empty.rename_experiment(1, MARKUP)
    app = opened(open_page, run)
    shown = [str(e.value) for kind in ("markdown", "error", "subheader") for e in app.get(kind)]
    assert not [raw for raw in ("**x**", "[l](", "<b>", ":red[") for text in shown if raw in text]
    assert [text.value for text in app.text] == [MARKUP]
