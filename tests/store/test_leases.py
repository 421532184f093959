"""Who has a run: beats, silence, takeovers, and late writers."""

from collections.abc import Callable

import pytest

from alcore.errors import AlcoreError, LeaseLost
from alcore.store import MAX_RESUMES, Order, RunRecord, RunState, Store
from store.examples import add_dataset, add_runs, arrays, event, result

OVER = -1.0  # seconds of a lease that is over at once


def claimed(store: Store, seconds: float = 60.0) -> RunRecord:
    run = store.claim_run(process="one", lease_seconds=seconds)
    assert run is not None
    return run


def test_a_beat_keeps_the_progress_and_tells_what_to_do(store: Store) -> None:
    experiment = add_runs(store)
    run = claimed(store)
    assert store.beat(run.id, run.token, 2, "train", 0.25, 12.5) is Order.GO_ON
    found = store.run(run.id)
    assert (found.round, found.step, found.fraction, found.eta_seconds) == (2, "train", 0.25, 12.5)
    store.request_stop(experiment)
    assert store.beat(run.id, run.token, 2, "train", 0.5, None) is Order.STOP
    store.request_stop(experiment)
    assert store.beat(run.id, run.token, 2, "train", 0.5, None) is Order.STOP_NOW
    assert store.run(run.id).eta_seconds is None


@pytest.mark.parametrize("values", [(float("nan"), None), (0.5, float("inf"))])
def test_progress_must_be_finite(store: Store, values: tuple[float, float | None]) -> None:
    add_runs(store)
    run = claimed(store)
    with pytest.raises(AlcoreError, match="must be finite"):
        store.beat(run.id, run.token, 0, "train", *values)


def test_a_beating_run_stays_and_a_silent_one_is_interrupted(store: Store) -> None:
    add_runs(store, 2)
    silent, beating = claimed(store, OVER), claimed(store, OVER)
    store.beat(beating.id, beating.token, 0, "train", 0.5, None)
    store.expire_leases()
    assert store.run(silent.id).state is RunState.INTERRUPTED
    assert "fell silent" in str(store.run(silent.id).error)
    assert store.run(beating.id).state is RunState.RUNNING


def test_a_silent_worker_that_nobody_missed_goes_on(store: Store) -> None:
    add_runs(store)
    run = claimed(store, OVER)
    store.beat(run.id, run.token, 0, "train", 0.5, None)
    store.commit_round(run.id, result(), arrays(), [event()], {}, token=run.token)


def test_an_interrupted_run_is_taken_up_so_many_times_and_then_failed(store: Store) -> None:
    add_runs(store)
    for attempt in range(MAX_RESUMES + 1):
        run = claimed(store, OVER)
        assert (run.id, run.token, run.attempts) == (1, attempt + 1, attempt)
        store.expire_leases()
    failed = store.run(1)
    assert failed.state is RunState.FAILED
    assert "that happened 3 times" in str(failed.error)
    assert store.claim_run(process="two") is None
    store.resume_run(1)
    assert claimed(store).attempts == 0


def test_a_round_in_between_makes_interruptions_count_anew(store: Store) -> None:
    add_runs(store)
    claimed(store, OVER)
    store.expire_leases()
    run = claimed(store)
    assert run.attempts == 1
    store.commit_round(run.id, result(), arrays(), [event()], {}, token=run.token)
    assert store.run(run.id).attempts == 0


def test_a_run_that_was_being_stopped_is_stopped_when_its_worker_dies(store: Store) -> None:
    experiment = add_runs(store)
    claimed(store, OVER)
    store.request_stop(experiment)
    store.expire_leases()
    assert store.run(1).state is RunState.STOPPED


def writes(store: Store, run: RunRecord) -> list[Callable[[], object]]:
    dataset = add_dataset(store)
    return [
        lambda: store.beat(run.id, run.token, 0, "train", 0.5, None),
        lambda: store.commit_round(run.id, result(), arrays(), [event()], {}, token=run.token),
        lambda: store.attach_dataset(run.id, dataset, token=run.token),
        lambda: store.finish(run.id, RunState.DONE, token=run.token),
        lambda: store.interrupt(run.id, run.token, "died"),
    ]


def test_a_late_writer_is_refused_whatever_it_writes(store: Store) -> None:
    add_runs(store)
    late = claimed(store, OVER)
    store.expire_leases()
    for write in writes(store, late):
        with pytest.raises(LeaseLost, match="run 1 is interrupted"):
            write()
    claimed(store)
    before = store.run(1)
    for write in writes(store, late):
        with pytest.raises(LeaseLost, match="has been taken over by one"):
            write()
    assert store.run(1) == before and not store.rounds(1) and not store.label_events(1)


def test_who_gives_a_run_up_says_why(store: Store) -> None:
    add_runs(store)
    run = claimed(store)
    assert store.interrupt(run.id, run.token, "killed by signal 9") is RunState.INTERRUPTED
    assert store.run(1).error == "killed by signal 9"
    assert store.has_waiting() and store.has_waiting(1) and not store.has_waiting(2)
