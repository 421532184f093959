"""MaxHerding against the double sum it maximises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcore.strategies import Query, Request
from alcore.types import FloatArray
from alcore_diversity import MaxHerdingOptions, kernels
from alcore_diversity.max_herding import MaxHerding

NONE_LABELLED = np.empty((0, 3))
GRID = st.integers(-2, 2).map(float)


def chosen(
    pool: FloatArray, labelled: FloatArray, n: int, rank: object = None, sigma: float = 1.0
) -> list[int]:
    rank = np.arange(len(pool)) if rank is None else np.asarray(rank)
    query = Query(rank=rank, embeddings=pool, labelled_embeddings=labelled)
    strategy = MaxHerding(MaxHerdingOptions(sigma=sigma))
    return strategy.select(query, Request(n=n), np.random.default_rng(0)).positions.tolist()


def unit(rows: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)


def objective(pool: FloatArray, centres: FloatArray, sigma: float) -> float:
    """Mean over the pool of the largest kernel value with a centre; no centres: 0."""
    if not len(centres):
        return 0.0
    total = 0.0
    for x in unit(pool):
        total += max(np.exp(-((x - s) ** 2).sum() / sigma**2) for s in unit(centres))
    return total / len(pool)


def follow(pool: FloatArray, labelled: FloatArray, picks: list[int], sigma: float) -> None:
    """Every pick gains as much as any other sample would; of equal samples the first is taken."""
    for i, pick in enumerate(picks):
        rest = [row for row in range(len(pool)) if row not in picks[:i]]
        before = np.concatenate([labelled, pool[picks[:i]]])
        value = {r: objective(pool, np.concatenate([before, pool[[r]]]), sigma) for r in rest}
        assert value[pick] == pytest.approx(max(value.values()), abs=1e-11)
        assert pick == next(row for row in rest if (pool[row] == pool[pick]).all())


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 8), st.integers(0, 3), st.sampled_from([0.05, 0.5, 1.0]))
def test_each_pick_gains_most(data: st.DataObject, n: int, m: int, sigma: float) -> None:
    pool = data.draw(arrays(np.float64, (n, 3), elements=GRID))
    labelled = data.draw(arrays(np.float64, (m, 3), elements=GRID))
    picks = chosen(pool, labelled, data.draw(st.integers(1, n)), sigma=sigma)
    follow(pool, labelled, picks, sigma)


def literal(pool: FloatArray, labelled: FloatArray, n: int, sigma: float) -> list[int]:
    """The algorithm with the whole kernel. Two samples far from all others tie: the first wins."""
    x, lab = unit(pool), unit(labelled)
    kernel = np.exp(-((x[:, None] - x) ** 2).sum(axis=2) / sigma**2)
    to_labelled = np.exp(-((x[:, None] - lab) ** 2).sum(axis=2) / sigma**2)
    covered, picks = to_labelled.max(axis=1, initial=0), []
    for _ in range(n):
        gains = np.maximum(kernel - covered, 0).mean(axis=1)
        gains[picks] = -1
        picks.append(int(np.argmax(gains > gains.max() - 1e-12)))
        covered = np.maximum(covered, kernel[picks[-1]])
    return picks


@pytest.mark.parametrize("m", [0, 5])
@pytest.mark.parametrize("sigma", [0.3, 1.0])
@pytest.mark.parametrize("kept", [150, 15, 0])  # all pairs at once; after some picks; hardly
def test_the_lazy_search_in_blocks_finds_what_the_whole_kernel_gives(
    m: int, sigma: float, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in {"_FIRST_BLOCK": 3, "_LARGEST_BLOCK": 16, "_PAIRS": kept}.items():
        monkeypatch.setattr(kernels, name, size)
    rows = np.random.default_rng(m).normal(size=(150 + m, 6))
    pool, labelled = rows[m:], rows[:m]
    assert chosen(pool, labelled, 60, sigma=sigma) == literal(pool, labelled, 60, sigma)


def test_only_the_ranks_order_the_pool() -> None:
    rng = np.random.default_rng(1)
    pool, labelled = rng.integers(-1, 2, size=(40, 3)).astype(float), np.eye(3)
    order = rng.permutation(40)
    plain, moved = chosen(pool, labelled, 30), chosen(pool[order], labelled, 30, rank=order)
    assert [int(order[pick]) for pick in moved] == plain


def test_the_length_of_embeddings_does_not_matter() -> None:
    pool = np.random.default_rng(2).normal(size=(50, 3))
    factors = 2.0 ** np.arange(50)[:, None]
    assert chosen(pool * factors, NONE_LABELLED, 20) == chosen(pool, NONE_LABELLED, 20)


def test_float32_embeddings_give_the_same_picks() -> None:
    pool = np.random.default_rng(3).normal(size=(60, 3)).astype(np.float32)
    none = NONE_LABELLED.astype(np.float32)
    assert chosen(pool, none, 20) == chosen(pool.astype(float), NONE_LABELLED, 20)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_samples_come_by_rank(dtype: str) -> None:
    row = np.random.default_rng(4).normal(size=(1, 100)).astype(dtype)
    same = np.repeat(row, 40, axis=0)
    assert chosen(same, same[:0], 40) == list(range(40))
    assert chosen(same, same[:1], 40, rank=range(40, 0, -1)) == list(range(39, -1, -1))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_copies_come_last_and_by_rank(dtype: str) -> None:
    distinct = np.random.default_rng(5).normal(size=(6, 200)).astype(dtype)
    picks = chosen(np.tile(distinct, (9, 1)), distinct[:0], 54)
    assert sorted(picks[:6]) == list(range(6))
    assert picks[6:] == list(range(6, 54))


def test_a_pool_of_one_and_a_sample_of_zeros() -> None:
    assert chosen(np.ones((1, 3)), NONE_LABELLED, 1) == [0]
    assert sorted(chosen(np.array([[0.0, 0, 0], [0, 0, 1]]), NONE_LABELLED, 2)) == [0, 1]
