"""The contract of datasets: content only. Splits and labels belong to the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

from alcore.types import FloatArray, ImageArray, IntArray


class Dataset(Protocol):
    """Samples in a canonical order, addressed by position 0 .. n-1.

    A dataset offers `images` or `features` or both; its DatasetSpec says which, and the one
    it does not offer raises AlcoreError.
    """

    @property
    def ids(self) -> Sequence[str]:
        """One id per sample, all different, in the canonical order that breaks ties."""

    @property
    def fingerprint(self) -> str:
        """Hash of the content: equal only where ids, samples and labels are equal."""

    @property
    def class_names(self) -> Sequence[str] | None:
        """Names of the c classes; None where the dataset does not know them."""

    @property
    def known_labels(self) -> IntArray | None:
        """Class index per sample, shape (n,), -1 where unknown; None where it has none at all."""

    def features(self, positions: IntArray) -> FloatArray:
        """Feature vectors, shape (m, d), float32."""

    def images(self, positions: IntArray) -> FloatArray:
        """Images, shape (m, height, width, channels), float32 in [0, 1]."""

    def thumbnail(self, position: int) -> ImageArray | None:
        """A small picture, (height, width) or (height, width, 3) uint8; None if it has none."""


@runtime_checkable
class ScalableImages(Protocol):
    """A dataset of images that can read them at any size; others are resized by the engine."""

    def images_of_size(self, positions: IntArray, size: int) -> FloatArray:
        """Images, shape (m, size, size, channels), float32 in [0, 1]."""


@runtime_checkable
class Ordered(Protocol):
    """A dataset whose source defines an order of its samples, such as a published split."""

    @property
    def source_order(self) -> IntArray:
        """Every position once, in the order of the source, shape (n,), int64."""


@runtime_checkable
class Priced(Protocol):
    """A dataset that knows what the label of each sample costs."""

    @property
    def costs(self) -> FloatArray | None:
        """In any one unit, above 0, shape (n,), float64; None where it does not know."""


@runtime_checkable
class LeavesOut(Protocol):
    """A dataset that could not read all it was given."""

    @property
    def skipped(self) -> Mapping[str, str]:
        """Name -> why, for what is left out."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Some samples of a dataset, read only when asked for."""

    dataset: Dataset
    positions: IntArray

    def __len__(self) -> int:
        return len(self.positions)

    def features(self) -> FloatArray:
        """Feature vectors of these samples, shape (m, d), float32."""
        return self.dataset.features(self.positions)

    def images(self, size: int | None = None) -> FloatArray:
        """Images of these samples, shape (m, height, width, channels), float32 in [0, 1].

        Args:
            size: Height and width wanted, in pixels; None as the dataset has them.
        """
        if size is None:
            return self.dataset.images(self.positions)
        if isinstance(self.dataset, ScalableImages):
            return self.dataset.images_of_size(self.positions, size)
        from alcore.images import resized

        return resized(self.dataset.images(self.positions), size)


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Samples with their labels.

    Attributes:
        samples: The m samples.
        labels: Class index of each, shape (m,), int64, in 0 .. n_classes-1.
        n_classes: Number of classes of the project; some may have no sample here yet.
    """

    samples: Samples
    labels: IntArray
    n_classes: int

    def part(self, rows: IntArray) -> Self:
        """Some of them, by place; one may come several times."""
        samples = replace(self.samples, positions=self.samples.positions[rows])
        return replace(self, samples=samples, labels=self.labels[rows])
