"""Runs happen in processes of their own; the store is the only meeting point.

The dashboard and `alcore run` put runs into the store and start a worker where none is alive; it
lives on when the page is reloaded, the server stops or the terminal is closed.
"""

import logging
import multiprocessing
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from alcore.errors import AlcoreError
from alcore.store import LEASE_SECONDS, RunState, Store
from alcore.supervision import Supervised

STEP_SECONDS = 3600.0
PRELOADED = ("alcore.child", "sklearn.linear_model")
"""What is imported once for all runs of a worker, where processes can be forked."""
_LOGGER = logging.getLogger(__name__)
_POLL_SECONDS = 0.5
_SECONDS_BETWEEN_EXPIRIES = 5.0
_SECONDS_TO_START = 30.0
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


@dataclass(kw_only=True)
class Worker:
    """Carries out runs of a store until there are none, or for ever.

    Attributes:
        store: Where runs wait.
        jobs: At most as many at a time on this machine, other workers' included.
        experiment_id: Only the runs of this experiment; None for all.
        lease_seconds: A run is taken from a worker that was silent for longer.
        step_seconds: A run is ended when it reports no step for longer.
        check: Called between two steps; may raise KeyboardInterrupt to end the worker.
    """

    store: Store
    jobs: int = 1
    experiment_id: int | None = None
    lease_seconds: float = LEASE_SECONDS
    step_seconds: float = STEP_SECONDS
    check: Callable[[], None] = lambda: None
    _at_work: list[tuple[Supervised, FileLock]] = field(default_factory=list)
    _ended: dict[RunState, int] = field(default_factory=dict)
    _expired: float = float("-inf")
    _reached: float = field(default_factory=time.monotonic)

    def work(self, *, once: bool) -> dict[RunState, int]:
        """Work; gives how many runs ended in which state.

        Args:
            once: End when nothing is left to do.
        """
        context = _context(self.jobs)
        try:
            # One that takes some runs only must not keep others from starting a worker.
            whole = self.experiment_id is None
            with _sign_of_life(self.store) if whole else nullcontext(lambda: None) as alive:
                while True:
                    self.check()
                    alive()
                    with self._patience():
                        self._expire()
                        self._start_waiting(context)
                        if once and not self._at_work and not self._waits():
                            break
                    self._attend()
            if once and self._waits():  # queued by somebody who saw that this one was alive
                return self.work(once=True)
        except KeyboardInterrupt:
            for supervised, slot in self._at_work:
                supervised.give_up("its worker was told to end")
                slot.release()
            raise
        return self._ended

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """A database that is away or busy for less than a lease does not end the worker."""
        try:
            yield
            self._reached = time.monotonic()
        except AlcoreError as error:
            if not self._at_work and time.monotonic() - self._reached > self.lease_seconds:
                raise
            _LOGGER.warning("%s", error)
            time.sleep(_POLL_SECONDS)

    def _expire(self) -> None:
        if time.monotonic() - self._expired > _SECONDS_BETWEEN_EXPIRIES:
            self.store.expire_leases()
            self._expired = time.monotonic()

    def _waits(self) -> bool:
        return self.store.has_waiting(self.experiment_id)

    def _start_waiting(self, context: Any) -> None:
        while len(self._at_work) < self.jobs and self._waits():
            if (slot := _free_slot(self.store, self.jobs)) is None:
                return
            run = None
            try:
                run = self.store.claim_run(
                    self.experiment_id, process=process_name(), lease_seconds=self.lease_seconds
                )
            finally:
                if run is None:
                    slot.release()
            if run is None:
                return
            started = Supervised.start(
                context, self.store, run, self.lease_seconds, self.step_seconds
            )
            self._at_work.append((started, slot))

    def _attend(self) -> None:
        pipes = [supervised.pipe for supervised, _ in self._at_work]
        if pipes:
            connection.wait(pipes, _POLL_SECONDS)
        else:
            time.sleep(_POLL_SECONDS)
        for pair in list(self._at_work):
            supervised, slot = pair
            try:
                state = supervised.attend()
            except AlcoreError as error:  # the database is full or away: the lease still runs
                _LOGGER.warning("run %d: %s", supervised.run.id, error)
                time.sleep(_POLL_SECONDS)
                state = RunState.INTERRUPTED if supervised.is_over else None
            if state is not None:
                self._ended[state] = self._ended.get(state, 0) + 1
                self._at_work.remove(pair)
                slot.release()


def _context(jobs: int) -> Any:
    """Processes that are forked from one which has imported what most runs need."""
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    for name in _THREADS:
        os.environ.setdefault(name, threads)
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    # The first one waits for these imports: now, rather than with the lease of a run in hand.
    first = context.Process(target=os.getpid)
    first.start()
    first.join()
    return context


def process_name() -> str:
    """Host and process id, to tell who has a run."""
    return f"{platform.node()}:{os.getpid()}"


def _lock(store: Store, name: str) -> FileLock:
    folder = store.folder / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    host = "".join(c if c.isalnum() else "-" for c in platform.node())
    return FileLock(folder / f"{host}-{name}.lock", timeout=0)


def _free_slot(store: Store, jobs: int) -> FileLock | None:
    for number in range(jobs):
        lock = _lock(store, f"slot-{number}")
        try:
            lock.acquire()
        except Timeout:
            continue
        return lock
    return None


def _mark(store: Store) -> Path:
    """Who works, or is about to: a process takes seconds to start and take its lock."""
    return Path(_lock(store, "worker").lock_file).with_suffix(".pid")


@contextmanager
def _sign_of_life(store: Store) -> Iterator[Callable[[], None]]:
    """A lock that dies with this process; the first of several workers has it.

    It is given back before the queue is looked at for the last time: who queues a run and then
    sees a worker alive can rely on it.
    """
    lock = _lock(store, "worker")

    def alive() -> None:
        if not lock.is_locked:
            try:
                lock.acquire()
            except Timeout:
                return
            _mark(store).write_text(str(os.getpid()))

    try:
        yield alive
    finally:
        if lock.is_locked:
            _mark(store).unlink(missing_ok=True)
        lock.release()


def worker_alive(store: Store) -> int | None:
    """The process id of a worker on this machine; None where there is none."""
    try:
        pid, age = int(_mark(store).read_text()), time.time() - _mark(store).stat().st_mtime
    except (OSError, ValueError):
        return None
    if age < _SECONDS_TO_START:
        return pid
    try:
        with _lock(store, "worker"):
            return None
    except Timeout:
        return pid


def ensure_worker(store: Store, jobs: int = 1) -> bool:
    """Start a worker where none is alive on this machine; False where one was.

    It ends when nothing is left to do. What it prints goes to ``worker.log`` in the store's folder.

    Args:
        store: Where the runs wait.
        jobs: At most as many at a time.
    """
    with _lock(store, "starting").acquire(timeout=-1):
        if worker_alive(store) is not None:
            return False
        _mark(store).write_text(str(_start(store, jobs)))
        return True


def _start(store: Store, jobs: int) -> int:
    with open(store.folder / "worker.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "alcore", "worker", "--once", "--jobs", str(jobs)],
            env={**os.environ, "ALCORE_STORE": store.url},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # Who started it may live longer, and would keep its entry in the table of processes.
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid
