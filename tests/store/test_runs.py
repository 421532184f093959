"""Runs: the queue, progress and states."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.store import NewRun, RunState, Store
from alcore.store.records import NEXT
from store.examples import add_dataset, add_runs, new_run, running

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


def test_progress_is_kept_and_tells_of_a_stop(store: Store) -> None:
    run = running(store)
    assert store.progress(run, 2, "train", 0.25, 12.5) is False
    found = store.run(run)
    assert (found.round, found.step, found.fraction, found.eta_seconds) == (2, "train", 0.25, 12.5)
    store.request_stop(found.experiment_id)
    assert store.progress(run, 2, "train", 0.5, None) is True
    assert store.run(run).eta_seconds is None


@pytest.mark.parametrize("values", [(float("nan"), None), (0.5, float("inf"))])
def test_progress_must_be_finite(store: Store, values: tuple[float, float | None]) -> None:
    run = running(store)
    with pytest.raises(AlcoreError, match="must be finite"):
        store.progress(run, 0, "train", *values)


def test_a_run_that_is_over_makes_no_progress(store: Store) -> None:
    run = running(store)
    store.finish(run, RunState.DONE)
    with pytest.raises(AlcoreError, match=f"run {run} is done"):
        store.progress(run, 0, "train", 0.5, None)


def test_a_failed_run_keeps_its_error(store: Store) -> None:
    run = running(store)
    store.finish(run, RunState.FAILED, error="no network")
    found = store.run(run)
    assert (found.state, found.error) == (RunState.FAILED, "no network")
    assert found.finished_at is not None


MOVES: list[tuple[RunState, Callable[..., None]]] = [
    *((state, Store.finish) for state in RunState if state.is_over),
    (RunState.QUEUED, Store.change_state),
    (RunState.AWAITING_LABELS, Store.change_state),
]


@pytest.mark.parametrize(("to", "move"), MOVES)
def test_only_legal_moves_are_made(store: Store, to: RunState, move: Callable[..., None]) -> None:
    run = running(store)
    for before in RunState:
        with store._database.write() as connection:
            connection.execute(sa.text("UPDATE runs SET state = :state"), {"state": before})
        if to in NEXT[before]:
            move(store, run, to)
            assert store.run(run).state is to
        else:
            with pytest.raises(AlcoreError, match=f"run {run} is {before} and cannot become {to}"):
                move(store, run, to)
            assert store.run(run).state is before


def test_finish_takes_an_end_and_change_state_does_not(store: Store) -> None:
    run = running(store)
    with pytest.raises(AlcoreError, match="which is no end"):
        store.finish(run, RunState.AWAITING_LABELS)
    with pytest.raises(AlcoreError, match="becomes done by"):
        store.change_state(run, RunState.DONE)
    assert store.run(run).state is RunState.RUNNING


def test_a_run_gets_its_dataset(store: Store) -> None:
    run, dataset = running(store), add_dataset(store)
    store.attach_dataset(run, dataset)
    assert store.run(run).dataset_id == dataset
    with pytest.raises(AlcoreError, match="dataset 9 does not exist"):
        store.attach_dataset(run, 9)


def test_an_unknown_run_is_named(store: Store) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: store.run(5),
        lambda: store.progress(5, 0, "train", 0.5, None),
        lambda: store.finish(5, RunState.DONE),
        lambda: store.attach_dataset(5, 1),
        lambda: store.rounds(5),
    ]
    for attempt in attempts:
        with pytest.raises(AlcoreError, match="run 5 does not exist"):
            attempt()
