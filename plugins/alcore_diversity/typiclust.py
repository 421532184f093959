"""TypiClust: the most typical sample of each cluster that has no label yet.

    typicality(x) = 1 / (1/K sum over the K nearest neighbours y of x in its cluster of |x - y|)

G. Hacohen, A. Dekel and D. Weinshall, Active Learning on a Budget: Opposite Strategies Suit High
and Low Budgets, ICML 2022, equation 4 and algorithm 1: k-means of labels and pool on unit
vectors into min(labels + picks, max_clusters) clusters; K = min(20, size of the cluster - 1).
A pick comes from the cluster with the fewest labels and picks, of these the largest; clusters
of fewer than five samples wait until all others are used up. A cluster's typicality is that of
all its members, whichever are labelled. (The authors' programme differs: squared distances, K
at most half the cluster, small clusters left out.)

Needs embeddings of pool and labels. O(s^2 d) for each cluster of s samples that is used, in
blocks, besides k-means; memory for two copies of the embeddings.
"""

import heapq

import numpy as np

from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray, IntArray
from alcore_diversity import TypiClustOptions
from alcore_diversity.geometry import (
    blocks,
    centred_units,
    order_of,
    positions,
    squared_distances,
)
from alcore_diversity.k_means import clustered, members_of

_SMALL = 5
_DECIMALS = 10
"""Mean distances of unit vectors that agree so far are equal but for rounding."""


class TypiClust:
    """Goes from cluster to cluster."""

    def __init__(self, options: TypiClustOptions) -> None:
        self._options = options

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """The most typical samples in the order of picking; there is no utility."""
        order = order_of(query.rank)
        labelled = query.labelled_embeddings
        points = centred_units(np.concatenate([labelled, query.embeddings[order]]))
        k = min(len(labelled) + request.n, self._options.max_clusters, len(points))
        labels = clustered(points, k, rng)
        chosen = self._walk(points, members_of(labels), len(labelled), request.n)
        return Selection(positions=positions(order, chosen, len(query.rank)))

    def _walk(
        self, points: FloatArray, clusters: list[IntArray], n_labelled: int, n: int
    ) -> list[int]:
        """Places in the pool; the first `n_labelled` points are not of the pool."""
        queue = []
        for number, members in enumerate(clusters):
            labels = int((members < n_labelled).sum())
            if labels < len(members):
                size = len(members)
                queue.append((size < _SMALL, labels, -size, int(members[0]), number))
        heapq.heapify(queue)
        typical: dict[int, list[int]] = {}
        chosen: list[int] = []
        while len(chosen) < n:
            small, labels, size, first, number = heapq.heappop(queue)
            if number not in typical:
                members = clusters[number]
                distances = mean_distances(points[members], self._options.neighbours)
                best_last = members[np.argsort(distances.round(_DECIMALS), kind="stable")][::-1]
                typical[number] = best_last[best_last >= n_labelled].tolist()
            chosen.append(typical[number].pop() - n_labelled)
            if typical[number]:
                heapq.heappush(queue, (small, labels + 1, size, first, number))
        return chosen


def mean_distances(points: FloatArray, neighbours: int) -> FloatArray:
    """The mean distance of each point to its nearest others, shape (n,); 0 for a single point."""
    n, k = len(points), min(neighbours, len(points) - 1)
    means = np.zeros(n)
    if not k:
        return means
    centred = points.astype(np.float64)
    centred -= centred.mean(axis=0)
    for rows in blocks(n):
        squares = squared_distances(centred[rows], centred)
        squares[np.arange(len(squares)), np.arange(n)[rows]] = np.inf
        means[rows] = np.sqrt(np.partition(squares, k - 1)[:, :k]).mean(axis=1)
    return means
