"""MaxHerding: the picks look, all together, like the whole pool.

    x* = argmax_x  sum_j max(k(x, x_j), max_{s in L + S} k(s, x_j)),
    k(x, y) = exp(-|x - y|^2 / sigma^2)

over the unlabelled pool x_1..x_n, with the labelled samples L and those picked so far S; all
embeddings are scaled to length 1 (one of zeros stays). W. Bae, J. Noh and D. Sutherland,
Generalized Coverage for More Robust Low-Budget Active Learning, ECCV 2024, Algorithm 1; kernel
and sigma = 1 as in the authors' code. Labelled samples cover themselves wholly, so that leaving
them out of the sum changes no pick.

Needs embeddings, those of the labelled samples too (there may be none); no probabilities.
Time O(n (n / 2 + m) d) for n samples and m labels, up to five times as much with few labels;
memory two copies of the embeddings, 256 rows of the kernel and at most 512 values a sample.
"""

import numpy as np

from alcore.strategies import Query, Request, Selection
from alcore_diversity import MaxHerdingOptions
from alcore_diversity.geometry import centred_units, order_of, positions
from alcore_diversity.kernels import greedy_cover


class MaxHerding:
    """Greedy coverage of the pool; draws nothing at random."""

    def __init__(self, options: MaxHerdingOptions) -> None:
        self._sigma = options.sigma

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """`request.n` samples in the order of picking; of equal ones the lowest rank first."""
        order, m = order_of(query.rank), len(query.labelled_embeddings)
        points = centred_units(np.concatenate([query.labelled_embeddings, query.embeddings[order]]))
        n = len(points) - m
        picks = greedy_cover(
            points[m:], points[:m], request.n, sigma=self._sigma, weights=np.ones(n)
        )
        return Selection(positions=positions(order, picks, n))
