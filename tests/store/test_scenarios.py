"""Runs in the background on both databases: servers and workers that come, die, sleep and stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from alcore.errors import LeaseLost
from alcore.store import RunState, Store
from alcore.worker import worker_alive
from store import postgres
from test_resume import assert_equal, story
from workers import environment, finished, queued, wait_until, worker

VISIT = """
from alcore.store import open_store
from alcore.worker import ensure_worker
ensure_worker(open_store())
"""


def state(store: Store, run_id: int = 1) -> RunState:
    return store.run(run_id).state


def rounds(store: Store, run_id: int = 1) -> int:
    return len(store.rounds(run_id))


def visit(store: Store) -> None:
    """What a page does: make sure that somebody works, and end."""
    subprocess.run([sys.executable, "-c", VISIT], env=environment(store), check=True)


def test_a_run_is_carried_out_by_a_worker_that_outlives_who_started_it(store: Store) -> None:
    queued(store, seconds=0.02)
    for _ in range(3):
        visit(store)  # each in a process that is gone by now
    wait_until(lambda: state(store) is RunState.DONE)
    run = store.run(1)
    assert (run.token, run.attempts) == (1, 0)  # three visits made one job
    assert rounds(store) == 4
    assert len({event.event_id for event in store.label_events(1)}) == 100
    wait_until(lambda: worker_alive(store) is None)


def test_a_killed_worker_is_replaced_and_the_run_resumed(store: Store, tmp_path: Path) -> None:
    queued(store, seconds=0.02)
    first = worker(store, lease=3.0)
    wait_until(lambda: rounds(store) >= 1)
    first.kill()
    first.communicate()
    at = rounds(store)
    queued(store)
    assert "2 done" in finished(_patient(store))
    run = store.run(1)
    assert (run.state, run.token) == (RunState.DONE, 2)
    assert run.attempts == 0  # it counts interruptions without a round between them
    assert at < rounds(store) == 4
    assert_equal(story(store, 1), story(store, 2))


def _patient(store: Store) -> "subprocess.Popen[str]":
    """A worker that is started once the lease of the one before is over."""
    wait_until(lambda: (store.expire_leases(), state(store))[1] is RunState.INTERRUPTED)
    return worker(store)


def test_a_worker_that_slept_past_its_lease_writes_nothing_more(store: Store) -> None:
    queued(store, seconds=0.03)
    asleep = worker(store, lease=3.0)
    wait_until(lambda: rounds(store) >= 1)
    # Right after a beat, so that it does not fall asleep in the middle of a transaction.
    before = store.run(1).fraction
    wait_until(lambda: store.run(1).fraction != before)
    os.kill(asleep.pid, signal.SIGSTOP)
    late = store.run(1)
    wait_until(lambda: (store.expire_leases(), state(store))[1] is RunState.INTERRUPTED)
    awake = worker(store, "--jobs", "2")  # the first place of this machine is taken
    wait_until(lambda: state(store) is RunState.RUNNING)
    os.kill(asleep.pid, signal.SIGCONT)
    assert "1 done" in finished(awake)
    assert "done" not in finished(asleep)
    run = store.run(1)
    assert (run.state, run.token, rounds(store)) == (RunState.DONE, 2, 4)
    assert len(store.label_events(1)) == 100
    with pytest.raises(LeaseLost):
        store.finish(1, RunState.FAILED, "late", token=late.token)


def test_a_slow_run_that_moves_is_never_taken_away(sqlite_store: Store) -> None:
    store = sqlite_store
    queued(store, seconds=0.5, samples=20)  # twenty steps of half a second, a lease of three
    slow = worker(store, lease=3.0)
    wait_until(lambda: state(store) is not RunState.QUEUED)
    while slow.poll() is None:
        store.expire_leases()
    assert (store.run(1).state, store.run(1).token) == (RunState.DONE, 1)
    slow.communicate()


def test_a_run_goes_on_by_itself_when_its_server_is_back(
    postgresql_store: Store, request: pytest.FixtureRequest
) -> None:
    store, server = postgresql_store, request.getfixturevalue("server")
    name = sa.make_url(store.url).database
    queued(store, seconds=0.02)
    waiting = worker(store)
    wait_until(lambda: rounds(store) >= 1)
    postgres.execute(
        server,
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    )
    time.sleep(2)  # a round takes a tenth of it
    postgres.execute(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    queued(store)
    said = finished(waiting)
    assert "2 done" in said and "not currently accepting connections" in said, said
    assert store.run(1).token == 2
    assert_equal(story(store, 1), story(store, 2))


def test_a_cancelled_run_ends_and_goes_on_when_resumed(store: Store) -> None:
    queued(store, seconds=0.03)
    cancelled = worker(store)
    wait_until(lambda: rounds(store) >= 1)
    store.stop_run(1)
    assert "1 stopped" in finished(cancelled)
    run, at = store.run(1), rounds(store)
    assert (run.state, run.error) == (RunState.STOPPED, None)
    assert 1 <= at < 4
    store.resume_run(1)
    queued(store)
    assert "2 done" in finished(worker(store))
    assert_equal(story(store, 1), story(store, 2))


def test_a_second_stop_ends_a_step_that_never_would(sqlite_store: Store) -> None:
    store = sqlite_store
    queued(store, kind="hang")
    hanging = worker(store)
    wait_until(lambda: rounds(store) >= 1)
    store.stop_run(1)
    wait_until(lambda: state(store) is RunState.STOPPING)
    store.stop_run(1)
    assert "1 stopped" in finished(hanging)


def test_one_machine_runs_one_at_a_time_unless_told(sqlite_store: Store) -> None:
    store = sqlite_store
    queued(store, seconds=0.02, seeds=4, samples=20)
    workers = [worker(store) for _ in range(3)]
    most = 0
    while any(process.poll() is None for process in workers):
        most = max(most, sum(run.state is RunState.RUNNING for run in store.runs()))
    for process in workers:
        process.communicate()
    assert most == 1
    assert {run.state for run in store.runs()} == {RunState.DONE}
    assert {run.token for run in store.runs()} == {1}


def test_a_worker_that_is_told_to_end_hands_its_run_back(sqlite_store: Store) -> None:
    store = sqlite_store
    queued(store, seconds=0.05)
    ended = worker(store)
    wait_until(lambda: rounds(store) >= 1)
    ended.send_signal(signal.SIGTERM)
    finished(ended)
    assert (state(store), store.run(1).error) == (
        RunState.INTERRUPTED,
        "its worker was told to end",
    )
    assert "1 done" in finished(worker(store))
