"""Splits: a partition, drawn from the seed alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.errors import UsageError
from alcore.splits import draw_splits


@given(
    initial=st.integers(1, 20),
    validation=st.integers(0, 20),
    test=st.integers(1, 20),
    pool=st.integers(1, 50),
    seed=st.integers(0, 2**31),
)
def test_the_splits_are_a_partition_in_ascending_order(
    initial: int, validation: int, test: int, pool: int, seed: int
) -> None:
    n = initial + validation + test + pool
    splits = draw_splits(n, initial=initial, validation=validation, test=test, seed=seed)
    parts = [splits.initial, splits.validation, splits.test, splits.pool]
    assert [len(part) for part in parts] == [initial, validation, test, pool]
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert all((np.diff(part) > 0).all() for part in parts)


def test_all_splits_are_redrawn_with_the_seed_and_only_with_it() -> None:
    one, same, other = (
        draw_splits(200, initial=20, validation=20, test=40, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.test, same.test) and np.array_equal(one.initial, same.initial)
    assert not np.array_equal(one.test, other.test)
    assert not np.array_equal(one.initial, other.initial)


def test_every_sample_is_equally_likely_to_start_labelled() -> None:
    counts = np.zeros(30)
    for seed in range(600):
        splits = draw_splits(30, initial=10, validation=0, test=10, seed=seed)
        counts[splits.initial] += 1
    # 600 draws with p = 1/3: standard deviation 11.5; five of them on either side.
    assert abs(counts - 200).max() < 58


def test_an_order_is_cut_as_it_is_for_every_seed() -> None:
    order = np.arange(100)[::-1]
    for seed in (0, 7):
        splits = draw_splits(100, initial=10, validation=5, test=20, seed=seed, order=order)
        assert splits.initial.tolist() == list(range(90, 100))
        assert splits.test.tolist() == list(range(65, 85))


@given(st.lists(st.integers(0, 25), min_size=40, max_size=40), st.integers(0, 100))
def test_samples_of_a_group_share_a_split_and_the_sizes_hold(groups: list[int], seed: int) -> None:
    numbers = np.array([*groups, *range(100, 160)])
    splits = draw_splits(100, initial=10, validation=5, test=20, seed=seed, groups=numbers)
    parts = [splits.initial, splits.validation, splits.test, splits.pool]
    assert [len(part) for part in parts] == [10, 5, 20, 65]
    assert sorted(np.concatenate(parts).tolist()) == list(range(100))
    homes = [set(numbers[part].tolist()) for part in parts]
    assert sum(map(len, homes)) == len(set(numbers.tolist()))


def test_groups_too_large_for_the_splits_are_refused() -> None:
    with pytest.raises(UsageError, match="near-identical samples, kept together, do not fit"):
        draw_splits(20, initial=3, validation=0, test=3, seed=0, groups=np.arange(20) // 5)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"initial": -1}, "splits.initial must be at least 0, not -1"),
        ({"test": 0}, "splits.test must be at least 1, not 0"),
        ({"validation": -1}, "splits.validation must be at least 0, not -1"),
        ({"test": 90}, "splits take 105 samples .* the dataset has 100"),
        ({"test": 85}, "leaves no pool"),
    ],
)
def test_impossible_sizes_are_refused(sizes: dict[str, int], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        draw_splits(100, **{"initial": 10, "validation": 5, "test": 20, **sizes}, seed=0)
