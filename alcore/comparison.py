"""A fair comparison: what is known of each strategy against random, paired within seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from alcore.compare import (
    METRICS,
    Curve,
    LabelsSaved,
    Metric,
    accuracy,
    have_equal_counts,
    labels_saved,
    learning_curve,
    paired,
)
from alcore.errors import AlcoreError
from alcore.played import Labels, Played
from alcore.results import RANDOM, curves_of
from alcore.rounds import Calibration, RoundResult
from alcore.statistics import area, holm, jaccard, mean_interval, signed_rank, smallest_p, tally
from alcore.types import FloatArray, IntArray

LEVEL = 0.05
"""A Holm-corrected p up to here counts as shown."""
HALF_A_POINT = 0.005
"""A gain below this does not matter: an interval that ends below it says "no better"."""


class Verdict(StrEnum):
    """What a comparison with random comes to."""

    BETTER = "better than random"
    WORSE = "worse than random"
    NO_BETTER = "no better than random"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A strategy's area under the curve less that of random, over seeds and rounds of both.

    Attributes:
        pairs: How many seeds these are.
        mean: Mean gain, in units of the metric (0.01 is a point).
        low, high: Its 95 % interval by paired bootstrap.
        wins, ties, losses: Seeds with a gain above, at and below zero.
        p: Of the two-sided signed-rank test, `statistics.signed_rank`.
        holm: The same after Holm's correction for all strategies compared.
        smallest: The smallest p that so many pairs can give after Holm's correction.
    """

    pairs: int
    mean: float
    low: float
    high: float
    wins: int
    ties: int
    losses: int
    p: float
    holm: float
    smallest: float

    @property
    def verdict(self) -> Verdict:
        """What it comes to; the test is of ranks, so one far seed may turn the mean against it."""
        if self.holm <= LEVEL and self.mean * (self.wins - self.losses) > 0:
            return Verdict.BETTER if self.mean > 0 else Verdict.WORSE
        can_tell = self.smallest <= LEVEL and self.high < HALF_A_POINT
        return Verdict.NO_BETTER if can_tell else Verdict.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One strategy of one experiment.

    Attributes:
        experiment: Id of the experiment.
        curve: Of the metric compared, with the strategy's qualified name.
        area: Mean over seeds of `statistics.area`.
        gain: Against random; None for random itself and where no random can be its pair.
        saved: Labels saved against random, by accuracy; None as well.
        final: Mean of each of `compare.METRICS` in the last round.
        calibration: Of the last round's test probabilities, all seeds together; None where the
            rounds are of an earlier version.
        uncalibrated: The same without temperature scaling; None where the model does none.
        classes: Classes among the labels, mean over seeds.
        smallest_share: Share of the rarest class among the labels, mean over seeds.
        select_seconds: Median time of a selection; None before the first.
    """

    experiment: int
    curve: Curve
    area: float
    gain: Gain | None
    saved: LabelsSaved | None
    final: Mapping[str, float]
    calibration: Calibration | None
    uncalibrated: Calibration | None
    classes: float
    smallest_share: float
    select_seconds: float | None

    @property
    def is_random(self) -> bool:
        """Whether it chose at random; options around that may still make it no baseline."""
        return self.curve.strategy == RANDOM


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All strategies of some experiments on the same data and splits.

    Attributes:
        entries: Experiment by experiment, random first in each.
        n: Test samples of each seed.
        n_classes: Classes of the dataset.
        overlap: Mean Jaccard index of the batches of each two entries with equal seed and
            number of labels, over rounds, then seeds; None where there are none.
    """

    entries: tuple[Entry, ...]
    n: int
    n_classes: int
    overlap: tuple[tuple[float | None, ...], ...]


def compare(played: Sequence[Played], metric: Metric = accuracy) -> Comparison:
    """Hold every strategy against random, in any metric; the same answer at every call.

    Random is that of the first experiment given that has the same model and label counts, or
    spent money; one that balanced classes comes after all others. Another random, with other
    options around it, is held against it like any strategy.

    Raises:
        AlcoreError: No test split defines the metric.
    """
    known = [(one, curve) for one in played for curve in curves_of(one.rounds, metric)]
    if not known:
        raise AlcoreError("no test split here defines the metric; choose another")
    gains = _gains([_pair(one, curve.strategy, played, metric) for one, curve in known])
    saved = [_saved(_pair(one, curve.strategy, played, accuracy)) for one, curve in known]
    entries = tuple(map(_entry, *zip(*known, strict=True), gains, saved))
    labels = [one.labels[curve.strategy] for one, curve in known]
    test = _runs(*known[0])[0][0].test
    return Comparison(
        entries=entries,
        n=test.n,
        n_classes=len(test.recall),
        overlap=tuple(tuple(_overlap(one, other) for other in labels) for one in labels),
    )


