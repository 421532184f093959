"""What a run kept of the same samples in later rounds; what it did not keep stays unknown.

A round keeps probabilities of its batch, of its least confident samples and of the batch of the
round before, which its model has just learnt; the newest round keeps the whole pool. What was
labelled earlier than that is not scored again.
"""

from dataclasses import dataclass

import numpy as np

from alcore.rounds import RoundArrays
from alcore.store import Store
from alcore.types import FloatArray, IntArray

NONE = -1


@dataclass(frozen=True, kw_only=True)
class Later:
    """Predictions for k samples in the r later rounds of a run.

    Attributes:
        rounds: Numbers of the later rounds, shape (r,).
        predicted: Class index, NONE where no prediction is kept, shape (r, k).
        top: Probability of that class, 0 where none is kept, shape (r, k).
        labelled_in: The round whose batch the sample was in, NONE if it is in the pool, (k,).
    """

    rounds: IntArray
    predicted: IntArray
    top: FloatArray
    labelled_in: IntArray

    @property
    def newest(self) -> IntArray:
        """Index into `rounds` of the newest prediction kept, NONE without any, shape (k,)."""
        places = np.arange(len(self.rounds))[:, None]
        newest: IntArray = np.where(self.predicted != NONE, places, NONE).max(axis=0, initial=NONE)
        return newest

    @property
    def predicted_last(self) -> IntArray:
        """The newest prediction kept, NONE without any, shape (k,)."""
        if not len(self.rounds):
            return np.full(len(self.labelled_in), NONE)
        return self.predicted[self.newest, np.arange(len(self.labelled_in))]


def later_rounds(store: Store, run_id: int, positions: IntArray, numbers: range) -> Later:
    """Look samples up in a round (the first of `numbers`) and in those after it."""
    later = numbers[1:]
    predicted = np.full((len(later), len(positions)), NONE)
    top = np.zeros((len(later), len(positions)))
    labelled_in = np.full(len(positions), NONE)
    for number in numbers:
        arrays = store.round_arrays(run_id, number)
        labelled_in[np.isin(positions, arrays.picks)] = number
        if number in later:
            found, rows = _rows(arrays, positions)
            row = number - later.start
            predicted[row, found] = rows.argmax(axis=1)
            top[row, found] = rows.max(axis=1)
    return Later(
        rounds=np.array(later, dtype=np.int64),
        predicted=predicted,
        top=top,
        labelled_in=labelled_in,
    )


def _rows(arrays: RoundArrays, positions: IntArray) -> tuple[IntArray, FloatArray]:
    """Which of the samples the round kept probabilities of, and these."""
    kept = (
        (arrays.picks, arrays.picks_probabilities),
        (arrays.worst, arrays.worst_probabilities),
        (arrays.learnt, arrays.learnt_probabilities),
        (arrays.pool, arrays.probabilities),
    )
    rows = np.zeros((len(positions), arrays.worst_probabilities.shape[1]))
    known = np.zeros(len(positions), dtype=bool)
    for where, probabilities in kept:
        _, mine, theirs = np.intersect1d(positions, where, assume_unique=True, return_indices=True)
        rows[mine], known[mine] = probabilities[theirs], True
    found = np.flatnonzero(known)
    return found, rows[found]
