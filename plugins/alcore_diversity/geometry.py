"""Points, distances and order, as the strategies of this plugin share them."""

from collections.abc import Iterator

import numpy as np

from alcore.types import FloatArray, IntArray

BLOCK = 512
"""Rows worked on at a time: at 2048 float64 features a block has 8 MB."""


def order_of(rank: IntArray) -> IntArray | slice:
    """What brings the pool into canonical order; a slice, which copies nothing, if it is in it."""
    return slice(None) if (rank[:-1] < rank[1:]).all() else np.argsort(rank)


def positions(order: IntArray | slice, chosen: IntArray | list[int], n: int) -> IntArray:
    """Positions in the pool of samples chosen by their place in canonical order."""
    answer: IntArray = np.arange(n, dtype=np.int64)[order][chosen]
    return answer


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices that cut n rows into blocks."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def centred_units(points: FloatArray) -> FloatArray:
    """Rows scaled to length 1 (zeros stay zeros), less their mean; same shape and dtype.

    The mean changes no distance; without it what the rows share costs digits.
    """
    factors, total = np.empty((len(points), 1)), np.zeros(points.shape[1])
    for rows in blocks(len(points)):
        factors[rows] = _reciprocal_lengths(points[rows])
        total += factors[rows, 0] @ points[rows].astype(np.float64)
    mean = total / max(1, len(points))
    units = np.empty(points.shape, points.dtype)
    for rows in blocks(len(points)):
        np.subtract(points[rows] * factors[rows], mean, out=units[rows], casting="same_kind")
    return units


def _reciprocal_lengths(points: FloatArray) -> FloatArray:
    """What brings each row to length 1, shape (n, 1); 0 for zeros.

    By way of the largest value, as squares may be beyond the dtype.
    """
    largest = np.abs(points).max(axis=1, keepdims=True).astype(np.float64)
    there = largest >= np.finfo(float).tiny
    rows = points / np.where(there, largest, 1)
    squares = np.vecdot(rows, rows)[:, None]
    lengths = np.sqrt(np.maximum(squares, 1))  # below 1 of zeros only
    factors: FloatArray = np.zeros_like(largest)
    np.divide(1 / lengths, largest, out=factors, where=there)
    return factors


def squared_distances(left: FloatArray, right: FloatArray) -> FloatArray:
    """|x - y|^2 of all pairs, shape (l, r), by |x|^2 + |y|^2 - 2 xy.

    What is within rounding of 0 is 0, so that equal rows are at distance 0 exactly. Bring
    the rows near the origin first.
    """
    squares = np.vecdot(left, left)[:, None] + np.vecdot(right, right)
    distances = left @ right.T
    distances *= -2
    distances += squares
    squares *= 32 * np.finfo(distances.dtype).eps
    distances[distances <= squares] = 0
    return distances
