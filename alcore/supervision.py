"""A run in a process of its own, seen from the worker that started it."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from alcore import child
from alcore.errors import LeaseLost
from alcore.execution import Outcome, Step
from alcore.store import Order, RunRecord, RunState, Store

SECONDS_BETWEEN_BEATS = 0.5
_SECONDS_BETWEEN_SILENT_BEATS = 2.0
_SECONDS_TO_DIE = 5.0
_LOG_BYTES, _LOG_KEPT = 5_000_000, 1_000_000
_START = Step(round=0, rounds=1, step="start", fraction=0.0, eta_seconds=None)


@dataclass(kw_only=True)
class Supervised:
    """One claimed run and its process.

    Attributes:
        store: Where the run is.
        run: As claimed.
        process: Plays it.
        pipe: To the process.
        lease_seconds: The run is the worker's for as long after each beat.
        step_seconds: The process is killed when it reports no step for longer.
    """

    store: Store
    run: RunRecord
    process: BaseProcess
    pipe: Connection
    lease_seconds: float
    step_seconds: float
    _step: Step = _START
    _moved: float = field(default_factory=time.monotonic)
    _beaten: float = field(default_factory=lambda: float("-inf"))
    _outcome: Outcome | None = None
    _told_to_stop: bool = False

    @classmethod
    def start(
        cls, context: Any, store: Store, run: RunRecord, lease_seconds: float, step_seconds: float
    ) -> "Supervised":
        """Start the process of a run.

        Args:
            context: Of multiprocessing.
            store: Where the run is.
            run: As claimed.
            lease_seconds: See above.
            step_seconds: See above.
        """
        ours, theirs = context.Pipe()
        files = os.environ.get("ALCORE_FILES", "")
        arguments = (theirs, store.url, files, run.id, run.token, store.log_file(run.id))
        process = context.Process(target=child.main, args=arguments, name=f"run {run.id}")
        process.start()
        theirs.close()
        return cls(
            store=store,
            run=run,
            process=process,
            pipe=ours,
            lease_seconds=lease_seconds,
            step_seconds=step_seconds,
            _step=replace(_START, round=run.round or 0, fraction=run.fraction),
        )

    def attend(self) -> RunState | None:
        """Hear the process, renew the lease, pass orders on; gives the state it ended in.

        INTERRUPTED also stands for a run that somebody else has by now.

        Raises:
            AlcoreError: The store cannot be written at this moment; call again.
        """
        try:
            dead = not self.process.is_alive()
            self._hear()  # after looking: what it said before it died is all there
            if self._outcome is None and not dead and self._hangs:
                self._outcome = Outcome(state=RunState.FAILED, error=self._hang_text)
                self._kill()
            if self._outcome is not None:
                return self._finish(self._outcome)
            if dead:
                return self._interrupt(self._death)
            self._beat()
            return None
        except LeaseLost:
            self._kill()
            return RunState.INTERRUPTED

    @property
    def is_over(self) -> bool:
        """Whether its process has ended and its lease has run out: it is anybody's by now."""
        silent = time.monotonic() - self._beaten > self.lease_seconds
        return silent and not self.process.is_alive()

    def give_up(self, why: str) -> RunState:
        """End the process and leave the run to another worker."""
        self._kill()
        try:
            return self._interrupt(why)
        except LeaseLost:
            return RunState.INTERRUPTED

    def ask_to_stop(self) -> None:
        """After the batch at hand."""
        if not self._told_to_stop:
            self._told_to_stop = True
            self._send(child.STOP)

    def _hear(self) -> None:
        with suppress(EOFError, OSError):
            while self.pipe.poll():
                message = json.loads(self.pipe.recv_bytes())
                if "outcome" in message:
                    ended = message["outcome"]
                    self._outcome = Outcome(**{**ended, "state": RunState(ended["state"])})
                else:
                    self._step, self._moved = Step(**message), time.monotonic()

    def _send(self, order: bytes) -> None:
        with suppress(OSError):  # it is dying; is_alive will say so
            self.pipe.send_bytes(order)

    def _beat(self) -> None:
        now = time.monotonic()
        pause = _SECONDS_BETWEEN_SILENT_BEATS
        if self._moved > self._beaten:
            pause = SECONDS_BETWEEN_BEATS
        if now - self._beaten < pause:
            return
        step = self._step
        order = self.store.beat(
            self.run.id,
            self.run.token,
            step.round,
            step.step,
            step.fraction,
            step.eta_seconds,
            self.lease_seconds,
        )
        self._beaten = now
        shorten(self.store.log_file(self.run.id))
        if order is Order.STOP:
            self.ask_to_stop()
        elif order is Order.STOP_NOW:
            self._kill()
            self._outcome = Outcome(state=RunState.STOPPED)

    def _finish(self, outcome: Outcome) -> RunState:
        self.process.join(_SECONDS_TO_DIE)
        self._kill()
        if outcome.state is RunState.INTERRUPTED:
            return self._interrupt(outcome.error or "")
        self.store.finish(
            self.run.id,
            outcome.state,
            outcome.error,
            outcome.traceback,
            token=self.run.token,
        )
        return outcome.state

    def _interrupt(self, why: str) -> RunState:
        return self.store.interrupt(self.run.id, self.run.token, why)

    @property
    def _place(self) -> str:
        return f"in step {self._step.step!r} of round {self._step.round}"

    @property
    def _hangs(self) -> bool:
        return time.monotonic() - self._moved > self.step_seconds

    @property
    def _hang_text(self) -> str:
        return (
            f"nothing moved for {self.step_seconds:.0f} seconds {self._place}, so the run was "
            "ended; alcore worker --step-limit allows more"
        )

    @property
    def _death(self) -> str:
        code = self.process.exitcode or 0
        if code < 0:
            return f"its process was killed by signal {-code} {self._place}" + (
                ", which is what happens when memory runs out" if code == -9 else ""
            )
        return f"its process ended {self._place} with code {code} and without a result"

    def _kill(self) -> None:
        self.process.kill()
        self.process.join()


def shorten(log: Path) -> None:
    """Keep only the end of a log that has grown long; its writers append."""
    if not log.is_file() or log.stat().st_size < _LOG_BYTES:
        return
    with log.open("rb+") as file:
        file.seek(-_LOG_KEPT, os.SEEK_END)
        end = file.read()
        file.seek(0)
        file.write(b"[the beginning is left out]\n" + end)
        file.truncate()
