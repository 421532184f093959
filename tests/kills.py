"""Kill what plays a run, again and again, and see that the outcome is the same.

As a soak, not part of the tests: python tests/kills.py --kills 200
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from alcore.store import RunState, Store, open_store
from test_resume import assert_equal, story
from workers import environment, finished, queued, worker

ROUNDS = 6
LONGEST_LIFE = 3.0
VICTIMS = ("worker", "player", "all")


def kill_often(store: Store, kills: int, seed: int) -> dict[str, int]:
    """Play six-round runs until `kills` processes of theirs were killed.

    Every one of them must equal a run that nobody touched, and the store must be sound.

    Args:
        store: An empty one.
        kills: How many times.
        seed: Of the moments and victims.

    Returns:
        How many runs were compared, and how often each victim was killed.
    """
    rng = random.Random(seed)  # noqa: S311 -- moments of a test
    queued(store, samples=20 * (ROUNDS - 1))
    finished(worker(store))
    expected = story(store, 1)
    assert len(expected["rounds"]) == ROUNDS
    counts = dict.fromkeys(("runs", *VICTIMS), 0)
    while sum(counts[name] for name in VICTIMS) < kills:
        run_id = 2 + counts["runs"]
        queued(store, samples=20 * (ROUNDS - 1), seconds=0.02)
        while store.run(run_id).state is not RunState.DONE:
            enough = sum(counts[name] for name in VICTIMS) >= kills
            victim = _one_life(store, run_id, None if enough else rng)
            if victim:
                counts[victim] += 1
        assert_equal(expected, story(store, run_id))
        damage = [finding for finding in store.check() if finding.damage]
        assert not damage, damage
        counts["runs"] += 1
    return counts


def _one_life(store: Store, run_id: int, rng: random.Random | None) -> str | None:
    """Start a worker; kill something of it after a while; gives what was killed."""
    if store.run(run_id).state is RunState.FAILED:  # killed too often to be taken up by itself
        assert "3 times" in str(store.run(run_id).error)
        store.resume_run(run_id)
    command = [sys.executable, "-m", "alcore", "worker"]
    started = subprocess.Popen(
        [*command, "--once", "--lease", "1.5", "--jobs", "2"],
        env=environment(store),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if rng is None:
        started.wait(120)
    else:
        with suppress(subprocess.TimeoutExpired):
            started.wait(rng.uniform(0.5, LONGEST_LIFE))
    victim = None
    if started.poll() is None and rng is not None:
        victim = rng.choice(VICTIMS)
        _kill(started.pid, victim)
    if victim == "player":
        started.wait(120)  # the worker notices by itself
    _end(started)
    _wait_for_lease(store, run_id)
    return victim


def _session(pid: int) -> list[tuple[int, str]]:
    """Processes of a session, the youngest last, with their command lines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == pid:
                found.append((int(folder.name), (folder / "cmdline").read_text()))
    return sorted(found)


def _kill(pid: int, victim: str) -> None:
    others = [number for number, line in _session(pid) if number != pid and "forkserver" in line]
    chosen = {"worker": [pid], "player": others[-1:], "all": [*others, pid]}[victim]
    for number in chosen:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _end(started: "subprocess.Popen[Any]") -> None:
    if started.poll() is None:
        started.kill()
    started.wait()


def _wait_for_lease(store: Store, run_id: int) -> None:
    end = time.monotonic() + 30
    while store.run(run_id).state in (RunState.RUNNING, RunState.STOPPING):
        assert time.monotonic() < end, "the lease does not end"
        time.sleep(0.1)
        store.expire_leases()


@click.command()
@click.option("--kills", default=200, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(kills: int, seed: int) -> None:
    """Print how often what was killed."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/alcore.db")
        begun = time.monotonic()
        counts = kill_often(store, kills, seed)
        events = len(store.label_events(2))
        store.close()
    click.echo(f"{counts}, {events} labels a run, in {time.monotonic() - begun:.0f} s: all equal")


if __name__ == "__main__":
    main()
