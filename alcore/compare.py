"""Learning curves and what a strategy saves against random labelling."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alcore.rounds import Evaluation, RoundResult
from alcore.statistics import mean_interval
from alcore.types import FloatArray, IntArray

Metric = Callable[[Evaluation], float | None]
"""One number of an evaluation, 0 to 1; None where it is not defined."""


def accuracy(evaluation: Evaluation) -> float:
    """The metric of all curves unless another one is asked for."""
    return evaluation.accuracy


def macro_f1(evaluation: Evaluation) -> float:
    """The metric in which every class counts alike."""
    return evaluation.macro_f1


def balanced_accuracy(evaluation: Evaluation) -> float:
    """The mean recall over the classes that have a sample."""
    known = [recall for recall in evaluation.recall if recall is not None]
    return sum(known) / len(known)


METRICS: Mapping[str, Metric] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "balanced_accuracy": balanced_accuracy,
}
"""The metrics of all classes together, by the name they have in commands and addresses."""


def recall_of(class_index: int) -> Metric:
    """The metric of one class: the share of its samples that the model finds."""
    return lambda evaluation: evaluation.recall[class_index]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One strategy's metric on the test split after every round.

    Attributes:
        strategy: Qualified name.
        labels: Labels the model was trained on, shape (r,), int64, rising.
        seeds: Seed of each row, ascending.
        values: Accuracy or another metric, shape (s, r), float64, 0 to 1.
    """

    strategy: str
    labels: IntArray
    seeds: tuple[int, ...]
    values: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean over seeds, shape (r,)."""
        return np.asarray(self.values.mean(axis=0))

    @property
    def spread(self) -> FloatArray:
        """Standard deviation over seeds, shape (r,); 0 for one seed."""
        if len(self.seeds) < 2:
            return np.zeros(len(self.labels))
        return np.asarray(self.values.std(axis=0, ddof=1))


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far a strategy ends above random.

    Attributes:
        mean: Mean over the shared seeds of the difference after the last shared round.
        low, high: 95 % interval by paired bootstrap.
        seeds: Seeds both were run with.
    """

    mean: float
    low: float
    high: float
    seeds: int


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


def learning_curve(
    strategy: str, runs: Mapping[int, Sequence[RoundResult]], metric: Metric = accuracy
) -> Curve | None:
    """The curve of one strategy, over the seeds that are done or went as far as the furthest.

    Args:
        strategy: Qualified name.
        runs: Seed -> its rounds so far. Seeds that are behind are left out, so that every
            point of the mean is over the same seeds; and seeds whose test split does not
            define the metric. Where money was spent, seeds bought different numbers of labels
            in a round, and in all: then they are read, interpolated linearly, at those of the
            seed that bought least.
        metric: What the curve shows.

    Returns:
        None where no seed is left.
    """
    most = furthest(runs)
    # Only the round after the last label has no batch.
    whole = {s: run for s, run in sorted(runs.items()) if s in most or (run and not run[-1].batch)}
    values = {seed: [metric(r.test) for r in rounds] for seed, rounds in whole.items()}
    known = {seed: row for seed, row in values.items() if None not in row}
    if not known:
        return None
    bought = {seed: [r.n_labelled for r in whole[seed]] for seed in known}
    labels = min(bought.values(), key=lambda row: row[-1])
    rows = [np.interp(labels, bought[seed], np.array(row, float)) for seed, row in known.items()]
    return Curve(
        strategy=strategy,
        labels=np.array(labels, dtype=np.int64),
        seeds=tuple(known),
        values=np.array(rows, dtype=np.float64),
    )


def furthest(runs: Mapping[int, Sequence[RoundResult]]) -> dict[int, Sequence[RoundResult]]:
    """The runs with the most rounds, at least one, by seed in ascending order."""
    longest = max((len(rounds) for rounds in runs.values()), default=0)
    return {seed: runs[seed] for seed in sorted(runs) if len(runs[seed]) == longest > 0}


def paired(one: Curve, other: Curve) -> tuple[Curve, Curve]:
    """Both curves over the seeds they share, as far as both of them got.

    Other label counts (money was spent) are read, interpolated linearly, at those of the curve
    that ends first.
    """
    seeds = sorted(set(one.seeds) & set(other.seeds))
    labels = min(one.labels, other.labels, key=lambda counts: int(counts[-1]))
    return _part(one, seeds, labels), _part(other, seeds, labels)


def have_equal_counts(one: Curve, other: Curve) -> bool:
    """Whether both bought as many labels in every round of both."""
    rounds = min(len(one.labels), len(other.labels))
    return np.array_equal(one.labels[:rounds], other.labels[:rounds])


def _part(curve: Curve, seeds: Sequence[int], labels: IntArray) -> Curve:
    rows = [curve.values[curve.seeds.index(seed)] for seed in seeds]
    read = [np.interp(labels, curve.labels, row) for row in rows]
    return Curve(
        strategy=curve.strategy,
        labels=labels,
        seeds=tuple(seeds),
        values=np.array(read).reshape(len(rows), len(labels)),
    )


def labels_saved(
    strategy: Curve,
    random: Curve,
    rng: np.random.Generator,
    *,
    resamples: int = 2000,
) -> LabelsSaved | None:
    """The one definition of "labels saved", for curves of accuracy.

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
    shares = np.stack([np.bincount(rows, minlength=n) for rows in draws]) / n
    low, high = np.quantile(_saved(ours, base, shares), [0.025, 0.975], method="inverted_cdf")
    return LabelsSaved(
        fraction=_or_never(_saved(ours, base, np.full((1, n), 1 / n))[0]),
        low=_or_never(low),
        high=_or_never(high),
        target=float(base.mean[-1]),
        labels=int(base.labels[-1]),
        seeds=n,
    )


def final_difference(
    strategy: Curve, random: Curve, rng: np.random.Generator, *, resamples: int = 2000
) -> Difference | None:
    """How far a strategy is above random after the last shared round, in any metric.

    The interval resamples seeds, the same ones for both (percentile bootstrap).

    Returns:
        None where the two share no seed.
    """
    ours, base = paired(strategy, random)
    if not ours.seeds or len(ours.labels) == 0:
        return None
    gains = ours.values[:, -1] - base.values[:, -1]
    low, high = mean_interval(gains, rng, resamples=resamples)
    return Difference(mean=float(gains.mean()), low=low, high=high, seeds=len(ours.seeds))


def _saved(ours: Curve, base: Curve, shares: FloatArray) -> list[float]:
    """Of each resample, by the share (r, n) that a seed has of it; never is minus infinity."""
    targets, means = shares @ base.values[:, -1], shares @ ours.values
    needed = [labels_needed(ours.labels, *each) for each in zip(means, targets, strict=True)]
    return [-np.inf if each is None else 1 - each / float(base.labels[-1]) for each in needed]


def labels_needed(labels: IntArray, values: FloatArray, target: float) -> float | None:
    """Where a curve, interpolated linearly, first reaches the target; None for never."""
    # Means of equal numbers differ in the last bits: without slack random would not reach itself.
    reached = np.flatnonzero(values >= target - 1e-12)
    if not len(reached):
        return None
    i = int(reached[0])
    if i == 0:
        return float(labels[0])
    share = (target - values[i - 1]) / (values[i] - values[i - 1])
    return float(labels[i - 1] + min(share, 1.0) * (labels[i] - labels[i - 1]))


def _or_never(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
