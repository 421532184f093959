"""Greedy coverage by a Gaussian kernel, which `max_herding` and `uherding` share.

How well the labelled and picked samples S cover the pool is measured by

    sum_j w_j max_{s in S} k(x_j, s),    k(x, y) = exp(-|x - y|^2 / sigma^2),

with the embeddings scaled to length 1. The next pick is the sample that adds most. What a
sample adds can only shrink as others are picked, so what it added earlier bounds what it adds
now, and only samples whose bound reaches the best new value are looked at again (lazy greedy:
M. Minoux, Accelerated Greedy Algorithms for Maximizing Submodular Set Functions, 1978).

Only pairs whose kernel is above what covers x_j already can add anything, about one pair in
1 + |S|. A survey makes every kernel value once and keeps those pairs if they are 512 a
sample or fewer (the memory of 768 float32 features); then no value is made again. As long as they
are more, rows of the kernel are made when they are looked at, until another survey is no dearer.
The kernel is never held as a whole.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from alcore.types import FloatArray, IntArray
from alcore_diversity.geometry import blocks

_FIRST_BLOCK, _LARGEST_BLOCK = 16, 256
_PAIRS = 512
_FINE_SIGMA = 0.1

_Found: TypeAlias = tuple[IntArray, IntArray, FloatArray]


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
        cover.add_others(labelled[rows])
    bounds, fresh = cover.survey(), np.ones(len(pool), dtype=np.bool_)
    picks = np.empty(n, dtype=np.int64)
    for i in range(n):
        picks[i] = pick = _best(cover, bounds, fresh)
        cover.add(pick)
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
        if size == _LARGEST_BLOCK and cover.is_survey_worth(len(stale)):
            np.minimum(bounds, cover.survey(), out=bounds)
            fresh[:] = True
            continue
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
        self._pairs: list[tuple[IntArray, FloatArray]] = []  # of each row: columns, kernel values
        self._rows_made = 0
        self.noise = float(32 * np.finfo(points.dtype).eps * (1 + sigma**-2))

    def is_survey_worth(self, more: int) -> bool:
        """Making `more` rows, and those since the last survey, costs as much as another survey."""
        return not self._pairs and 2 * (self._rows_made + more) >= len(self._points)

    def add_others(self, others: FloatArray) -> None:
        """Cover by points that are not of these and not scaled, shape (b, d)."""
        scaled = others.astype(self._points.dtype) * self._scale
        self._raise(slice(None), self._kernel(scaled, _half_squares(scaled)).max(axis=0))

    def add(self, row: int) -> None:
        """Cover by one of the points."""
        if self._pairs:
            self._raise(*self._pairs[row])
        else:
            self._raise(slice(None), self._rows(slice(row, row + 1))[0])

    def _raise(self, columns: slice | IntArray, kernel: FloatArray) -> None:
        self._covered[columns] = np.maximum(self._covered[columns], kernel + self.noise)

    def gains(self, rows: IntArray) -> FloatArray:
        """What each of these points would add, shape (b,), float64."""
        if self._pairs:
            return self._gains_of_pairs([self._pairs[row] for row in rows])
        self._rows_made += len(rows)
        kernel = self._rows(rows)
        kernel -= self._covered
        np.maximum(kernel, 0, out=kernel)
        return (kernel @ self._weights).astype(np.float64)

    def _gains_of_pairs(self, pairs: list[tuple[IntArray, FloatArray]]) -> FloatArray:
        columns, values = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        values -= self._covered[columns]
        np.maximum(values, 0, out=values)
        values *= self._weights[columns]
        rows = np.repeat(np.arange(len(pairs)), [len(row) for row, _ in pairs])
        return np.bincount(rows, values, minlength=len(pairs)).astype(np.float64)

    def survey(self) -> FloatArray:
        """What every point would add, shape (n,), float64; the pairs are kept if they are few."""
        n = len(self._points)
        tiles = list(blocks(n, _LARGEST_BLOCK))
        found: list[list[_Found]] = [[] for _ in tiles]  # of each block; nothing: too many
        gains, room, self._rows_made = np.zeros(n), 2 * _LARGEST_BLOCK**2, 0
        for i, rows in enumerate(tiles):
            panel = self._rows(rows, slice(rows.start, n))  # far faster than tiles with two threads
            for j, columns in enumerate(tiles[i:], i):
                kernel = panel[:, columns.start - rows.start : columns.stop - rows.start]
                sides = [(i, j, kernel), (j, i, kernel.T)]
                for x, y, values in sides[: 1 + (i < j)]:
                    above = np.subtract(values, self._covered[tiles[y]], order="C")
                    if found:
                        found[x].append(_pairs_of(values, above >= -self.noise, tiles[y]))
                        room += _PAIRS * values.size // n - len(found[x][-1][0])
                        found = found if room >= 0 else []
                    np.maximum(above, 0, out=above)
                    gains[tiles[x]] += above @ self._weights[tiles[y]]
            if found:
                self._pairs += _by_row(found[i], rows.stop - rows.start)
                found[i].clear()
            else:
                self._pairs = []
        return gains

    def _rows(self, rows: slice | IntArray, columns: slice = slice(None)) -> FloatArray:
        return self._kernel(self._points[rows], self._halves[rows], columns)

    def _kernel(
        self, scaled: FloatArray, halves: FloatArray, columns: slice = slice(None)
    ) -> FloatArray:
        kernel: FloatArray = scaled @ self._points[columns].T
        kernel -= halves[:, None]
        kernel -= self._halves[columns]
        np.exp(kernel, out=kernel)
        return kernel


def _pairs_of(kernel: FloatArray, wanted: npt.NDArray[np.bool_], columns: slice) -> _Found:
    """Row in the tile, column in the pool and kernel of the pairs in a tile that are wanted."""
    row, column = np.divmod(np.flatnonzero(wanted), kernel.shape[1])
    place = (column + columns.start).astype(np.min_scalar_type(columns.stop))
    return row.astype(np.int16), place, kernel[row, column]


def _by_row(found: list[_Found], n: int) -> Iterator[tuple[IntArray, FloatArray]]:
    """Columns and kernel values of each of n rows; those of a row lie side by side in memory."""
    row, columns, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(row, kind="stable")
    columns, values = columns[order], values[order]
    stops = np.cumsum(np.bincount(row, minlength=n)).tolist()
    return ((columns[a:b], values[a:b]) for a, b in pairwise([0, *stops]))


def _half_squares(points: FloatArray) -> FloatArray:
    halves: FloatArray = np.einsum("ij,ij->i", points, points, dtype=np.float64) / 2
    return halves.astype(points.dtype)
