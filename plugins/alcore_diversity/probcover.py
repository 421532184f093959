"""ProbCover: balls of one radius around the picks cover as much of the pool as they can.

    x = argmax over the pool of the number of samples within radius of x that nothing covers yet

O. Yehuda, A. Dekel, G. Hacohen and D. Weinshall, Active Learning Through a Covering Lens,
NeurIPS 2022, algorithm 1, on unit vectors; what is within radius of a label is covered from the
start. Once all is covered, it begins anew with only the picks covered (the paper does not say).

The radius is the largest whose purity is at least 0.95 (section 3.3): the share of samples whose
ball lies within one k-means cluster. A ball is pure until it reaches the nearest sample of
another cluster, so that radius is a quantile of these distances and needs no grid; it is taken a
thousandth smaller, out of reach of rounding. Up to 1000 balls are asked, each about all samples.

Needs embeddings of pool and labels. O(n^2 d / 2) time; who is near whom is n^2 bits, 50 MB for
20,000 samples; besides k-means O(n d) memory.
"""

import numpy as np
import numpy.typing as npt

from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray, IntArray
from alcore_diversity import ProbCoverOptions
from alcore_diversity.geometry import (
    blocks,
    centred_units,
    order_of,
    positions,
    squared_distances,
)
from alcore_diversity.k_means import clustered

_Bits = npt.NDArray[np.uint8]
_Flags = npt.NDArray[np.bool_]
_MOST_BALLS = 1000
_DIAMETER = 2.0
"""Of the sphere: the radius where all samples are in one cluster."""


class ProbCover:
    """Covers greedily."""

    def __init__(self, options: ProbCoverOptions) -> None:
        self._options = options

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """The samples with the fullest balls in the order of picking; there is no utility."""
        order = order_of(query.rank)
        n = len(query.rank)
        points = centred_units(np.concatenate([query.embeddings[order], query.labelled_embeddings]))
        pool, labelled = points[:n], points[n:]
        radius = self._options.radius or self._pure_radius(query, pool, rng)
        chosen = _greedy(_near(pool, radius), _covered(pool, labelled, radius), request.n)
        return Selection(positions=positions(order, chosen, n))

    def _pure_radius(self, query: Query, pool: FloatArray, rng: np.random.Generator) -> float:
        k = query.n_classes or self._options.n_classes
        labels = clustered(pool, min(k, len(pool)), rng)
        asked = rng.choice(len(pool), min(_MOST_BALLS, len(pool)), replace=False)
        return pure_radius(pool, labels, asked, self._options.purity)


def pure_radius(points: FloatArray, labels: IntArray, asked: IntArray, purity: float) -> float:
    """The largest radius (less a thousandth) at which that share of the asked balls is pure."""
    nearest = np.full(len(asked), _DIAMETER**2)
    for some in blocks(len(asked)):
        for rows in blocks(len(points)):
            squares = squared_distances(points[asked[some]], points[rows])
            squares[labels[asked[some], None] == labels[rows]] = np.inf
            nearest[some] = np.minimum(nearest[some], squares.min(axis=1))
    # Not more than 1 - purity of the balls may be impure; 1e-9 forgives 0.95 its binary digits.
    impure = int((1 - purity) * len(asked) + 1e-9)
    return 0.999 * float(np.sqrt(np.sort(nearest)[min(impure, len(asked) - 1)]))


def _limit(points: FloatArray, radius: float) -> float:
    """The largest squared distance that counts as within radius, rounding forgiven."""
    return radius**2 + 64 * float(np.finfo(points.dtype).eps)


def _near(points: FloatArray, radius: float) -> _Bits:
    """Who is within radius of whom: n rows of n bits, in the order of np.packbits."""
    n = len(points)
    # |x - y|^2 <= r^2 where x y >= |x|^2 / 2 + (|y|^2 - r^2) / 2, which spares four passes.
    halves = np.vecdot(points, points) / 2
    rest = halves - _limit(points, radius) / 2
    bits = np.zeros((n, -(-n // 8)), dtype=np.uint8)
    for upper in blocks(n):
        for right in blocks(n):
            if right.start < upper.start:
                continue
            near = points[upper] @ points[right].T >= halves[upper, None] + rest[right]
            # Rounding must not make x near y and y not near x: one half mirrors the other.
            bits[right, _bytes(upper)] = np.packbits(near.T, axis=1)
            bits[upper, _bytes(right)] = np.packbits(near, axis=1)
    return bits


def _bytes(columns: slice) -> slice:
    return slice(columns.start // 8, -(-columns.stop // 8))


def _covered(pool: FloatArray, labelled: FloatArray, radius: float) -> _Flags:
    covered = np.zeros(len(pool), dtype=np.bool_)
    for some in blocks(len(labelled)):
        for rows in blocks(len(pool)):
            squares = squared_distances(labelled[some], pool[rows])
            covered[rows] |= (squares <= _limit(pool, radius)).any(axis=0)
    return covered


def _greedy(near: _Bits, covered: _Flags, n_picks: int) -> list[int]:
    n = len(near)
    everything = _counts(near, np.arange(n))
    degree, new = everything.copy(), np.flatnonzero(covered)
    chosen: list[int] = []
    while len(chosen) < n_picks:
        if covered.all():
            covered[:] = False
            covered[chosen] = True
            degree = everything - _counts(near, np.array(chosen, dtype=np.int64))
            degree[chosen] = -1
        else:
            degree -= _counts(near, new)
        best = int(degree.argmax())
        chosen.append(best)
        ball = np.unpackbits(near[best], count=n).view(np.bool_)
        new = np.flatnonzero(ball & ~covered)
        covered |= ball
    return chosen


def _counts(near: _Bits, of: IntArray) -> IntArray:
    """How many of the given samples are near each sample, shape (n,)."""
    counts = np.zeros(len(near), dtype=np.int64)
    for some in blocks(len(of), 128):
        counts += np.unpackbits(near[of[some]], axis=1, count=len(near)).sum(axis=0, dtype=np.uint8)
    return counts
