"""Greedy coverage by a Gaussian kernel, which `max_herding` and `uherding` share.

How well the labelled and picked samples S cover the pool is measured by

    sum_j w_j max_{s in S} k(x_j, s),    k(x, y) = exp(-|x - y|^2 / sigma^2),

with the embeddings scaled to length 1. The next pick is the sample that adds most. What a
sample adds can only shrink as others are picked, so what it added earlier bounds what it adds
now, and only samples whose bound reaches the best new value are looked at again (lazy greedy:
M. Minoux, Accelerated Greedy Algorithms for Maximizing Submodular Set Functions, 1978).

The kernel is never held as a whole: at most 256 of its rows are made at a time.
"""

import numpy as np
import numpy.typing as npt

from alcore.types import FloatArray, IntArray
from alcore_diversity.geometry import blocks

_FIRST_BLOCK, _LARGEST_BLOCK = 16, 256
_FINE_SIGMA = 0.1


def greedy_cover(
    pool: FloatArray, labelled: FloatArray, n: int, *, sigma: float, weights: FloatArray
) -> IntArray:
    """Rows of the pool in the order of picking; of equal ones the first.

    Args:
        pool: Shape (p, d). The kernel is computed in their dtype, but for a sigma below 0.1 in
            float64: there float32 cannot tell neighbours from equals.
        labelled: What covers from the start, shape (m, d).
        n: How many to pick, up to p.
        sigma: Radius of the kernel, above 0.
        weights: Of the pool samples as things to be covered, shape (p,), not negative.
    """
    if sigma < _FINE_SIGMA:
        pool = pool.astype(np.float64)
    cover = _Cover(pool, sigma, weights)
    for rows in blocks(len(labelled), _LARGEST_BLOCK):
        cover.add(labelled[rows])
    every = np.arange(len(pool))
    bounds = np.concatenate(
        [cover.gains(every[rows]) for rows in blocks(len(pool), _LARGEST_BLOCK)]
    )
    fresh = np.ones(len(pool), dtype=np.bool_)
    picks = np.empty(n, dtype=np.int64)
    for i in range(n):
        picks[i] = pick = _best(cover, bounds, fresh)
        cover.add(pool[pick : pick + 1])
        bounds[pick] = -np.inf
        fresh = bounds <= 0  # what adds nothing never will
    return picks


def _best(cover: "_Cover", bounds: FloatArray, fresh: npt.NDArray[np.bool_]) -> int:
    """The first row of the largest gain; bounds are made fresh as far as that takes."""
    size = _FIRST_BLOCK
    while True:
        enough = bounds[fresh].max(initial=0) * (1 - cover.noise)
        stale = np.flatnonzero(~fresh & (bounds >= enough))
        if not len(stale):
            return int(np.argmax(fresh & (bounds >= enough)))
        if len(stale) > size:
            stale = stale[np.argpartition(-bounds[stale], size)[:size]]
        bounds[stale] = cover.gains(stale)
        fresh[stale] = True
        size = min(2 * size, _LARGEST_BLOCK)


class _Cover:
    """How well each of n points is covered so far, and what a further one would add.

    Attributes:
        noise: Differences of kernel values below it are rounding, and count as none.
    """

    def __init__(self, points: FloatArray, sigma: float, weights: FloatArray) -> None:
        n = len(points)
        self._scale = float(np.sqrt(2) / sigma)
        self._points = points * self._scale
        self._halves = _half_squares(self._points)
        self._weights = weights.astype(points.dtype)
        self._covered = np.zeros(n, dtype=points.dtype)
        self.noise = float(32 * np.finfo(points.dtype).eps * (1 + sigma**-2))

    def add(self, others: FloatArray) -> None:
        """Cover by further points, not scaled, shape (b, d)."""
        scaled = others.astype(self._points.dtype) * self._scale
        kernel = self._kernel(scaled, _half_squares(scaled))
        np.maximum(self._covered, kernel.max(axis=0) + self.noise, out=self._covered)

    def gains(self, rows: IntArray) -> FloatArray:
        """What each of these points would add, shape (b,), float64."""
        kernel = self._kernel(self._points[rows], self._halves[rows])
        kernel -= self._covered
        np.maximum(kernel, 0, out=kernel)
        return (kernel @ self._weights).astype(np.float64)

    def _kernel(self, scaled: FloatArray, halves: FloatArray) -> FloatArray:
        kernel: FloatArray = scaled @ self._points.T
        kernel -= halves[:, None]
        kernel -= self._halves
        np.exp(kernel, out=kernel)
        return kernel


def _half_squares(points: FloatArray) -> FloatArray:
    halves: FloatArray = np.einsum("ij,ij->i", points, points, dtype=np.float64) / 2
    return halves.astype(points.dtype)
