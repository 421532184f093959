"""k-means: one sample from the middle of each of as many clusters as are asked for.

    min over c of sum_x min_j |x - c_j|^2,  one pick per j:  argmin over x of cluster j |x - c_j|

Picks come from the largest cluster first, ties by rank. Where duplicates leave fewer clusters
than picks, the second samples of the clusters follow, then the third. Clustering: S. Lloyd,
Least Squares Quantization in PCM, IEEE Trans. Inf. Theory 1982, seeded by k-means++; its use for
active learning without labels: M. Yuan, H. Lin and J. Boyd-Graber, Cold-start Active Learning
through Self-supervised Language Modeling, EMNLP 2020.

Needs embeddings. O(n k d) time per iteration; memory for one copy of the embeddings.
"""

import warnings
from typing import Any

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import ThreadpoolController

from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray, IntArray
from alcore_diversity.geometry import blocks, order_of, positions

MOST_AT_ONCE = 20_000
"""Above it k-means sees 4096 samples at a time: a pass over 100,000 x 1280 takes seconds."""


class KMeansCentres:
    """Picks what is nearest to each centroid."""

    def __init__(self, options: object) -> None:
        pass

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """As many clusters as samples are asked for; there is no utility."""
        order = order_of(query.rank)
        points = query.embeddings[order]
        labels, centroids = clustered(points, request.n, rng)
        distances = _distances(points, centroids, labels)
        _, first, cluster, size = np.unique(
            labels, return_index=True, return_inverse=True, return_counts=True
        )
        by_cluster = np.lexsort((distances, cluster))
        place = np.empty(len(points), dtype=np.int64)
        place[by_cluster] = np.arange(len(points)) - np.repeat(np.cumsum(size) - size, size)
        chosen = np.lexsort((first[cluster], -size[cluster], place))[: request.n]
        return Selection(positions=positions(order, chosen, len(points)))


def clustered(points: FloatArray, k: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    """Cluster numbers (n,) below k, some perhaps empty, and the k centroids (k, d)."""
    make: Any = KMeans
    more: dict[str, Any] = {}
    if len(points) > MOST_AT_ONCE:
        make, more = MiniBatchKMeans, {"batch_size": max(4096, 4 * k)}
    model = make(n_clusters=k, n_init=1, random_state=int(rng.integers(2**31)), **more)
    # Two threads add up to the same sum whichever comes first; three do not.
    openmp = ThreadpoolController().select(user_api="openmp")
    threads = min(2, *(library["num_threads"] for library in openmp.info()))
    with openmp.limit(limits=threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different points than k
        model.fit(points)
    return model.labels_.astype(np.int64), model.cluster_centers_


def _distances(points: FloatArray, centroids: FloatArray, labels: IntArray) -> FloatArray:
    """Logarithms of squared distances to the own centroid, to six digits: rounding left out."""
    squares = np.empty(len(points))
    for rows in blocks(len(points)):
        gaps = points[rows] - centroids[labels[rows]].astype(np.float64)
        squares[rows] = np.einsum("id,id->i", gaps, gaps)
    logarithms: FloatArray = np.log(np.maximum(squares, np.finfo(float).tiny)).round(6)
    return logarithms
