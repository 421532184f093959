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
    total = np.zeros(points.shape[1])
    for rows in blocks(len(points)):
        total += _units(points[rows]).sum(axis=0)
    mean = total / max(1, len(points))
    units = np.empty(points.shape, points.dtype)
    for rows in blocks(len(points)):
        units[rows] = _units(points[rows]) - mean
    return units


def _units(points: FloatArray) -> FloatArray:
    rows = points.astype(np.float64)
    rows /= np.maximum(np.abs(rows).max(axis=1, keepdims=True), np.finfo(float).tiny)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)
    return rows


def squared_distances(left: FloatArray, right: FloatArray) -> FloatArray:
    """|x - y|^2 of all pairs, shape (l, r), by |x|^2 + |y|^2 - 2 xy.

    What is within rounding of 0 is 0, so that equal rows are at distance 0 exactly. Bring
    the rows near the origin first.
    """
    squares = np.einsum("id,id->i", left, left)[:, None] + np.einsum("id,id->i", right, right)
    distances = left @ right.T
    distances *= -2
    distances += squares
    squares *= 32 * np.finfo(distances.dtype).eps
    distances[distances <= squares] = 0
    return distances
