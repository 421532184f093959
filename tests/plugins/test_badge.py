"""BADGE against k-means++ on gradients that are written out."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.options import NoOptions
from alcore.strategies import Query, Request
from alcore.types import FloatArray
from alcore_diversity import badge
from alcore_diversity.badge import Badge, _Gradients


def chosen(
    probabilities: FloatArray, embeddings: FloatArray, n: int, rank: object = None, seed: int = 0
) -> list[int]:
    query = Query(
        rank=np.arange(len(embeddings)) if rank is None else np.asarray(rank),
        probabilities=probabilities,
        embeddings=embeddings,
    )
    rng = np.random.default_rng(seed)
    return Badge(NoOptions()).select(query, Request(n=n), rng).positions.tolist()


def gradients(probabilities: FloatArray, embeddings: FloatArray) -> FloatArray:
    rows = []
    for p, z in zip(probabilities.astype(float), embeddings.astype(float), strict=True):
        label = np.zeros(len(p))
        label[p.argmax()] = 1
        rows.append(np.outer(p - label, z).ravel())
    return np.array(rows)


def literal(
    probabilities: FloatArray, embeddings: FloatArray, n: int, rng: np.random.Generator
) -> list[int]:
    """Algorithm 1, drawing with NumPy's own weighted choice."""
    g = gradients(probabilities, embeddings)
    picks = [int((g**2).sum(axis=1).argmax())]
    while len(picks) < n:
        nearest = np.array([min(((row - g[pick]) ** 2).sum() for pick in picks) for row in g])
        picks.append(int(rng.choice(len(g), p=nearest / nearest.sum())))
    return picks


def example(seed: int, n: int, c: int, d: int) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(c, 0.5), size=n), rng.normal(size=(n, d))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(2, 5), st.integers(1, 4))
def test_picks_equal_those_on_written_out_gradients(seed: int, n: int, c: int, d: int) -> None:
    table, z = example(seed, n, c, d)
    k = (n + 1) // 2
    assert chosen(table, z, k, seed=seed) == literal(table, z, k, np.random.default_rng(seed))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table, z = example(0, 200, 4, 5)
    whole = chosen(table, z, 50)
    monkeypatch.setattr(badge, "_BLOCK_BYTES", 8 * 9 * 7)
    assert chosen(table, z, 50) == whole


def test_only_the_ranks_order_the_pool() -> None:
    table, z = example(1, 60, 3, 4)
    order = np.random.default_rng(1).permutation(60)
    moved = chosen(table[order], z[order], 30, rank=order)
    assert [int(order[pick]) for pick in moved] == chosen(table, z, 30)


def test_classes_scale_and_dtype_change_nothing() -> None:
    table, z = (part.astype(np.float32) for part in example(2, 60, 3, 4))
    plain = chosen(table, z, 30)
    assert chosen(table[:, [2, 0, 1]], z, 30) == plain
    assert chosen(table, 8 * z, 30) == plain
    assert chosen(table.astype(float), z.astype(float), 30) == plain


def test_each_sample_once_until_the_pool_is_empty() -> None:
    table, z = example(3, 25, 3, 2)
    for seed in range(20):
        assert sorted(chosen(table, z, 25, seed=seed)) == list(range(25))
    assert chosen(table[:1], z[:1], 1) == [0]


def test_copies_come_only_when_nothing_else_is_left() -> None:
    table, z = (np.repeat(part, 4, axis=0) for part in example(4, 10, 3, 50))
    for seed in range(20):
        picks = chosen(table, z, 20, seed=seed)
        assert sorted(pick // 4 for pick in picks[:10]) == list(range(10))
        assert len(set(picks)) == 20


def test_copies_are_at_no_distance_at_all() -> None:
    for seed in range(10):
        table, z = (np.repeat(part, 3, axis=0) for part in example(seed, 1, 7, 300))
        assert not _Gradients(table, z, np.arange(3)).squared_distances(0).any()


@pytest.mark.parametrize("number", [0.0, float(np.nextafter(1, 0))])
def test_the_smallest_and_the_largest_draw_pick_nothing_twice(number: float) -> None:
    class Drawn:
        def random(self) -> float:
            return number

    table, z = example(5, 9, 3, 2)
    query = Query(rank=np.arange(9), probabilities=table, embeddings=z)
    chosen = Badge(NoOptions()).select(query, Request(n=9), Drawn())  # type: ignore[arg-type]
    assert sorted(chosen.positions) == list(range(9))


@pytest.mark.parametrize("certain", [True, False])
def test_where_all_distances_are_0_every_other_sample_is_as_likely(certain: bool) -> None:
    table = np.eye(3)[[0, 1, 2, 0, 1]] if certain else np.full((5, 3), 1 / 3)
    counts = Counter(chosen(table, np.ones((5, 2)), 2, seed=seed)[1] for seed in range(400))
    assert set(counts) == {1, 2, 3, 4}
    assert min(counts.values()) > 60


def test_draws_follow_the_squared_distances() -> None:
    """Gradients at 0, 1 and 3 on a line: after the longest, 9 to 4 for the others."""
    table, z = np.full((3, 2), 0.5), np.array([[0.0], [1], [3]])
    counts = Counter(chosen(table, z, 2, seed=seed)[1] for seed in range(2000))
    assert counts[0] / 2000 == pytest.approx(9 / 13, abs=0.04)
    assert counts[0] + counts[1] == 2000
