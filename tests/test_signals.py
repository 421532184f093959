"""Ctrl-C and SIGTERM end a run between two steps, and its experiment with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alcore.cli.signals import stoppable
from alcore.store import RunState, open_store
from fakes import EXPERIMENT


def test_the_first_signal_waits_for_the_check_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stoppable() as check:
        check()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            check()
        check()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_end_leaves_nothing_waiting(
    tmp_path: Path, number: signal.Signals
) -> None:
    text = EXPERIMENT.replace("points", "digits").replace("centre", "logistic")
    (tmp_path / "e.toml").write_text(text.replace("seeds = 2", "seeds = 500"))
    command = [sys.executable, "-m", "alcore", "run", str(tmp_path / "e.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        store = open_store()
        deadline = time.monotonic() + 60
        while not any(RunState.DONE in e.states for e in store.experiments()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert error.endswith(b"stopped\n") and b"Traceback" not in error
    (experiment,) = store.experiments()
    assert set(experiment.states) == {RunState.DONE, RunState.STOPPED}
