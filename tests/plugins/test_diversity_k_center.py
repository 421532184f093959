import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.options import NoOptions
from alcore_diversity import geometry
from alcore_diversity import k_center as module
from alcore_diversity.k_center import KCenter
from plugins.references import (
    CLOUDS,
    ask,
    blobs,
    check_no_sample_is_picked_twice,
    check_what_holds_for_all,
    k_center,
)

STRATEGY = KCenter(NoOptions())


@given(CLOUDS, st.data())
@settings(max_examples=150)
def test_it_is_the_greedy_algorithm(drawn, data) -> None:
    pool, labelled = drawn
    n = data.draw(st.integers(1, len(pool)))
    first = int(np.random.default_rng(0).integers(len(pool)))
    expected = k_center(pool, labelled, n, first)
    assert ask(STRATEGY, pool, labelled, n) == expected
    assert ask(STRATEGY, 1024 + 8 * pool, 1024 + 8 * labelled, n) == expected


@pytest.mark.parametrize("lattice", [False, True])
@pytest.mark.parametrize("m", [0, 40])
def test_it_is_lazy_and_exact_over_many_blocks(
    lattice: bool, m: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST", 8)
    rng = np.random.default_rng(1)
    points = rng.integers(0, 4, (600, 5)) if lattice else rng.normal(size=(600, 5))
    pool, labelled = points[m:].astype(np.float64), points[:m].astype(np.float64)
    distances = 0
    counted = geometry.squared_distances

    def count(left, right):
        nonlocal distances
        distances += len(left) * len(right)
        return counted(left, right)

    monkeypatch.setattr(module, "squared_distances", count)
    first = int(np.random.default_rng(0).integers(len(pool)))
    assert ask(STRATEGY, pool, labelled, 60) == k_center(pool, labelled, 60, first)
    if not lattice:
        assert distances < (m + 40) * len(pool)


def test_what_holds_for_all() -> None:
    check_no_sample_is_picked_twice(STRATEGY)
    check_what_holds_for_all(STRATEGY)


def test_duplicates_of_labels_come_last() -> None:
    pool = np.concatenate([blobs(), blobs(30, seed=1)])
    rank = np.random.default_rng(3).permutation(len(pool))
    picks = ask(STRATEGY, pool, blobs(30, seed=1), len(pool), rank=rank)
    assert set(picks[:60]) == set(range(60))
    assert picks[60:] == sorted(range(60, 90), key=lambda i: rank[i])


def test_what_all_rows_share_costs_no_digits() -> None:
    pool = np.random.default_rng(2).normal(size=(300, 6))
    assert ask(STRATEGY, pool + 1e5, pool[:0], 50) == ask(STRATEGY, pool, pool[:0], 50)
