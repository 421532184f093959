"""Runs happen in a process of their own; the store is the only meeting point.

The dashboard puts runs into the store and starts a worker; the worker lives on when the
page is reloaded or the server stops.
"""

import os
import subprocess
import sys

from alcore.execution import Executor, Watch
from alcore.plugins import Registry
from alcore.store import RunState, Store


def work(
    store: Store,
    registry: Registry,
    *,
    experiment_id: int | None = None,
    watch: Watch = lambda step: None,
) -> dict[RunState, int]:
    """Carry out queued runs, oldest first, until there are none.

    Args:
        store: Where the runs wait.
        registry: Where their components are.
        experiment_id: Only the runs of this experiment; None for all.
        watch: Told of every step.

    Returns:
        How many runs ended in which state.
    """
    executor = Executor(store=store, registry=registry, watch=watch)
    ended: dict[RunState, int] = {}
    while (record := store.claim_run(experiment_id, process=process_name())) is not None:
        state = executor.execute(record)
        ended[state] = ended.get(state, 0) + 1
    return ended


def process_name() -> str:
    """Host and process id, to tell who has a run."""
    import platform

    return f"{platform.node()}:{os.getpid()}"


def start_worker(store: Store, experiment_id: int | None = None) -> int:
    """Start `alcore worker --once` on its own and return its process id.

    What it prints goes to ``worker.log`` in the store's folder.

    Args:
        store: Where the runs wait.
        experiment_id: Only the runs of this experiment; None for all.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    only = [] if experiment_id is None else ["--experiment", str(experiment_id)]
    with open(store.folder / "worker.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "alcore", "worker", "--once", *only],
            env={**os.environ, "ALCORE_STORE": store.url},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process.pid
