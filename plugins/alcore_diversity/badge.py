"""BADGE: k-means++ over the gradients that labelling each sample would give, were the model right.

    g_i = (p_i - e(argmax p_i)) (x) z_i

is the gradient of the cross-entropy in the weights of the last layer, for class probabilities p,
embedding z and the predicted class as the label. Its length says how unsure the model is, its
direction of what. The first pick has the longest gradient; each further one is drawn with
probability proportional to D^2, its squared distance to the nearest pick. J. Ash, C. Zhang,
A. Krishnamurthy, J. Langford and A. Agarwal, Deep Batch Active Learning by Diverse, Uncertain
Gradient Lower Bounds, ICLR 2020, Algorithm 1; the first pick as in the authors' code.

The c d numbers of a gradient are never written down, since for a_i = p_i - e(argmax p_i)

    <g_i, g_j> = <a_i, a_j> <z_i, z_j>.

Needs probabilities and embeddings. Time O(n (c + d)) per pick; memory O(n) besides the inputs,
which are read in blocks. One random number per pick but the first.
"""

from collections.abc import Iterator

import numpy as np

from alcore.options import NoOptions
from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray, IntArray

_BLOCK_BYTES = 2**21
_SAME = 1e-12  # relative; float64 rounding is a thousandth of it


class Badge:
    """Draws unsure and diverse samples, never one twice."""

    def __init__(self, options: NoOptions) -> None:
        pass

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """`request.n` samples in the order of drawing."""
        order = np.argsort(query.rank)
        gradients = _Gradients(query.probabilities, query.embeddings, order)
        picks = [int(gradients.squares.argmax())]
        nearest = gradients.squared_distances(picks[0])
        while len(picks) < request.n:
            picks.append(_draw(nearest if nearest.any() else _others(nearest, picks), rng))
            np.minimum(nearest, gradients.squared_distances(picks[-1]), out=nearest)
        return Selection(positions=order[picks])


def _draw(weights: FloatArray, rng: np.random.Generator) -> int:
    cumulative = np.cumsum(weights)
    return int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))


def _others(nearest: FloatArray, picks: list[int]) -> FloatArray:
    """All gradients are picked ones: the same weight for each sample that is not."""
    weights = np.ones_like(nearest)
    weights[picks] = 0
    return weights


class _Gradients:
    """The gradients in canonical order, as far as distances need them.

    Attributes:
        squares: Their squared lengths, shape (n,), float64.
    """

    def __init__(self, probabilities: FloatArray, embeddings: FloatArray, order: IntArray) -> None:
        self._probabilities, self._embeddings, self._order = probabilities, embeddings, order
        self.squares = np.empty(len(order))
        for part, a, z in self._blocks():
            self.squares[part] = np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", z, z)

    def squared_distances(self, pick: int) -> FloatArray:
        """Of every gradient to the pick's, shape (n,), float64; 0 where they are the same."""
        own_a, own_z = self._factors(slice(pick, pick + 1))
        distances: FloatArray = self.squares + self.squares[pick]
        same = _SAME * distances
        for part, a, z in self._blocks():
            distances[part] -= 2 * (a @ own_a[0]) * (z @ own_z[0])
        distances[distances <= same] = 0
        return distances

    def _blocks(self) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
        width = self._probabilities.shape[1] + self._embeddings.shape[1]
        size = max(1, _BLOCK_BYTES // (8 * width))
        for start in range(0, len(self._order), size):
            part = slice(start, start + size)
            yield part, *self._factors(part)

    def _factors(self, part: slice) -> tuple[FloatArray, FloatArray]:
        """A and z of some rows, in float64."""
        rows = self._order[part]
        a = self._probabilities[rows].astype(np.float64)
        a[np.arange(len(rows)), a.argmax(axis=1)] -= 1
        return a, self._embeddings[rows].astype(np.float64)