def _runs(one: Played, curve: Curve) -> list[Sequence[RoundResult]]:
    return [one.rounds[curve.strategy][seed] for seed in curve.seeds]


Pair = tuple[Curve, Curve]


def _pair(one: Played, strategy: str, played: Sequence[Played], metric: Metric) -> Pair | None:
    """The curves of a strategy and of its random over shared seeds and rounds."""
    ours = learning_curve(strategy, one.rounds[strategy], metric)
    for each in sorted(played, key=lambda one: one.balanced):
        random = learning_curve(RANDOM, each.rounds.get(RANDOM, {}), metric)
        if ours is None or random is None or each.model != one.model:
            continue
        mine, base = paired(ours, random)
        if mine.seeds and (one.spends or each.spends or have_equal_counts(ours, random)):
            is_baseline = strategy == RANDOM and each.selection == one.selection
            return None if is_baseline else (mine, base)
    return None


def _saved(pair: Pair | None) -> LabelsSaved | None:
    return pair and labels_saved(*pair, np.random.default_rng(0))


def _gains(pairs: Sequence[Pair | None]) -> list[Gain | None]:
    tested = [_area(ours) - _area(random) for ours, random in filter(None, pairs)]
    p_values = [signed_rank(each) for each in tested]
    found = zip(tested, p_values, holm(p_values), strict=True)
    gains = iter([_gain(*each, family=len(tested)) for each in found])
    return [pair and next(gains) for pair in pairs]


def _area(curve: Curve) -> FloatArray:
    return area(curve.labels, curve.values)


def _gain(gains: FloatArray, p: float, corrected: float, family: int) -> Gain:
    low, high = mean_interval(gains, np.random.default_rng(0))
    wins, ties, losses = tally(gains)
    return Gain(
        pairs=len(gains),
        mean=float(gains.mean()),
        low=low,
        high=high,
        wins=wins,
        ties=ties,
        losses=losses,
        p=p,
        holm=corrected,
        smallest=smallest_p(len(gains), family),
    )


def _entry(one: Played, curve: Curve, gain: Gain | None, saved: LabelsSaved | None) -> Entry:
    runs = _runs(one, curve)
    last = [rounds[-1] for rounds in runs]
    counts = _class_counts(one.labels[curve.strategy], curve.seeds, len(last[0].test.recall))
    chosen = [r.seconds for rounds in runs for r in rounds if r.batch is not None]
    seconds = [each["select"] for each in chosen if "select" in each]
    return Entry(
        experiment=one.experiment.id,
        curve=curve,
        area=float(_area(curve).mean()),
        gain=gain,
        saved=saved,
        final={name: float(np.mean([of(r.test) for r in last])) for name, of in METRICS.items()},
        calibration=pooled([r.test.calibration for r in last]),
        uncalibrated=pooled([r.uncalibrated for r in last]),
        classes=float((counts > 0).sum(axis=1).mean()),
        smallest_share=float((counts.min(axis=1) / np.maximum(counts.sum(axis=1), 1)).mean()),
        select_seconds=float(np.median(seconds)) if seconds else None,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _class_counts(labels: Mapping[int, Labels], seeds: Sequence[int], n_classes: int) -> IntArray:
    return np.array([np.bincount(labels[seed].classes, minlength=n_classes) for seed in seeds])


def pooled(seeds: Sequence[Calibration | None]) -> Calibration | None:
    """The calibration of the test samples of all seeds that know theirs; None without any."""
    found = [each for each in seeds if each is not None]
    if not found:
        return None
    counts = np.array([each.counts for each in found])
    filled = np.maximum(counts.sum(axis=0), 1)
    confidence, accuracies = (
        (np.array(values) * counts).sum(axis=0) / filled
        for values in ([each.confidence for each in found], [each.accuracy for each in found])
    )
    return Calibration(
        counts=tuple(counts.sum(axis=0).tolist()),
        confidence=tuple(confidence.tolist()),
        accuracy=tuple(accuracies.tolist()),
    )


def _overlap(one: Mapping[int, Labels], other: Mapping[int, Labels]) -> float | None:
    seeds = [_overlap_of_seed(one[s].batches, other[s].batches) for s in one if s in other]
    return _mean(seeds)


def _overlap_of_seed(
    one: Mapping[int, frozenset[int]], other: Mapping[int, frozenset[int]]
) -> float | None:
    return _mean(
        [jaccard(batch, other[labels]) for labels, batch in one.items() if labels in other]
    )
