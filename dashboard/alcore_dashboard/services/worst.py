"""The samples of which a round's model was least sure, and what the run kept of them later.

A round keeps probabilities of its batch, of its least confident samples and of the batch of the
round before, which its model has just learnt; the newest round keeps the whole pool. What was
labelled earlier than that is not scored again, and what was not kept stays unknown.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alcore.rounds import WORST_KEPT, RoundArrays
from alcore.store import DatasetRecord, RunRecord, Store
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.naming import thumbnail_path

SHOWN = 20
MOST = WORST_KEPT
UNKNOWN = -1
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


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The k least confident pool samples of one round, the least sure first.

    Attributes:
        dataset: Where they come from.
        positions: Positions in the dataset, shape (k,).
        ids: Theirs.
        probabilities: Class probabilities in that round, shape (k, c).
        truth: Class index, UNKNOWN where nobody knows, shape (k,).
        picked: Whether the round chose them for labelling, shape (k,).
        pictures: Hash of each thumbnail, None where the store keeps none; equal hashes are
            equal pictures, pixel for pixel.
        later: What became of them.
    """

    dataset: DatasetRecord
    positions: IntArray
    ids: tuple[str, ...]
    probabilities: FloatArray
    truth: IntArray
    picked: npt.NDArray[np.bool_]
    pictures: tuple[str | None, ...]
    later: Later

    @property
    def predicted(self) -> IntArray:
        """Index of the most probable class, shape (k,)."""
        most: IntArray = self.probabilities.argmax(axis=1)
        return most

    def picture(self, index: int) -> str | None:
        """Path of a sample's thumbnail; None where the store keeps none."""
        if self.pictures[index] is None:
            return None
        return thumbnail_path(self.dataset, int(self.positions[index]))


def worst_samples(
    store: Store, run: RunRecord, number: int, *, newest: int, k: int = SHOWN
) -> Worst | None:
    """The k samples with the smallest top probability in a round's pool.

    Args:
        store: Where the run is.
        run: The run.
        number: The round.
        newest: The run's newest round, up to which to look for what became of them.
        k: How many; fewer where the pool, or what is kept of it, is smaller.

    Returns:
        None where the pool of the round was empty.
    """
    if run.dataset_id is None:
        return None
    arrays = store.round_arrays(run.id, number)
    positions = arrays.worst[:k]
    if not len(positions):
        return None
    ids = store.dataset_ids(run.dataset_id)
    labels = store.dataset_labels(run.dataset_id)
    return Worst(
        dataset=store.dataset(run.dataset_id),
        positions=positions,
        ids=tuple(ids[position] for position in positions),
        probabilities=arrays.worst_probabilities[:k],
        truth=np.full(len(positions), UNKNOWN) if labels is None else labels[positions],
        picked=np.isin(positions, arrays.picks),
        pictures=tuple(_picture(store, run.dataset_id, int(p)) for p in positions),
        later=later_rounds(store, run.id, positions, range(number, newest + 1)),
    )


def _picture(store: Store, dataset_id: int, position: int) -> str | None:
    png = store.thumbnail(dataset_id, position)
    return None if png is None else hashlib.sha256(png).hexdigest()


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
