"""Workers in processes of their own, with the plugin of troubles installed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import Store

HERE = Path(__file__).parent
TEXT = """
strategies = ["{strategy}"]
seeds = {seeds}
[dataset]
name = "digits"
[model]
name = "trouble"
kind = "{kind}"
seconds = {seconds}
[splits]
initial = 40
validation = 0
test = 100
[budget]
samples = {samples}
batch = 20
"""


def environment(store: Store) -> dict[str, str]:
    before = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join([str(HERE / "troubles"), str(HERE), *before.split(os.pathsep)])
    return {**os.environ, "ALCORE_STORE": store.url, "PYTHONPATH": path}


def queued(
    store: Store,
    kind: str = "none",
    seconds: float = 0.0,
    seeds: int = 1,
    samples: int = 60,
    strategy: str = "entropy",
) -> int:
    """Queue an experiment; gives its id."""
    sys.path[:0] = [str(HERE / "troubles")]
    try:
        registry = Registry.load()
        text = TEXT.format(
            kind=kind, seconds=seconds, seeds=seeds, samples=samples, strategy=strategy
        )
        return queue_experiment(store, parse_experiment(text, registry), registry)
    finally:
        sys.path.remove(str(HERE / "troubles"))


def worker(store: Store, *options: str, lease: float = 10.0) -> subprocess.Popen[str]:
    """Start `alcore worker --once`."""
    command = [sys.executable, "-m", "alcore", "worker", "--once", "--lease", str(lease), *options]
    return subprocess.Popen(
        command, env=environment(store), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finished(process: subprocess.Popen[str]) -> str:
    """What a worker printed until it ended by itself."""
    output, _ = process.communicate(timeout=120)
    return output


def wait_until(true: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
