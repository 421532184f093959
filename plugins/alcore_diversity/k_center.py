"""Greedy k-center (core-set): again and again the sample farthest from all labels and picks.

    x = argmax over the pool of  min over c in labels and picks of |x - c|

O. Sener and S. Savarese, Active Learning for Convolutional Neural Networks: A Core-Set
Approach, ICLR 2018, algorithm 1. With nothing labelled the first pick is drawn at random.

Needs embeddings of pool and labels. The distance to the nearest of the centres looked at so far
is an upper bound; only rows whose bound may still be the largest are compared with the centres
they have not seen. So the picks are those of O(n (m + k) d) work, usually done with a part of
it; the comparisons with m labels are all made. Computed in float64. Memory O(n + (m + k) d).
"""

import numpy as np

from alcore.strategies import Query, Request, Selection
from alcore.types import FloatArray, IntArray
from alcore_diversity.geometry import blocks, order_of, positions, squared_distances

_FIRST = 128
"""Rows refreshed at once; twice as many each time that does not decide."""
_TIE = 1 - 1e-11
"""Squared distances this close are equal but for rounding."""


class KCenter:
    """Picks until the batch is full."""

    def __init__(self, options: object) -> None:
        pass

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """The farthest samples in the order of picking; there is no utility."""
        pool = _Pool(query.embeddings, query.rank, request.n)
        if len(query.labelled_embeddings):
            pool.compare_labelled(query.labelled_embeddings)
        else:
            drawn = rng.integers(len(query.rank), size=1)
            pool.pick(int(positions(order_of(query.rank), drawn, len(query.rank))[0]))
        while len(pool.picks) < request.n:
            pool.pick(pool.farthest())
        return Selection(positions=np.array(pool.picks, dtype=np.int64))


class _Pool:
    """Upper bounds of squared distances, and the number of picks each row was compared with."""

    def __init__(self, embeddings: FloatArray, rank: IntArray, room: int) -> None:
        self.picks: list[int] = []
        self._embeddings = embeddings
        self._rank = rank
        self._mean = embeddings.mean(axis=0, dtype=np.float64)
        self._picked = np.empty((room, embeddings.shape[1]))
        self._bound = np.full(len(rank), np.inf)
        self._compared = np.zeros(len(rank), dtype=np.int32)

    def compare_labelled(self, labelled: FloatArray) -> None:
        for some in blocks(len(labelled)):
            centres = labelled[some] - self._mean
            for rows in blocks(len(self._rank)):
                self._lower(rows, centres)

    def pick(self, row: int) -> None:
        self._picked[len(self.picks)] = self._embeddings[row] - self._mean
        self.picks.append(row)
        self._bound[row] = -1
        self._compared[row] = np.iinfo(np.int32).max

    def farthest(self) -> int:
        """The row that is farthest from all centres; of equals that of the lowest rank."""
        number, size = len(self.picks), _FIRST
        while True:
            known = self._compared == number
            least = self._bound.max(where=known, initial=-1) * _TIE
            able = self._bound >= least
            stale = np.flatnonzero(able & (self._compared < number))
            if not len(stale):
                equals = np.flatnonzero(able & known)
                return int(equals[self._rank[equals].argmin()])
            if len(stale) > size:
                stale = stale[np.argpartition(self._bound[stale], -size)[-size:]]
            self._refresh(stale)
            size *= 2

    def _refresh(self, stale: IntArray) -> None:
        number = len(self.picks)
        # Rows that missed about as many picks go together: at most half the work is for nothing.
        missed = np.frexp(number - self._compared[stale])[1]
        for some in np.unique(missed):
            alike = stale[missed == some]
            for rows in (alike[part] for part in blocks(len(alike))):
                self._lower(rows, self._picked[self._compared[rows].min() : number])
                self._compared[rows] = number

    def _lower(self, rows: IntArray | slice, centres: FloatArray) -> None:
        distances = squared_distances(self._embeddings[rows] - self._mean, centres)
        self._bound[rows] = np.minimum(self._bound[rows], distances.min(axis=1))
