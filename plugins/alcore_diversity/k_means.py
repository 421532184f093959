"""k-means: one sample from the middle of each of as many clusters as are asked for.

    min over c of sum_x min_j |x - c_j|^2,  one pick per j:  argmin over x of cluster j |x - c_j|

Picks come from the largest cluster first, ties by rank. Where duplicates leave fewer clusters
than picks, the second samples of the clusters follow, then the third. Clustering: S. Lloyd,
Least Squares Quantization in PCM, IEEE Trans. Inf. Theory 1982, seeded by k-means++; its use for
active learning without labels: M. Yuan, H. Lin and J. Boyd-Graber, Cold-start Active Learning
through Self-supervised Language Modeling, EMNLP 2020.

Needs embeddings. O(n d) time for each of 32 directions, then O(32 n k) for the seeds and for each
iteration; memory for one copy of the embeddings.
"""

import warnings
from typing import Any

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.extmath import randomized_range_finder
from threadpoolctl import ThreadpoolController

from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray, IntArray
from alcore_diversity.geometry import blocks, order_of, positions

MOST_AT_ONCE = 20_000
"""Above it k-means sees 4096 samples at a time."""
FEWEST_DIRECTIONS = 32
"""Of points with more dimensions, k-means sees so many, or k / 8: N. Halko, P. Martinsson and
J. Tropp, Finding Structure with Randomness, SIAM Review 2011. On 3,670 photos of 2048 features the
clusters are as tight as those of all features, within 0.3 %, and found 4 times (k = 5) to 20 times
(k = 500) as fast."""
ROWS_ASKED = 32
"""So many samples for each direction say which these are: as tight as with all, within 0.3 %."""


class KMeansCentres:
    """Picks what is nearest to each centroid."""

    def __init__(self, options: object) -> None:
        pass

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """As many clusters as samples are asked for; there is no utility."""
        order = order_of(query.rank)
        points = query.embeddings[order]
        labels = clustered(points, request.n, rng)
        distances = _distances(points, labels)
        _, first, cluster, size = np.unique(
            labels, return_index=True, return_inverse=True, return_counts=True
        )
        by_cluster = np.lexsort((distances, cluster))
        place = np.empty(len(points), dtype=np.int64)
        place[by_cluster] = np.arange(len(points)) - np.repeat(np.cumsum(size) - size, size)
        chosen = np.lexsort((first[cluster], -size[cluster], place))[: request.n]
        return Selection(positions=positions(order, chosen, len(points)))


def clustered(points: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """Cluster numbers (n,) below k, some perhaps of no point."""
    seed = int(rng.integers(2**31))
    seen = _reduced(points, max(FEWEST_DIRECTIONS, k // 8), seed)
    common: dict[str, Any] = {"n_clusters": k, "n_init": 1, "random_state": seed}
    if len(points) > MOST_AT_ONCE:
        model = MiniBatchKMeans(batch_size=max(4096, 4 * k), **common)
    else:
        seen = _about_origin(seen)
        model = KMeans(init=seeds, **common)
    # With several threads the sums, and so the clusters, depend on which of them is first.
    one_thread = ThreadpoolController().limit(limits=1, user_api="openmp")
    with one_thread, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different points than k
        model.fit(seen)
    return np.asarray(model.labels_, dtype=np.int64)


def _reduced(points: FloatArray, n_directions: int, seed: int) -> FloatArray:
    """The points in the directions in which they spread most."""
    if min(points.shape) <= 2 * n_directions:
        return points
    asked = np.random.default_rng(seed).permutation(len(points))[: ROWS_ASKED * n_directions]
    directions: FloatArray = randomized_range_finder(
        points[asked].T, size=n_directions, n_iter=1, random_state=seed
    )
    return points @ directions


def _about_origin(points: FloatArray) -> FloatArray:
    """In float32, within -1 and 1: sums of squares neither overflow nor lose what differs."""
    centred: FloatArray = points - points.mean(axis=0, dtype=np.float64)
    centred /= max(float(np.abs(centred).max()), np.finfo(float).tiny)
    return centred.astype(np.float32)


def seeds(points: FloatArray, k: int, random_state: np.random.RandomState) -> FloatArray:
    """k-means++: drawn by squared distance to the nearest seed; of some draws what leaves least.

    D. Arthur and S. Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007, with
    as many draws as scikit-learn has. Its own takes twice as long: it checks the points anew for
    each seed.
    """
    n, n_draws = len(points), 2 + int(np.log(k))
    squares, ones = np.vecdot(points, points), np.ones(n, points.dtype)
    # Of a row here and a column there the product is |x|^2 + |y|^2 - 2 xy.
    rows = np.column_stack([points, squares, ones])
    columns = np.column_stack([-2 * points, ones, squares]).T.copy()
    chosen = [int(random_state.randint(n))]
    nearest = np.maximum(rows[chosen] @ columns, 0)[0]
    while len(chosen) < k:
        sums = nearest.cumsum(dtype=np.float64)
        drawn = sums.searchsorted(random_state.uniform(0, sums[-1], n_draws))
        drawn = np.minimum(drawn, n - 1)
        left = np.minimum(np.maximum(rows[drawn] @ columns, 0), nearest)
        best = left.sum(axis=1).argmin()
        chosen.append(int(drawn[best]))
        nearest = left[best]
    return points[chosen]


def members_of(labels: IntArray) -> list[IntArray]:
    """The points of each cluster that is not empty, ascending."""
    by_label = np.argsort(labels, kind="stable")
    return np.split(by_label, np.flatnonzero(np.diff(labels[by_label])) + 1)


def _distances(points: FloatArray, labels: IntArray) -> FloatArray:
    """Logarithms of squared distances to the own centroid, to six digits: rounding left out."""
    squares = np.empty(len(points))
    for members in members_of(labels):
        sums = [
            points[members[some]].sum(axis=0, dtype=np.float64) for some in blocks(len(members))
        ]
        centroid = np.sum(sums, axis=0) / len(members)
        for some in blocks(len(members)):
            gaps = points[members[some]] - centroid
            squares[members[some]] = np.vecdot(gaps, gaps)
    logarithms: FloatArray = np.log(np.maximum(squares, np.finfo(float).tiny)).round(6)
    return logarithms
