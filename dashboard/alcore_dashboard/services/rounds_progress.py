"""How far an experiment is: runs over, time left, what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alcore.store import RunRecord, RunState

_ACTIVE = (RunState.RUNNING, RunState.STOPPING)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an experiment is.

    Attributes:
        fraction: Of all its work, 0 to 1.
        over: Runs that are over, in whatever way.
        total: All its runs.
        eta_seconds: Time left; None where unknown.
        active: The runs being worked on.
        failed: The runs that failed.
        stopping: Whether all that is left was asked to stop.
        stopping_now: Whether it was asked a second time.
        all_done: Whether every run did all it was to do.
    """

    fraction: float
    over: int
    total: int
    eta_seconds: float | None
    active: tuple[RunRecord, ...]
    failed: tuple[RunRecord, ...]
    stopping: bool
    stopping_now: bool
    all_done: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.over == self.total


def progress(runs: Sequence[RunRecord]) -> Progress:
    """Add up the runs of one experiment."""
    over = [run for run in runs if run.state.is_over]
    left = [run for run in runs if not run.state.is_over]
    parts = [1.0 if run.state.is_over else run.fraction for run in runs]
    return Progress(
        fraction=sum(parts) / max(len(runs), 1),
        over=len(over),
        total=len(runs),
        eta_seconds=_eta(runs),
        active=tuple(run for run in runs if run.state in _ACTIVE),
        failed=tuple(run for run in runs if run.state is RunState.FAILED),
        stopping=bool(left) and all(run.state is RunState.STOPPING for run in left),
        stopping_now=all(run.stop_now for run in left),
        all_done=all(run.state is RunState.DONE for run in runs),
    )


def _eta(runs: Sequence[RunRecord]) -> float | None:
    """Time left of the active runs, and the queued ones as long as the finished ones took."""
    lengths = [
        (run.finished_at - run.started_at).total_seconds()
        for run in runs
        # One that was taken up again did not run all the time in between.
        if run.state is RunState.DONE and run.started_at and run.finished_at and run.token < 2
    ]
    length = float(np.mean(lengths)) if lengths else None
    left = [_seconds_left(run, length) for run in runs if not run.state.is_over]
    known = [seconds for seconds in left if seconds is not None]
    side_by_side = max(1, sum(run.state in _ACTIVE for run in runs))
    return max(sum(known) / side_by_side, *known, 0.0) if len(known) == len(left) else None


def _seconds_left(run: RunRecord, length: float | None) -> float | None:
    if run.state in _ACTIVE and run.eta_seconds is not None:
        return run.eta_seconds
    return None if length is None else length * (1 - run.fraction)


def state_counts(states: Mapping[RunState, int]) -> str:
    """``"3 done, 1 running"``."""
    parts = [f"{count} {state.value.replace('_', ' ')}" for state, count in states.items() if count]
    return ", ".join(parts) or "no runs"
