"""What an experiment in the store has shown so far: curves, and labels saved against random."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alcore.compare import Curve, LabelsSaved, labels_saved, learning_curve
from alcore.rounds import RoundResult
from alcore.store import Store

RANDOM = "uncertainty/random"
"""Qualified name of the baseline of every comparison."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One strategy's curve, and what it saved.

    Attributes:
        curve: Its learning curve.
        saved: Labels saved against random; None for random itself and where no random run
            shares a seed.
    """

    curve: Curve
    saved: LabelsSaved | None

    @property
    def is_random(self) -> bool:
        """Whether this is the baseline."""
        return self.curve.strategy == RANDOM


def curves(store: Store, experiment_id: int) -> list[Curve]:
    """One curve per strategy that finished a round: random first, then as they were queued."""
    rounds = store.rounds_of(experiment_id)
    grouped: dict[str, dict[int, Sequence[RoundResult]]] = {}
    for run in store.runs(experiment_id):
        grouped.setdefault(run.strategy, {})[run.seed] = rounds.get(run.id, [])
    found = [learning_curve(strategy, runs) for strategy, runs in grouped.items()]
    present = [curve for curve in found if curve is not None]
    return sorted(present, key=lambda curve: curve.strategy != RANDOM)


def outcomes(found: Sequence[Curve]) -> list[Outcome]:
    """Hold every curve against random; the same answer at every call."""
    random = next((curve for curve in found if curve.strategy == RANDOM), None)
    return [Outcome(curve=curve, saved=_saved(curve, random)) for curve in found]


def _saved(curve: Curve, random: Curve | None) -> LabelsSaved | None:
    if random is None or curve is random:
        return None
    return labels_saved(curve, random, np.random.default_rng(0))


def saved_text(outcome: Outcome) -> str:
    """Labels saved in words: the baseline itself, a share with its interval, or never."""
    saved = outcome.saved
    if saved is None:
        return "baseline" if outcome.is_random else "no random run to compare with"
    if saved.fraction is None:
        return "never reaches random"
    if saved.seeds == 1:
        return f"{saved.fraction:.0%} (1 seed: no interval)"
    return f"{saved.fraction:.0%} [{share(saved.low)}, {share(saved.high)}]"


def share(fraction: float | None) -> str:
    """A fraction as percent; "never" for None."""
    return "never" if fraction is None else f"{fraction:.0%}"
