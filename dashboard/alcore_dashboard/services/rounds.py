"""How an experiment stands and what its strategies bought: curves, progress, labels saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alcore.compare import Curve, LabelsSaved
from alcore.results import RANDOM, Outcome, share
from alcore.store import RunRecord, RunState, Store
from alcore_dashboard.services.naming import title_of, titles

TRUSTED_SEEDS = 10
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
        stopping: Whether a stop was asked for and not yet obeyed.
        all_done: Whether every run did all it was to do.
    """

    fraction: float
    over: int
    total: int
    eta_seconds: float | None
    active: tuple[RunRecord, ...]
    failed: tuple[RunRecord, ...]
    stopping: bool
    all_done: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.over == self.total


def progress(runs: Sequence[RunRecord]) -> Progress:
    """Add up the runs of one experiment."""
    over = [run for run in runs if run.state.is_over]
    parts = [1.0 if run.state.is_over else run.fraction for run in runs]
    return Progress(
        fraction=sum(parts) / max(len(runs), 1),
        over=len(over),
        total=len(runs),
        eta_seconds=_eta(runs),
        active=tuple(run for run in runs if run.state in _ACTIVE),
        failed=tuple(run for run in runs if run.state is RunState.FAILED),
        stopping=any(run.state is RunState.STOPPING for run in runs),
        all_done=all(run.state is RunState.DONE for run in runs),
    )


def _eta(runs: Sequence[RunRecord]) -> float | None:
    """Time left of the active runs, and the queued ones as long as the finished ones took."""
    lengths = [
        (run.finished_at - run.started_at).total_seconds()
        for run in runs
        if run.state is RunState.DONE and run.started_at and run.finished_at
    ]
    length = float(np.mean(lengths)) if lengths else None
    left = [_seconds_left(run, length) for run in runs if not run.state.is_over]
    known = [seconds for seconds in left if seconds is not None]
    return sum(known) if len(known) == len(left) else None


def _seconds_left(run: RunRecord, length: float | None) -> float | None:
    if run.state in _ACTIVE and run.eta_seconds is not None:
        return run.eta_seconds
    return None if length is None else length * (1 - run.fraction)


def curve_table(found: Sequence[Curve]) -> pd.DataFrame:
    """Columns strategy, labels, mean, low, high (mean -+ one standard deviation), seeds, random."""
    known = titles(one.strategy for one in found)
    frames = [
        pd.DataFrame(
            {
                "strategy": known[one.strategy],
                "labels": one.labels,
                "mean": one.mean,
                "low": one.mean - _spread(one),
                "high": one.mean + _spread(one),
                "seeds": len(one.seeds),
                "random": one.strategy == RANDOM,
            }
        )
        for one in found
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _spread(one: Curve) -> "np.typing.NDArray[np.float64]":
    if len(one.seeds) < 2:
        return np.zeros(len(one.labels))
    return np.asarray(one.accuracy.std(axis=0, ddof=1), dtype=np.float64)


def subtitle(store: Store, experiment_id: int, found: Sequence[Curve]) -> str:
    """What n and seeds are, and what the band is."""
    counts = sorted({len(one.seeds) for one in found})
    seeds = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    tests = {r.test.n for results in store.rounds_of(experiment_id).values() for r in results[:1]}
    return f"n = {max(tests, default=0)} test samples, {seeds} seeds; band: one standard deviation"


def takeaway(found: Sequence[Outcome]) -> str:
    """What the experiment shows, in one plain sentence; "no gain yet" where that is the truth."""
    if not any(one.is_random for one in found):
        return "Without a run of random there is nothing to compare with; add random."
    gains = {one.curve.strategy: one.saved for one in found if one.saved and _clear(one.saved)}
    compared = [one for one in found if one.saved]
    if not compared:
        return "Only random ran here; add a strategy to compare with it."
    seeds = min(one.saved.seeds for one in compared if one.saved)
    if not gains:
        return f"No gain yet: no strategy clearly needs fewer labels than random ({_n(seeds)})."
    best = max(gains, key=lambda name: gains[name].fraction or 0.0)
    return _gain_sentence(title_of(best), gains[best])


def _clear(saved: LabelsSaved) -> bool:
    return saved.fraction is not None and saved.low is not None and saved.low > 0


def _gain_sentence(name: str, saved: LabelsSaved) -> str:
    interval = f"95% interval {saved.low or 0:.0%} to {saved.high or 0:.0%}, {_n(saved.seeds)}"
    if saved.seeds == 1:
        interval = _n(1)
    return (
        f"{name.capitalize()} reaches the final accuracy of random ({saved.target:.1%}) with "
        f"{saved.fraction or 0:.0%} fewer labels ({interval})."
    )


def _n(seeds: int) -> str:
    count = "1 seed" if seeds == 1 else f"{seeds} seeds"
    return count if seeds >= TRUSTED_SEEDS else f"only {count}, which may be chance"


def savings_table(found: Sequence[Outcome]) -> pd.DataFrame:
    """For people: strategy, labels saved, its interval, final accuracy, seeds."""
    known = titles(one.curve.strategy for one in found)
    return pd.DataFrame(
        {
            "strategy": [known[one.curve.strategy] for one in found],
            "labels saved": [_saved_text(one) for one in found],
            "95% interval": [_interval_text(one.saved) for one in found],
            "final accuracy": [f"{one.curve.mean[-1]:.1%}" for one in found],
            "seeds": [len(one.curve.seeds) for one in found],
        }
    )


def _saved_text(one: Outcome) -> str:
    if one.saved is None:
        return "baseline" if one.is_random else "no random to compare"
    return share(one.saved.fraction)


def _interval_text(saved: LabelsSaved | None) -> str:
    if saved is None or saved.seeds < 2:
        return "–"
    return f"{share(saved.low)} to {share(saved.high)}"


def state_counts(states: Mapping[RunState, int]) -> str:
    """``"3 done, 1 running"``."""
    parts = [f"{count} {state.value.replace('_', ' ')}" for state, count in states.items() if count]
    return ", ".join(parts) or "no runs"
