"""Rows that lie in several files, seen as one array."""

from collections.abc import Sequence

import numpy as np

from alcore.errors import AlcoreError
from alcore.types import FloatArray, IntArray


class FeatureRows:
    """Feature vectors of n samples, float32, read from disk when asked for.

    Args:
        shards: Consecutive rows, each of shape (m, d), usually memory-mapped.

    Raises:
        AlcoreError: There is none, or they differ in d.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, shards: Sequence[FloatArray]) -> None:
        widths = sorted({shard.shape[1] for shard in shards})
        if not widths:
            raise AlcoreError("the dataset has no sample; features need at least one")
        if len(widths) > 1:
            raise AlcoreError(
                f"the backbone gave {widths[0]} features for some images and {widths[-1]} for "
                "others under one identity; its identity must differ wherever its features do"
            )
        self._shards = tuple(shards)
        self._ends = np.cumsum([len(shard) for shard in shards])
        self.shape = (int(self._ends[-1]), widths[0])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, positions: IntArray | slice) -> FloatArray:
        """The rows at these positions, 0 .. n-1 in any order, shape (m, d), a copy."""
        if isinstance(positions, slice):
            positions = np.arange(len(self))[positions]
        if len(positions) and not 0 <= positions.min() <= positions.max() < len(self):
            raise IndexError(f"positions must be 0 to {len(self) - 1}")
        found = np.empty((len(positions), self.shape[1]), dtype=self.dtype)
        homes = np.searchsorted(self._ends, positions, side="right")
        for number in np.unique(homes):
            shard, here = self._shards[number], homes == number
            found[here] = shard[positions[here] - (self._ends[number] - len(shard))]
        return found
