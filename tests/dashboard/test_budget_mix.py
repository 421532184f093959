"""Classes of a batch, overlap of batches, and what chance would give."""

from fractions import Fraction
from math import comb

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alcore_dashboard.services import budget_mix
from alcore_dashboard.services.budget_mix import random_range


@given(st.data())
def test_the_range_of_random_batches_is_that_of_exact_fractions(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 60))
    marked, drawn = data.draw(st.integers(0, size)), data.draw(st.integers(0, size))
    total, below = comb(size, drawn), Fraction(0)
    exact = []
    for k in range(min(marked, drawn) + 1):
        below += Fraction(comb(marked, k) * comb(size - marked, drawn - k), total)
        exact.append(below)
    low = next(k for k, chance in enumerate(exact) if chance >= Fraction(1, 40))
    high = next(k for k, chance in enumerate(exact) if chance >= Fraction(39, 40))
    assert random_range(size, marked, drawn) == (low, high)


def test_chances_that_lie_exactly_on_the_border_are_inside() -> None:
    assert random_range(40, 1, 39) == (0, 1)
    assert random_range(40, 1, 1) == (0, 0)


def test_the_range_of_random_batches_is_quick_and_right_for_large_pools() -> None:
    low, high = random_range(10**6, 10**5, 10**5)
    assert low < 10**4 < high
    assert high - low < 600


def test_the_mix_counts_the_batch_and_the_pool_and_leaves_out_what_is_unknown() -> None:
    labels = np.array([0, 0, 1, 1, 1, -1, -1, 2])
    mix = budget_mix.class_mix(labels, np.array([0, 1, 2, 5]), ("a", "b", "c", "d"))
    assert mix["batch"].tolist() == [2, 1, 0, 0]
    assert mix["pool"].tolist() == [2, 3, 1, 0]
    assert mix["batch_share"].tolist() == [2 / 3, 1 / 3, 0, 0]
    assert mix["pool_share"].tolist() == [2 / 6, 3 / 6, 1 / 6, 0]
    assert mix["low"].tolist() == [random_range(6, n, 3)[0] / 3 for n in (2, 3, 1, 0)]


def test_of_many_classes_those_that_differ_most_are_shown_in_order() -> None:
    labels = np.repeat(np.arange(40), 10)
    batch = np.concatenate([np.arange(200, 210), np.arange(50, 60)])
    shown = budget_mix.most_different(
        budget_mix.class_mix(labels, batch, [f"c{i}" for i in range(40)])
    )
    assert len(shown) == budget_mix.SHOWN_CLASSES
    assert {"c5", "c20"} <= set(shown["class"])
    assert shown.index.is_monotonic_increasing


def test_the_mix_is_said_in_a_sentence() -> None:
    labels = np.repeat([0, 1], 50)
    names = ("horse", "cow")
    one_sided = budget_mix.class_mix(labels, np.arange(20), names)
    assert budget_mix.mix_takeaway(one_sided, "true class") == (
        "By true class the batch has more of horse (100% against 50% of the pool) and fewer of "
        "cow (0% against 50% of the pool) than a random one would; 2 of 2 classes are beyond "
        "chance."
    )
    even = budget_mix.class_mix(labels, np.arange(40, 60), names)
    assert "looks like a random one" in budget_mix.mix_takeaway(even, "true class")


@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 9))
def test_the_overlap_is_that_of_sets(size: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.permutation(size), rng.permutation(size)
    table = budget_mix.overlap_table(one, {"other": other, "itself": one}, n)
    cut = min(n, size)
    shared = len(set(one[:cut].tolist()) & set(other[:cut].tolist()))
    assert table["criterion"].tolist() == ["other", "itself", "random"]
    assert table["shared"].tolist()[:2] == [shared, cut]
    assert table["share"].tolist() == [shared / cut, 1.0, cut * cut / size / cut]
    chance = [bound / cut for bound in random_range(size, cut, cut)]
    assert table[["low", "high"]].to_numpy()[-1].tolist() == chance


def test_the_overlap_is_said_in_a_sentence() -> None:
    order = np.arange(100)
    table = budget_mix.overlap_table(order, {"entropy": np.roll(order, 3)}, 10)
    assert budget_mix.overlap_takeaway(table, "margin", 10) == (
        "Of the 10 samples margin picks, entropy picks 7 as well; a random batch would share "
        "about 1 (0 to 3)."
    )
    alone = budget_mix.overlap_table(order, {}, 10)
    assert "No other criterion" in budget_mix.overlap_takeaway(alone, "margin", 10)
