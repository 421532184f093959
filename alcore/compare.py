"""Learning curves and what a strategy saves against random labelling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alcore.rounds import RoundResult
from alcore.types import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One strategy's accuracy after every round.

    Attributes:
        strategy: Qualified name.
        labels: Labels the model was trained on, shape (r,), int64, rising.
        seeds: Seed of each row, ascending.
        accuracy: Test accuracy, shape (s, r), float64, 0 to 1.
    """

    strategy: str
    labels: IntArray
    seeds: tuple[int, ...]
    accuracy: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean over seeds, shape (r,)."""
        return np.asarray(self.accuracy.mean(axis=0))


@dataclass(frozen=True, kw_only=True)
class LabelsSaved:
    """How many labels a strategy saves against random.

    Attributes:
        fraction: Share of random's labels that are not needed, 0 to 1; None for "never":
            the strategy does not reach random's final accuracy within the budget.
        low, high: 95 % interval by paired bootstrap; None for "never".
        target: Random's mean accuracy at full budget, which has to be reached.
        labels: Labels random needs, all of them, the initial ones included.
        seeds: Seeds both were run with.
    """

    fraction: float | None
    low: float | None
    high: float | None
    target: float
    labels: int
    seeds: int


def learning_curve(strategy: str, runs: Mapping[int, Sequence[RoundResult]]) -> Curve | None:
    """The curve of one strategy, over the seeds that went equally far as the furthest.

    Args:
        strategy: Qualified name.
        runs: Seed -> its rounds so far. Seeds that are behind are left out, so that every
            point of the mean is over the same seeds.

    Returns:
        None where no seed has finished a round.
    """
    longest = max((len(rounds) for rounds in runs.values()), default=0)
    if not longest:
        return None
    whole = {seed: runs[seed] for seed in sorted(runs) if len(runs[seed]) == longest}
    first = next(iter(whole.values()))
    return Curve(
        strategy=strategy,
        labels=np.array([result.n_labelled for result in first], dtype=np.int64),
        seeds=tuple(whole),
        accuracy=np.array([[r.test.accuracy for r in rounds] for rounds in whole.values()]),
    )


def paired(one: Curve, other: Curve) -> tuple[Curve, Curve]:
    """Both curves over the seeds and rounds they share."""
    seeds = sorted(set(one.seeds) & set(other.seeds))
    rounds = min(len(one.labels), len(other.labels))
    return _part(one, seeds, rounds), _part(other, seeds, rounds)


def _part(curve: Curve, seeds: Sequence[int], rounds: int) -> Curve:
    rows = [curve.seeds.index(seed) for seed in seeds]
    return Curve(
        strategy=curve.strategy,
        labels=curve.labels[:rounds],
        seeds=tuple(seeds),
        accuracy=curve.accuracy[rows, :rounds].reshape(len(rows), rounds),
    )


def labels_saved(
    strategy: Curve,
    random: Curve,
    rng: np.random.Generator,
    *,
    resamples: int = 2000,
) -> LabelsSaved | None:
    """The one definition of "labels saved".

    The target is random's mean accuracy at full budget. The strategy's mean curve over seeds
    is interpolated linearly; where it first reaches the target, that many labels were needed.
    Saved is 1 - needed / labels at full budget. The interval resamples seeds, the same ones
    for both strategies (percentile bootstrap); a resample that never reaches the target
    counts as saving less than any number.

    Returns:
        None where the two share no seed.
    """
    ours, base = paired(strategy, random)
    if not ours.seeds or len(ours.labels) == 0:
        return None
    n = len(ours.seeds)
    draws = rng.integers(n, size=(resamples, n))
    values = [_saved(ours, base, rows) for rows in draws]
    low, high = np.quantile(values, [0.025, 0.975], method="inverted_cdf")
    return LabelsSaved(
        fraction=_or_never(_saved(ours, base, np.arange(n))),
        low=_or_never(low),
        high=_or_never(high),
        target=float(base.mean[-1]),
        labels=int(base.labels[-1]),
        seeds=n,
    )


def _saved(ours: Curve, base: Curve, rows: IntArray) -> float:
    target = float(base.accuracy[rows, -1].mean())
    needed = labels_needed(ours.labels, ours.accuracy[rows].mean(axis=0), target)
    return -np.inf if needed is None else 1 - needed / float(base.labels[-1])


def labels_needed(labels: IntArray, accuracy: FloatArray, target: float) -> float | None:
    """Where a curve, interpolated linearly, first reaches the target; None for never."""
    # Means of equal numbers differ in the last bits: without slack random would not reach itself.
    reached = np.flatnonzero(accuracy >= target - 1e-12)
    if not len(reached):
        return None
    i = int(reached[0])
    if i == 0:
        return float(labels[0])
    share = (target - accuracy[i - 1]) / (accuracy[i] - accuracy[i - 1])
    return float(labels[i - 1] + min(share, 1.0) * (labels[i] - labels[i - 1]))


def _or_never(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
