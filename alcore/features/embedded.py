"""A dataset whose features come from a backbone."""

from collections.abc import Sequence

import numpy as np

from alcore.datasets import Dataset
from alcore.features.embedding import embed
from alcore.features.rows import FeatureRows
from alcore.models import Backbone
from alcore.types import FloatArray, ImageArray, IntArray

_OPTIONAL = ("images_of_size", "source_order", "costs")
"""What ScalableImages, Ordered and Priced ask for: offered exactly where the dataset offers it."""


class Embedded:
    """The dataset as it is, but for its features.

    Args:
        dataset: Of n samples.
        rows: Their features, shape (n, d), float32.
    """

    def __init__(self, dataset: Dataset, rows: FeatureRows | FloatArray) -> None:
        self._dataset = dataset
        self._rows = rows
        for name in _OPTIONAL:
            if hasattr(dataset, name):
                setattr(self, name, getattr(dataset, name))

    @property
    def ids(self) -> Sequence[str]:
        return self._dataset.ids

    @property
    def fingerprint(self) -> str:
        return self._dataset.fingerprint

    @property
    def class_names(self) -> Sequence[str] | None:
        return self._dataset.class_names

    @property
    def known_labels(self) -> IntArray | None:
        return self._dataset.known_labels

    def features(self, positions: IntArray) -> FloatArray:
        """The backbone's features, shape (m, d), float32."""
        return self._rows[positions]

    def images(self, positions: IntArray) -> FloatArray:
        return self._dataset.images(positions)

    def thumbnail(self, position: int) -> ImageArray | None:
        return self._dataset.thumbnail(position)


def in_memory(dataset: Dataset, backbone: Backbone) -> Embedded:
    """A small dataset with the features of a backbone, computed now and kept nowhere."""
    everything = np.arange(len(dataset.ids), dtype=np.int64)
    return Embedded(dataset, FeatureRows(list(embed(dataset, backbone, everything))))
