"""The process of one run: it plays, and tells its supervisor how far it is and how it ended.

Its supervisor is at the other end of a pipe. When that falls silent for good, so does this one:
nobody would renew its lease.
"""

import json
import os
import signal
import threading
from contextlib import suppress
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path

from alcore.errors import RunStopped
from alcore.execution import Step, perform
from alcore.plugins import Registry
from alcore.store import open_store

STOP = b"stop"


def main(supervisor: Connection, url: str, files: str, run_id: int, token: int, log: Path) -> None:
    """Play a claimed run.

    Args:
        supervisor: Gets JSON: a step, or {"outcome": ...} at the end. Sends STOP.
        url: Of the store.
        files: Folder of the store's files, as the environment variable ALCORE_FILES names it.
        run_id: The run.
        token: As claimed.
        log: Takes what is printed here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor
    if files:
        os.environ["ALCORE_FILES"] = files
    _print_to(log)
    orders = _Orders(supervisor)
    store = open_store(url)
    record = replace(store.run(run_id), token=token)
    outcome = perform(store, Registry.load(), record, orders.report)
    store.close()
    orders.send({"outcome": asdict(outcome)})


def _print_to(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)


class _Orders:
    """Hears the supervisor in a thread of its own, also while a long computation goes on."""

    def __init__(self, supervisor: Connection) -> None:
        self._supervisor = supervisor
        self._asked_to_stop = False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError, EOFError):
            while self._supervisor.recv_bytes() == STOP:
                self._asked_to_stop = True
        os._exit(1)  # whatever is half done is done again by whoever takes the run up

    def send(self, message: dict[str, object]) -> None:
        self._supervisor.send_bytes(json.dumps(message).encode())

    def report(self, step: Step) -> None:
        self.send(asdict(step))
        if self._asked_to_stop:
            raise RunStopped("the run was asked to stop")
