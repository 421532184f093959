"""Strategies on embeddings, word by word from their papers, and what holds for all of them.

Everything here is slow and in canonical order: the first sample has the lowest rank.
"""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from alcore import Query, Request
from alcore.strategies import Strategy
from alcore.types import FloatArray, IntArray

NOTHING = 1e-9


def cloud(n: int, m: int, d: int, lattice: bool, seed: int) -> tuple[FloatArray, FloatArray]:
    """A pool and labels; on a lattice there are many duplicates and ties."""
    rng = np.random.default_rng(seed)
    points = rng.integers(-2, 3, (n + m, d)) if lattice else rng.normal(size=(n + m, d)) + 3
    return points[m:].astype(np.float64), points[:m].astype(np.float64)


CLOUDS = st.builds(
    cloud,
    n=st.integers(1, 30),
    m=st.integers(0, 5),
    d=st.integers(1, 4),
    lattice=st.booleans(),
    seed=st.integers(0, 10**6),
)


def blobs(n: int = 60, d: int = 5, seed: int = 0) -> FloatArray:
    """Four clusters that nobody can mistake, of different sizes; float32 values."""
    rng = np.random.default_rng(seed)
    which = np.minimum(rng.integers(0, 6, n), 3)
    return (40 * np.eye(d)[which] + rng.normal(size=(n, d))).astype(np.float32)


def ask(
    strategy: Strategy,
    pool: FloatArray,
    labelled: FloatArray,
    n: int,
    *,
    rank: IntArray | None = None,
    seed: int = 0,
) -> list[int]:
    rank = np.arange(len(pool)) if rank is None else rank
    pool.flags.writeable = labelled.flags.writeable = False
    query = Query(rank=rank, embeddings=pool, labelled_embeddings=labelled)
    chosen = strategy.select(query, Request(n=n), np.random.default_rng(seed))
    picks: list[int] = chosen.positions.tolist()
    assert chosen.positions.dtype == np.int64 and chosen.utilities is None
    assert len(set(picks)) == len(picks) == n and set(picks) <= set(range(len(pool)))
    return picks


def check_what_holds_for_all(strategy: Strategy) -> None:
    pool, labelled, none = blobs(), blobs(4, seed=1), blobs(0)
    for known in (labelled, none):
        picks = ask(strategy, pool, known, 12)
        # The order in which the pool comes does not matter.
        shuffled = np.random.default_rng(5).permutation(len(pool))
        again = ask(strategy, pool[shuffled], known, 12, rank=3 * shuffled + 7)
        assert shuffled[again].tolist() == picks
        assert ask(strategy, pool.astype(np.float64), known.astype(np.float64), 12) == picks
        assert ask(strategy, np.asfortranarray(4 * pool), 4 * known, 12) == picks
        assert ask(strategy, pool[:1], known, 1) == [0]
        assert sorted(ask(strategy, pool, known, len(pool))) == list(range(len(pool)))
        # Equal samples are one as good as the other, and no trouble.
        equal = np.tile(pool[:1], (20, 1))
        assert len(ask(strategy, equal, known, 20)) == 20
        assert len(ask(strategy, 0 * equal, known, 7)) == 7
        assert len(ask(strategy, pool[:, :1].copy(), known[:, :1].copy(), 30)) == 30


def check_no_sample_is_picked_twice(strategy: Strategy) -> None:
    """Nor is its duplicate, while there are others."""
    twice = np.tile(blobs(), (2, 1))
    for known in (blobs(4, seed=1), blobs(0)):
        assert len({twice[i].tobytes() for i in ask(strategy, twice, known, 12)}) == 12


def first_of_best(values: Sequence[float] | FloatArray) -> int:
    """The first of the largest, where differences by rounding are none."""
    best = max(values)
    return next(i for i, v in enumerate(values) if v >= best - NOTHING * abs(best))


def k_center(pool: FloatArray, labelled: FloatArray, n: int, first: int) -> list[int]:
    """Sener and Savarese 2018, algorithm 1."""
    centres, picks = list(labelled), list[int]()
    while len(picks) < n:
        pick = first
        if centres:
            gaps = pool[:, None] - np.array(centres)
            distances = (gaps**2).sum(axis=2).min(axis=1)
            distances[picks] = -1
            pick = first_of_best(distances)
        picks.append(pick)
        centres.append(pool[pick])
    return picks


def unit(points: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.divide(points, lengths, out=np.zeros_like(points), where=lengths > 0)


def mean_distances(points: FloatArray, k: int) -> list[float]:
    """Hacohen, Dekel and Weinshall 2022: one over equation 4."""
    means = []
    for i, x in enumerate(points):
        others = sorted(float(np.linalg.norm(x - y)) for j, y in enumerate(points) if j != i)
        means.append(sum(others[:k]) / max(1, len(others[:k])))
    return means


def typiclust(pool: FloatArray, labelled: FloatArray, clusters: IntArray, n: int) -> list[int]:
    """Algorithm 1 there, with `clusters` of labels and pool; K = 20, clusters under 5 last."""
    points, m = unit(np.concatenate([labelled, pool])), len(labelled)
    taken, picks = set(range(m)), list[int]()
    while len(picks) < n:
        able = []
        for number in set(clusters.tolist()):
            members = np.flatnonzero(clusters == number).tolist()
            if set(members) - taken:
                known = len(taken & set(members))
                able.append((len(members) < 5, known, -len(members), members))
        members = min(able)[3]
        free = [i for i in members if i not in taken]
        means = dict(zip(members, mean_distances(points[members], 20), strict=True))
        pick = free[first_of_best([-round(means[i], 9) for i in free])]
        taken.add(pick)
        picks.append(pick - m)
    return picks


def probcover(pool: FloatArray, labelled: FloatArray, radius: float, n: int) -> list[int]:
    """Yehuda et al. 2022, algorithm 1: edges lead from a sample to those in its ball."""
    points, m = unit(np.concatenate([labelled, pool])), len(labelled)
    size = len(points)
    edges = {
        (i, j)
        for i in range(size)
        for j in range(size)
        if np.linalg.norm(points[i] - points[j]) <= radius + NOTHING
    }
    left = set(edges)
    picks: list[int] = []
    for c in range(m):
        covered = {j for i, j in left if i == c}
        left = {(i, j) for i, j in left if j not in covered}
    while len(picks) < n:
        if not left:
            left = {(i, j) for i, j in edges if j >= m and j not in picks}
        free = [i for i in range(m, size) if i not in picks]
        pick = free[first_of_best([sum(i == x for i, _ in left) for x in free])]
        covered = {j for i, j in left if i == pick}
        left = {(i, j) for i, j in left if j not in covered}
        picks.append(pick)
    return [pick - m for pick in picks]


def purity(pool: FloatArray, labels: IntArray, radius: float) -> float:
    """Section 3.3 there: the share of balls within which all labels are equal."""
    pure = 0
    for x in pool:
        ball = [
            int(y) for p, y in zip(pool, labels, strict=True) if np.linalg.norm(x - p) <= radius
        ]
        pure += len(set(ball)) == 1
    return pure / len(pool)
