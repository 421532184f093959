"""Paired statistics over seeds: area under a curve, signed ranks, Holm, bootstrap, overlap."""

from collections.abc import Sequence, Set

import numpy as np

from alcore.types import FloatArray, IntArray

_SAME = 12
"""Decimals: two gains, or a gain and zero, that agree so far differ by rounding alone."""


def area(labels: IntArray, values: FloatArray) -> FloatArray:
    """Area under each learning curve over labels, divided by the range of labels.

    The curve is interpolated linearly (trapezoids), so that this is its mean height between the
    first and the last label count, and a gain in it is a gain per label bought.

    Args:
        labels: Label counts, shape (r,), rising.
        values: The metric, shape (s, r); any unit, which is that of the area.

    Returns:
        Shape (s,); of a curve of one point its height.
    """
    if len(labels) == 1:
        return values[:, 0]
    return np.asarray(np.trapezoid(values, labels, axis=1) / (labels[-1] - labels[0]))


def tally(gains: FloatArray) -> tuple[int, int, int]:
    """How many paired gains, shape (n,), are above, at and below zero."""
    signs = np.sign(np.round(gains, _SAME))
    return int((signs > 0).sum()), int((signs == 0).sum()), int((signs < 0).sum())


def signed_rank(gains: FloatArray) -> float:
    """Two-sided p of Wilcoxon's signed-rank test of paired gains, shape (n,).

    Gains of zero are left out, as Wilcoxon did. What is left is tested exactly up to 50 gains
    where no two are equally large and up to 13 where some are; beyond that by the normal
    approximation with corrections for ties and continuity.

    Returns:
        1.0 where no gain is left.
    """
    from scipy.stats import wilcoxon

    known = np.round(gains, _SAME)
    known = known[known != 0]
    return float(wilcoxon(known, correction=True).pvalue) if len(known) else 1.0


def smallest_p(pairs: int, family: int = 1) -> float:
    """The smallest p that an exact signed-rank test of n pairs can give, after Holm for a family.

    All n gains have one sign: two of the 2^n patterns of signs, which are equally likely.
    """
    return min(1.0, family * 2.0 ** (1 - pairs))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of a family of tests after Holm's correction, in the order given.

    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979: the i-th smallest
    of m (i from 0) times m - i, never below the one before it, at most 1.
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.array(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(p) for p in adjusted]


def mean_interval(
    gains: FloatArray, rng: np.random.Generator, *, resamples: int = 2000
) -> tuple[float, float]:
    """95 % interval of the mean of paired gains, shape (n,), by percentile bootstrap over pairs."""
    means = gains[rng.integers(len(gains), size=(resamples, len(gains)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def jaccard(one: Set[int], other: Set[int]) -> float:
    """Share of all samples in either of two batches that are in both; they are not both empty."""
    return len(one & other) / len(one | other)
