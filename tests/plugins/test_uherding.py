"""UHerding against the double sum it maximises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcore.options import NoOptions
from alcore.strategies import Query, Request
from alcore.types import FloatArray
from alcore_diversity.uherding import UHerding, radius

NONE_LABELLED = np.empty((0, 3))
GRID = st.integers(-2, 2).map(float)


def chosen(
    probabilities: FloatArray,
    pool: FloatArray,
    labelled: FloatArray,
    n: int,
    rank: object = None,
) -> list[int]:
    query = Query(
        rank=np.arange(len(pool)) if rank is None else np.asarray(rank),
        probabilities=probabilities,
        embeddings=pool,
        labelled_embeddings=labelled,
    )
    chosen = UHerding(NoOptions()).select(query, Request(n=n), np.random.default_rng(0))
    return chosen.positions.tolist()


def unit(rows: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)


def literal_radius(labelled: FloatArray) -> float:
    rows = unit(labelled)
    distances = [float(np.linalg.norm(x - y)) for x in rows for y in rows]
    return min((d for d in distances if d > 1e-3), default=1.0)


def literal_gains(
    probabilities: FloatArray, pool: FloatArray, labelled: FloatArray, picks: list[int]
) -> FloatArray:
    """What each sample of the pool adds to the weighted sum, after these picks."""
    weights = []
    for p in probabilities:
        first, second = sorted(p.tolist())[:-3:-1]
        weights.append(1 - (first - second))
    weights = weights if any(weights) else [1.0] * len(pool)
    x, sigma = unit(pool), literal_radius(labelled)
    centres = np.concatenate([unit(labelled), x[picks]])
    gains = np.zeros(len(pool))
    for j, weight in enumerate(weights):
        covered = max((np.exp(-((x[j] - s) ** 2).sum() / sigma**2) for s in centres), default=0)
        for i in range(len(pool)):
            gain = np.exp(-((x[i] - x[j]) ** 2).sum() / sigma**2) - covered
            gains[i] += weight * max(gain, 0)
    return gains


def random_probabilities(rng: np.random.Generator, n: int) -> FloatArray:
    return rng.dirichlet(np.full(4, 0.5), size=n)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(1, 8), st.integers(0, 4), st.integers(0, 99), st.booleans())
def test_each_pick_gains_most(
    data: st.DataObject, n: int, m: int, seed: int, certain: bool
) -> None:
    pool = data.draw(arrays(np.float64, (n, 3), elements=GRID))
    labelled = data.draw(arrays(np.float64, (m, 3), elements=GRID))
    rng = np.random.default_rng(seed)
    table = np.eye(4)[rng.integers(0, 4, n)] if certain else random_probabilities(rng, n)
    picks = chosen(table, pool, labelled, n)
    assert sorted(picks) == list(range(n))
    for i, pick in enumerate(picks):
        gains = literal_gains(table, pool, labelled, picks[:i])
        gains[picks[:i]] = 0
        assert gains[pick] == pytest.approx(gains.max(), abs=1e-10)


def test_picks_equal_the_literal_ones() -> None:
    rng = np.random.default_rng(0)
    pool, labelled = rng.normal(size=(40, 3)), rng.normal(size=(6, 3))
    table = random_probabilities(rng, 40)
    expected: list[int] = []
    for _ in range(12):
        gains = literal_gains(table, pool, labelled, expected)
        gains[expected] = -1
        expected.append(int(gains.argmax()))
    assert chosen(table, pool, labelled, 12) == expected


def test_the_radius_is_the_smallest_distance_of_different_labelled_samples() -> None:
    right, up = [1.0, 0, 0], [0, 1.0, 0]
    near, same = unit(np.array([[1.0, 0.1, 0], [1.0, 0.0005, 0]]))
    assert radius(np.array([right, up])) == pytest.approx(np.sqrt(2))
    assert radius(np.array([right, up, same, near])) == pytest.approx(0.1, rel=0.01)
    assert radius(np.array([right, same])) == radius(np.array([right])) == 1
    assert radius(NONE_LABELLED) == 1
    many = np.repeat([up, right], [600, 100], axis=0)
    assert radius(many) == pytest.approx(np.sqrt(2))
    many[0], many[-1] = [0, 0, 1.0], [0, 0.01, 1.0]
    assert radius(many) == pytest.approx(0.01)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_denser_the_labels_the_more_uncertainty_decides(dtype: str) -> None:
    rng = np.random.default_rng(1)
    pool, table = rng.normal(size=(60, 99)).astype(dtype), random_probabilities(rng, 60)
    close = np.repeat(rng.normal(size=(1, 99)), 2, axis=0)
    close[1, 0] += 0.02
    first, second = np.sort(table, axis=1)[:, :-3:-1].T
    assert chosen(table, pool, close.astype(dtype), 40) == (first - second).argsort()[:40].tolist()


def test_only_ranks_and_classes_in_any_order_matter() -> None:
    rng = np.random.default_rng(2)
    pool, labelled = rng.integers(-1, 2, size=(30, 3)).astype(float), rng.normal(size=(5, 3))
    table = random_probabilities(rng, 30)
    plain, order = chosen(table, pool, labelled, 20), rng.permutation(30)
    moved = chosen(table[order], pool[order], labelled, 20, rank=order)
    assert [int(order[pick]) for pick in moved] == plain
    assert chosen(table[:, ::-1], pool, labelled[::-1], 20) == plain


def test_float32_gives_the_same_picks() -> None:
    rng = np.random.default_rng(3)
    pool, labelled = (rng.normal(size=(n, 3)).astype(np.float32) for n in (40, 4))
    table = random_probabilities(rng, 40).astype(np.float32)
    wide = chosen(table.astype(float), pool.astype(float), labelled.astype(float), 15)
    assert chosen(table, pool, labelled, 15) == wide


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_samples_come_by_rank(dtype: str) -> None:
    same = np.repeat(np.random.default_rng(4).normal(size=(1, 90)).astype(dtype), 30, axis=0)
    for table in (np.full((30, 4), 0.25, dtype), np.eye(4, dtype=dtype)[[0] * 30]):
        assert chosen(table, same, same[:0], 30) == list(range(30))
        assert chosen(table, same, same[:2], 30, rank=range(30, 0, -1)) == list(range(29, -1, -1))
