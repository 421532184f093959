"""The samples of which a round's model was least sure, and what the run kept of them later."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alcore.rounds import WORST_KEPT
from alcore.store import DatasetRecord, RunRecord, Store
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.naming import thumbnail_path
from alcore_dashboard.services.worst_later import Later, later_rounds

SHOWN = 20
MOST = WORST_KEPT
UNKNOWN = -1


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
