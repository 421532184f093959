"""Paired statistics against literal references."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from alcore.statistics import area, holm, jaccard, mean_interval, signed_rank, smallest_p, tally
from alcore.types import FloatArray


def p_by_enumeration(gains: FloatArray) -> float:
    """All 2^n signs of the ranks of what is not zero."""
    known = gains[gains != 0]
    if not len(known):
        return 1.0
    ranks = rankdata(np.abs(known))
    sums = np.array([ranks[list(up)].sum() for up in product([False, True], repeat=len(known))])
    ours = ranks[known > 0].sum()
    return min(1.0, 2 * min((sums >= ours).mean(), (sums <= ours).mean()))


def test_area_is_the_mean_height_over_labels() -> None:
    labels = np.array([50, 100, 300])
    values = np.array([[0.5, 0.7, 0.9], [0.8, 0.8, 0.8]])
    assert area(labels, values) == pytest.approx([(0.6 * 50 + 0.8 * 200) / 250, 0.8])
    assert area(labels[:1], values[:, :1]).tolist() == [0.5, 0.8]


def test_rounding_errors_are_ties() -> None:
    noise = 0.1 + 0.2 - 0.3
    assert tally(np.array([0.1, noise, 0.0, -0.2])) == (1, 2, 1)
    assert signed_rank(np.array([noise, 0.0])) == 1.0
    assert signed_rank(np.array([0.3, 0.1 + 0.2, -0.5])) == p_by_enumeration(np.array([3, 3, -5.0]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=7))
def test_signed_ranks_agree_with_all_patterns_of_signs(gains: list[int]) -> None:
    values = np.array(gains, dtype=np.float64)
    assert signed_rank(values) == pytest.approx(p_by_enumeration(values))
    assert signed_rank(-values) == pytest.approx(signed_rank(values))


@pytest.mark.parametrize("n", [1, 2, 5, 10, 20, 30])
def test_no_gains_have_a_smaller_p_than_those_of_one_sign(n: int) -> None:
    assert signed_rank(np.arange(1.0, n + 1)) == pytest.approx(smallest_p(n))


def test_five_pairs_never_fall_below_a_sixteenth() -> None:
    assert smallest_p(5) == 0.0625
    assert smallest_p(10) == pytest.approx(0.00195, abs=1e-5)
    assert (smallest_p(10, 3), smallest_p(2, 9)) == (3 / 512, 1.0)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_no_correction_and_bonferroni_and_keeps_the_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(a <= b <= min(1, a * len(p)) + 1e-12 for a, b in zip(p, adjusted, strict=True))
    assert [adjusted[i] for i in np.argsort(p)] == sorted(adjusted)


def test_the_interval_is_that_of_resampled_means() -> None:
    gains = np.random.default_rng(1).normal(0.3, 0.1, 200)
    low, high = mean_interval(gains, np.random.default_rng(0))
    width = 1.96 * gains.std() / np.sqrt(200)
    assert (low, high) == pytest.approx((gains.mean() - width, gains.mean() + width), abs=0.003)
    assert mean_interval(np.array([0.2]), np.random.default_rng(0)) == (0.2, 0.2)


def test_jaccard_by_hand() -> None:
    assert jaccard({1, 2, 3}, {3, 4}) == 0.25
    assert jaccard({1}, {1}) == 1.0
