"""A dataset of packed images."""

import hashlib
from typing import NoReturn

import numpy as np

from alcore.errors import AlcoreError, UsageError
from alcore.images import read_images, thumbnail
from alcore.models import unwatched
from alcore.preparation import not_ready
from alcore.types import FloatArray, ImageArray, IntArray
from alcore_tfds import TfdsOptions
from alcore_tfds.pack import Pack, read_pack
from alcore_tfds.preparer import TfdsPreparer
from alcore_tfds.source import Source


class PackedImages:
    """The images of one split, or of all, in the order of their source.

    Args:
        pack: Where they are.
        image_size: Height and width of `images`.
        split: Name of the split; "" for all.

    Raises:
        UsageError: There is no such split.
    """

    def __init__(self, pack: Pack, *, image_size: int, split: str = "") -> None:
        splits = {"": (0, len(pack.ids)), **pack.contents.splits}
        if split not in splits:
            known = ", ".join(pack.contents.splits)
            raise UsageError(f"there is no split {split!r}; known: {known}, or empty for all")
        self._pack, self._size = pack, image_size
        self._start, stop = splits[split]
        self.ids = pack.ids[self._start : stop]
        self._labels = pack.contents.labels[self._start : stop]
        self.class_names = pack.contents.class_names
        self.fingerprint = hashlib.sha256(f"{pack.fingerprint} {split}".encode()).hexdigest()

    @property
    def known_labels(self) -> IntArray | None:
        """Shape (n,), -1 where the source has none; None where it has none at all."""
        return self._labels.copy() if (self._labels >= 0).any() else None

    @property
    def source_order(self) -> IntArray:
        """0 to n-1: positions follow the source."""
        return np.arange(len(self.ids), dtype=np.int64)

    def features(self, positions: IntArray) -> NoReturn:
        """There are none."""
        raise AlcoreError("this dataset has images, no features; choose a model with a backbone")

    def images(self, positions: IntArray) -> FloatArray:
        """Squashed to squares of the size in the options."""
        return self.images_of_size(positions, self._size)

    def images_of_size(self, positions: IntArray, size: int) -> FloatArray:
        """Squashed to squares of any size, decoded in parallel."""
        return read_images(
            [self._pack.image(self._start + p) for p in positions],
            size,
            names=[self.ids[p] for p in positions],
        )

    def thumbnail(self, position: int) -> ImageArray:
        """In its own proportions."""
        return thumbnail(self._pack.image(self._start + position), name=self.ids[position])


def make(options: TfdsOptions) -> PackedImages:
    """The dataset of these options."""
    return open_source(Source.of(options), image_size=options.image_size, split=options.split)


def open_source(source: Source, *, image_size: int, split: str = "") -> PackedImages:
    """The dataset, packed now if TFDS has it ready; nothing is downloaded.

    Raises:
        AlcoreError: It must be prepared first.
    """
    if not source.pack().exists():
        preparer = TfdsPreparer(source)
        missing = preparer.missing()
        if missing is not None:
            raise not_ready(missing)
        preparer.pack_prepared(unwatched)
    return PackedImages(read_pack(source.pack()), image_size=image_size, split=split)
