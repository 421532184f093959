"""Runs: the queue, progress and states."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from alcore.errors import AlcoreError, UsageError
from alcore.store import NewRun, RunState, Store, schema
from alcore.store.records import NEXT
from store.examples import (
    EVALUATION,
    add_dataset,
    add_runs,
    arrays,
    event,
    new_run,
    result,
    running,
)

CLAIM_ALL = """
import sys
from alcore.store import open_store
store = open_store(sys.argv[1])
while run := store.claim_run(process=sys.argv[2]):
    print(run.id)
"""


def test_a_run_comes_back(store: Store) -> None:
    given = dataclasses.replace(new_run(), seed=2**40)
    store.add_experiment("title", "", [given])
    found = store.runs()[0]
    assert NewRun(**{f.name: getattr(found, f.name) for f in dataclasses.fields(NewRun)}) == given
    assert (found.state, found.round, found.step, found.fraction) == (RunState.QUEUED, None, "", 0)
    assert (found.dataset_id, found.error, found.started_at, found.process) == (None,) * 4
    assert store.run(found.id) == found


def test_the_oldest_run_is_taken_first(store: Store) -> None:
    add_runs(store, 2)
    first = store.claim_run(process="host:1")
    assert first is not None
    assert (first.id, first.state, first.process) == (1, RunState.RUNNING, "host:1")
    assert first.started_at is not None
    assert first.started_at >= first.created_at
    second = store.claim_run(process="host:1")
    assert second is not None
    assert second.id == 2
    assert store.claim_run(process="host:1") is None


def test_a_claim_can_be_for_one_experiment(store: Store) -> None:
    add_runs(store, 1)
    other = add_runs(store, 1)
    run = store.claim_run(other, process="test")
    assert run is not None
    assert run.experiment_id == other
    assert store.claim_run(other, process="test") is None


def test_threads_never_take_the_same_run(store: Store) -> None:
    add_runs(store, 40)

    def claim(_: int) -> int | None:
        run = store.claim_run(process="thread")
        return None if run is None else run.id

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(claim, range(48)))
    assert sorted(filter(None, taken)) == list(range(1, 41))


def test_processes_never_take_the_same_run(store: Store) -> None:
    add_runs(store, 50)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, store.url, name], stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    taken = [[int(line) for line in process.communicate()[0].split()] for process in started]
    assert sorted(taken[0] + taken[1]) == list(range(1, 51))
    assert [run.id for run in store.runs() if run.process == "one"] == sorted(taken[0])


def test_a_failed_run_keeps_its_error(store: Store) -> None:
    run = running(store)
    store.finish(run, RunState.FAILED, error="no network", token=1)
    found = store.run(run)
    assert (found.state, found.error) == (RunState.FAILED, "no network")
    assert found.finished_at is not None


MOVES: list[tuple[RunState, Callable[..., None]]] = [
    (RunState.QUEUED, Store.resume_run),
    (RunState.AWAITING_LABELS, lambda store, run: store.change_state(run, "awaiting_labels")),
]


@pytest.mark.parametrize(("to", "move"), MOVES)
def test_only_legal_moves_are_made(store: Store, to: RunState, move: Callable[..., None]) -> None:
    run = running(store)
    for before in RunState:
        with store._database.write() as connection:
            connection.execute(sa.text("UPDATE runs SET state = :state"), {"state": before})
        if to in NEXT[before]:
            move(store, run)
            assert store.run(run).state is to
        else:
            with pytest.raises(AlcoreError, match=f"run {run} is {before} and cannot become {to}"):
                move(store, run)
            assert store.run(run).state is before


def ended(store: Store, state: RunState, error: str | None = None) -> int:
    run = running(store)
    store.finish(run, state, error, "Traceback ...", token=1)
    return run


def test_a_run_is_resumed_with_a_clean_slate(store: Store) -> None:
    run = ended(store, RunState.FAILED, "no network")
    assert store.traceback(run) == "Traceback ..."
    store.resume_run(run)
    found = store.run(run)
    assert (found.state, found.error, found.finished_at) == (RunState.QUEUED, None, None)
    assert store.traceback(run) is None
    again = store.claim_run(process="other")
    assert again is not None
    assert (again.id, again.token, again.started_at) == (run, 2, found.started_at)


def test_stopping_one_run_is_polite_first_and_firm_then(store: Store) -> None:
    run, other = running(store), add_runs(store)
    store.stop_run(run)
    assert (store.run(run).state, store.run(run).stop_now) == (RunState.STOPPING, False)
    store.stop_run(run)
    assert (store.run(run).state, store.run(run).stop_now) == (RunState.STOPPING, True)
    waiting = store.runs(other)[0]
    store.stop_run(waiting.id)
    assert store.run(waiting.id).state is RunState.STOPPED


def test_a_deleted_run_is_gone_with_its_files(store: Store) -> None:
    run = running(store)
    store.commit_round(run, result(), arrays(), [event()], {}, token=1)
    with pytest.raises(UsageError, match="is at work; stop it"):
        store.delete_run(run)
    store.log_file(run).parent.mkdir()
    store.log_file(run).write_text("said")
    store.finish(run, RunState.STOPPED, token=1)
    store.delete_run(run)
    with pytest.raises(AlcoreError, match="does not exist"):
        store.run(run)
    assert not [path for path in store.folder.rglob("*") if path.is_file()]
    with store._database.read() as connection:
        for table in (schema.rounds, schema.arrays, schema.label_events):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_what_people_say_of_a_run_is_kept_and_found(store: Store) -> None:
    experiment = add_runs(store, 3)
    first, second, _ = (run.id for run in store.runs(experiment))
    store.describe_run(
        first, title=" Baseline ", note="50 % of ours", tags=["Paper", "paper", "Süß.1"]
    )
    found = store.run(first)
    assert (found.title, found.note, found.tags) == ("Baseline", "50 % of ours", ("paper", "süß.1"))
    store.describe_run(second, tags=["pap"])
    store.describe_run(first, note="changed")
    assert store.run(first).title == "Baseline"
    for asked, expected in [
        ({"tag": "paper"}, [first]),
        ({"tag": "pap"}, [second]),
        ({"tag": "süß.1"}, [first]),
        ({"tag": "%"}, []),
        ({"search": "BASE entropy"}, [first]),
        ({"search": "base margin"}, []),
        ({"search": "100%"}, []),
    ]:
        runs, n = store.list_runs(**asked)  # type: ignore[arg-type]
        assert ([run.id for run in runs], n) == (expected, len(expected)), asked


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"title": "x" * 201}, "title has 201 characters"),
        ({"note": "x" * 10_001}, "note has 10001 characters"),
        ({"tags": ["two words"]}, "must be one word"),
        ({"tags": ['"']}, "must be one word"),
        ({"tags": [str(i) for i in range(21)]}, "21 tags are too many"),
    ],
)
def test_what_people_say_is_bounded(store: Store, words: dict[str, Any], sentence: str) -> None:
    run = running(store)
    with pytest.raises(UsageError, match=sentence):
        store.describe_run(run, **words)


def test_a_list_is_cut_and_filtered_newest_first(store: Store) -> None:
    one, other = add_runs(store, 4), add_runs(store, 3)
    taken = store.claim_run(process="test")
    assert taken is not None
    runs, n = store.list_runs(limit=3, offset=1)
    assert ([run.id for run in runs], n) == ([6, 5, 4], 7)
    assert [run.id for run in store.list_runs(experiment_id=one)[0]] == [4, 3, 2, 1]
    assert store.list_runs(states=[RunState.RUNNING], experiment_id=one)[0] == [taken]
    assert store.list_runs(states=[RunState.RUNNING], experiment_id=other) == ([], 0)


def test_a_list_knows_the_best_accuracy_and_the_labels(store: Store) -> None:
    run = running(store)
    for number, accuracy in enumerate((0.5, 0.8, 0.7)):
        test = dataclasses.replace(EVALUATION, accuracy=accuracy)
        store.commit_round(run, result(number, test=test), arrays(), [], {}, token=1)
    (found,), _ = store.list_runs()
    assert (found.best_accuracy, found.n_labelled, found.round) == (0.8, 150, 2)
    store.finish(run, RunState.DONE, token=1)
    assert store.run(run).fraction == 1.0


def test_finish_takes_an_end_and_change_state_does_not(store: Store) -> None:
    run = running(store)
    with pytest.raises(AlcoreError, match="which is no end"):
        store.finish(run, RunState.AWAITING_LABELS, token=1)
    with pytest.raises(AlcoreError, match="becomes done by"):
        store.change_state(run, RunState.DONE)
    assert store.run(run).state is RunState.RUNNING


def test_a_run_gets_its_dataset(store: Store) -> None:
    run, dataset = running(store), add_dataset(store)
    store.attach_dataset(run, dataset, token=1)
    assert store.run(run).dataset_id == dataset
    with pytest.raises(AlcoreError, match="dataset 9 does not exist"):
        store.attach_dataset(run, 9, token=1)


def test_an_unknown_run_is_named(store: Store) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: store.run(5),
        lambda: store.beat(5, 1, 0, "train", 0.5, None),
        lambda: store.resume_run(5),
        lambda: store.stop_run(5),
        lambda: store.delete_run(5),
        lambda: store.describe_run(5, title="x"),
        lambda: store.traceback(5),
        lambda: store.finish(5, RunState.DONE, token=1),
        lambda: store.attach_dataset(5, 1, token=1),
        lambda: store.rounds(5),
    ]
    for attempt in attempts:
        with pytest.raises(AlcoreError, match="run 5 does not exist"):
            attempt()
