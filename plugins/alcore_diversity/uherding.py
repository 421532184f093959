"""UHerding: like MaxHerding, but what has to be covered is what the model is unsure of.

    x* = argmax_x  sum_j U(x_j) max(k(x, x_j), max_{s in L + S} k(s, x_j)),
    U(x) = 1 - (p(y1 | x) - p(y2 | x)),    k(x, y) = exp(-|x - y|^2 / sigma^2)

with y1 and y2 the two most probable classes and everything else as in `max_herding`. W. Bae,
G. Oliveira and D. Sutherland, Uncertainty Herding: One Active Learning Method for All Label
Budgets, ICLR 2025 (arXiv 2412.20644), with the two adaptations of the paper:

- The temperature is the model's own business: probabilities are taken as they come.
- sigma is the smallest distance between two different labelled samples (embeddings of length 1),
  so it shrinks as labels grow dense, and picks turn from typical to uncertain. Samples within
  0.001 of each other count as the same one, for rounding must not set the radius. Without two
  different labelled samples sigma is 1.

Where the model is certain of everything (U = 0 throughout) all samples count alike. With nothing
labelled the authors let all count alike as well; here the probabilities that are given count.

Needs probabilities and embeddings, those of the labelled samples too (there may be none).
Time O(m^2 d) for the radius of m labels, then as `max_herding`; memory likewise.
"""

import numpy as np

from alcore.options import NoOptions
from alcore.scoring import top_k_values
from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray
from alcore_diversity.geometry import (
    blocks,
    centred_units,
    order_of,
    positions,
    squared_distances,
)
from alcore_diversity.kernels import greedy_cover

_SAME = 1e-3


class UHerding:
    """Greedy coverage of what is uncertain; draws nothing at random."""

    def __init__(self, options: NoOptions) -> None:
        pass

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """`request.n` samples in the order of picking; of equal ones the lowest rank first."""
        order, m = order_of(query.rank), len(query.labelled_embeddings)
        points = centred_units(np.concatenate([query.labelled_embeddings, query.embeddings[order]]))
        weights = uncertainty(query.probabilities)[order]
        if not weights.any():
            weights = np.ones_like(weights)
        picks = greedy_cover(
            points[m:], points[:m], request.n, sigma=radius(points[:m]), weights=weights
        )
        return Selection(positions=positions(order, picks, len(weights)))


def uncertainty(probabilities: FloatArray) -> FloatArray:
    """U of every row, from 0 to 1, shape (n,), float64."""
    best = top_k_values(probabilities, 2).astype(np.float64)
    return np.clip(1 - (best[:, 0] - best[:, 1]), 0, 1)


def radius(labelled: FloatArray) -> float:
    """sigma: the smallest distance above 0.001 between labelled samples, shape (m, d)."""
    points = labelled.astype(np.float64)
    smallest = np.inf
    for rows in blocks(len(points)):
        squares = squared_distances(points[rows], points[rows.start :])
        smallest = min(smallest, squares[squares > _SAME**2].min(initial=np.inf))
    return float(np.sqrt(smallest)) if np.isfinite(smallest) else 1.0
