"""Identical and near-identical samples, found from their features.

Two photos of one scene on both sides of a split make a test too easy. Plain cosine similarity
does not tell them from two daisies: by it, the seventh closest pair of the tf_flowers photos and
most after it are different flowers (InceptionV3). So features are first measured in units of how
they vary together (Mahalanobis; the covariance is regularised by adding as much again in every
direction). Then all pairs from 0.7 on show one scene, 20 with InceptionV3 and 47 with
EfficientNet-Lite0; of the 42 from 0.63 on with InceptionV3, 33 do.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from alcore.errors import UsageError
from alcore.types import FloatArray, IntArray

SIMILAR = 0.7
"""Cosine from which two samples show one scene; measured on 30 to 3670 flowers."""
MOST_SAMPLES = 50_000
"""Every pair is looked at: 2 cores take 3 s for 3670 x 2048, 7 s for 20,000 x 1280."""
LEAST_COLUMNS = 256
"""With fewer features chance alone makes samples similar; only identical ones are found."""
_BLOCK = 2048
_EQUAL = 1e-5


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Pairs of samples that show the same.

    Attributes:
        pairs: Two positions each, the lower first, ascending, shape (m, 2), int64. Samples
            with equal features are paired with the first of them, and only it with others.
        similarity: Of each pair, shape (m,), float32, 1 for identical ones.
        identical: Whether features are equal but for rounding, shape (m,), bool.
    """

    pairs: IntArray
    similarity: FloatArray
    identical: npt.NDArray[np.bool_]

    def groups(self, n: int) -> IntArray:
        """The lowest position that each of n samples is linked to by pairs, shape (n,), int64."""
        lowest = list(range(n))

        def root(position: int) -> int:
            while lowest[position] != position:
                lowest[position] = lowest[lowest[position]]
                position = lowest[position]
            return position

        for one, other in self.pairs.tolist():
            first, second = sorted((root(one), root(other)))
            lowest[second] = first
        return np.array([root(position) for position in range(n)], dtype=np.int64)


def check_size(n: int) -> None:
    """Refuse more samples than `near_duplicates` can hold against each other."""
    if n > MOST_SAMPLES:
        raise UsageError(
            f"near-identical samples are looked for among at most {MOST_SAMPLES:,}, not {n:,}"
        )


def near_duplicates(features: FloatArray, *, threshold: float = SIMILAR) -> Duplicates:
    """Find identical and near-identical samples among all pairs.

    Time grows with n^2 d / 2 + n d^2; memory is two copies of the features and blocks of 2048^2.

    Args:
        features: Of n samples by a backbone, shape (n, d), finite.
        threshold: Similarity from which a pair counts, above 0, at most 1.

    Raises:
        UsageError: n is larger than MOST_SAMPLES, or nearly everything is similar.
    """
    check_size(len(features))
    first = first_of_equals(features)
    distinct = np.flatnonzero(first == np.arange(len(first)))
    copies = np.flatnonzero(first != np.arange(len(first)))
    found = [(first[copies], copies, np.ones(len(copies), np.float32))]
    if features.shape[1] >= LEAST_COLUMNS and len(distinct) > 1:
        for one, other, similarity in _similar(_whitened(features, distinct), threshold):
            found.append((distinct[one], distinct[other], similarity))
            _check_number(sum(len(part[0]) for part in found), len(features))
    one, other, similarity = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((other, one))
    pairs = np.stack([one, other], axis=1)[order]
    return Duplicates(
        pairs=pairs, similarity=similarity[order], identical=_identical(features, pairs)
    )


def _check_number(found: int, n: int) -> None:
    if found > 100 * n:
        raise UsageError(
            f"more than {100 * n:,} pairs of {n:,} samples are near-identical; these features "
            "do not tell them apart: ask for a higher similarity"
        )


def first_of_equals(features: FloatArray) -> IntArray:
    """For each row (n, d) the position of the first row that is equal to it, shape (n,), int64."""
    seen: dict[bytes, int] = {}
    digests = (hashlib.sha256((row + 0.0).tobytes()).digest() for row in features)
    return np.array([seen.setdefault(digest, i) for i, digest in enumerate(digests)], np.int64)


def _whitened(features: FloatArray, positions: IntArray) -> FloatArray:
    """Unit vectors in coordinates where noise is equally large in every direction."""
    rows = features[positions].astype(np.float32, copy=False)
    rows -= rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows /= np.abs(rows).max()  # squares neither overflow nor vanish
    n, d = rows.shape
    covariance = (rows.T @ rows).astype(np.float64) / n
    # Only n - 1 directions vary where that is less than d: so one threshold suits any n.
    covariance[np.diag_indices(d)] += np.trace(covariance) / min(n - 1, d)
    to_white = np.linalg.inv(np.linalg.cholesky(covariance)).T.astype(np.float32)
    white: FloatArray = rows @ to_white
    white /= np.maximum(np.linalg.norm(white, axis=1, keepdims=True), np.float32(1e-30))
    return white


def _similar(rows: FloatArray, threshold: float) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    edges = [*range(0, len(rows), _BLOCK), len(rows)]
    for left, (start, end) in enumerate(pairwise(edges)):
        for begin, stop in list(pairwise(edges))[left:]:
            cosine = rows[start:end] @ rows[begin:stop].T
            one, other = np.nonzero(cosine >= threshold)
            upper = one + start < other + begin
            one, other = one[upper], other[upper]
            yield one + start, other + begin, np.minimum(cosine[one, other], np.float32(1))


def _identical(features: FloatArray, pairs: IntArray) -> npt.NDArray[np.bool_]:
    same = np.empty(len(pairs), dtype=np.bool_)
    for start in range(0, len(pairs), _BLOCK):
        one, other = features[pairs[start : start + _BLOCK].T]
        scale = np.abs(one).max(axis=1)
        same[start : start + _BLOCK] = np.abs(one - other).max(axis=1) <= _EQUAL * scale
    return same
