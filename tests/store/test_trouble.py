"""Runs that get into trouble: each fails alone, with a sentence, and others go on."""

import pytest

from alcore.store import MAX_RESUMES, RunState, Store
from workers import finished, queued, worker


def rounds(store: Store) -> int:
    return len(store.rounds(1))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("raise", "RuntimeError: the gradient has gone fishing"),
        ("exit", "SystemExit: goodbye"),
        ("memory", "MemoryError: no room for 2 TB"),
        ("nan", "negative, infinite or not a number"),
    ],
)
def test_trouble_fails_one_run_with_a_sentence_and_a_traceback(
    sqlite_store: Store, kind: str, sentence: str
) -> None:
    queued(sqlite_store, kind=kind)
    queued(sqlite_store)
    assert "1 done, 1 failed" in finished(worker(sqlite_store))
    assert sentence in str(sqlite_store.run(1).error) and "\n" not in str(sqlite_store.run(1).error)
    trace = str(sqlite_store.traceback(1))
    assert trace.startswith("Traceback") and sentence.partition(":")[2] in trace
    assert sqlite_store.run(2).state is RunState.DONE
    if kind == "raise":
        assert "about to fail" in sqlite_store.log_file(1).read_text()


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("killed", "killed by signal 9"), ("os_exit", "code 3 and without a result")],
)
def test_a_process_that_dies_is_tried_again_and_then_failed(
    sqlite_store: Store, kind: str, sentence: str
) -> None:
    queued(sqlite_store, kind=kind)
    queued(sqlite_store)
    output = finished(worker(sqlite_store))
    assert "1 done, 1 failed, 2 interrupted" in output
    run = sqlite_store.run(1)
    assert (run.state, run.attempts) == (RunState.FAILED, MAX_RESUMES)
    assert sentence in str(run.error) and "3 times" in str(run.error)
    assert rounds(sqlite_store) == 1


def test_a_hung_run_is_ended_by_the_limit_of_a_step(sqlite_store: Store) -> None:
    queued(sqlite_store, kind="hang")
    assert "1 failed" in finished(worker(sqlite_store, "--step-limit", "0.1"))
    assert "nothing moved for 6 seconds in step 'train' of round 1" in str(
        sqlite_store.run(1).error
    )
