"""Checks of datasets."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from alcore.components import DatasetSpec
from alcore.datasets import Dataset
from alcore.testing.report import require, run_checks

DatasetCheck = Callable[[DatasetSpec], None]


def check_dataset(spec: DatasetSpec, *, expected: Mapping[str, str] | None = None) -> None:
    """Run all checks on a dataset made with its default options.

    Args:
        spec: Its descriptor.
        expected: Name of a check that is known to fail -> why.

    Raises:
        ConformanceError: Naming each check that failed and why, and each that was expected to
            fail and passes.
    """
    run_checks(f"dataset {spec.name!r}", dataset_checks, spec, expected)


def _make(spec: DatasetSpec) -> Dataset:
    made: Dataset = spec.create(spec.options())
    return made


def check_ids_are_unique_texts(spec: DatasetSpec) -> None:
    """At least one sample; every id is text of its own."""
    ids = list(_make(spec).ids)
    require(ids, "it has no sample")
    require(all(isinstance(name, str) and name for name in ids), "an id is not text, or is empty")
    require(len(set(ids)) == len(ids), "an id stands for two samples")


def check_made_twice_is_the_same(spec: DatasetSpec) -> None:
    """Ids, labels and fingerprint do not depend on when it was made."""
    one, other = _make(spec), _make(spec)
    require(one.fingerprint == other.fingerprint, "the fingerprint differs between two loads")
    require(list(one.ids) == list(other.ids), "the ids differ between two loads")


def check_labels_fit_the_classes(spec: DatasetSpec) -> None:
    """One int64 label per sample, -1 or a class index; class names all different."""
    dataset = _make(spec)
    names, labels = dataset.class_names, dataset.known_labels
    if names is not None:
        require(len(names) >= 2, f"it has {len(names)} classes; classification needs two")
        require(len(set(names)) == len(names), "two classes have one name")
    if labels is not None:
        require(labels.shape == (len(dataset.ids),), f"labels have shape {labels.shape}")
        require(labels.dtype == np.int64, f"labels are {labels.dtype}, not int64")
        top = len(names) - 1 if names is not None else labels.max()
        require(labels.min() >= -1 and labels.max() <= top, "a label is no class index")


def check_content_follows_positions(spec: DatasetSpec) -> None:
    """Content is float32, comes in the order asked, and is the same when asked again."""
    dataset = _make(spec)
    for content in sorted(spec.provides):
        read: Callable[[Any], Any] = getattr(dataset, content)
        positions = np.array([len(dataset.ids) - 1, 0], dtype=np.int64)
        rows, single = read(positions), read(positions[1:])
        require(rows.dtype == np.float32, f"{content} are {rows.dtype}, not float32")
        require(len(rows) == 2 and np.isfinite(rows).all(), f"{content} are not 2 finite rows")
        require(np.array_equal(rows[1], single[0]), f"{content} do not follow the positions asked")
        require(not len(read(positions[:0])), f"no positions must give no {content}")


def check_images_are_in_range(spec: DatasetSpec) -> None:
    """Images have four dimensions and values in [0, 1]."""
    if "images" not in spec.provides:
        return
    images = _make(spec).images(np.zeros(1, dtype=np.int64))
    require(images.ndim == 4, f"images have {images.ndim} dimensions, not 4")
    require(images.min() >= 0 and images.max() <= 1, "an image has values outside [0, 1]")


def check_content_cannot_be_changed_from_outside(spec: DatasetSpec) -> None:
    """Writing into what was returned does not change the dataset."""
    dataset, first = _make(spec), np.zeros(1, dtype=np.int64)
    for content in sorted(spec.provides):
        rows = getattr(dataset, content)(first)
        before = rows.copy()
        if rows.flags.writeable:
            rows[:] = 0.5
        require(
            np.array_equal(getattr(dataset, content)(first), before),
            f"writing into {content} changed the dataset",
        )


def check_thumbnail_is_a_picture(spec: DatasetSpec) -> None:
    """(h, w) or (h, w, 3) uint8, or None."""
    image = _make(spec).thumbnail(0)
    if image is None:
        return
    require(image.dtype == np.uint8, f"the thumbnail is {image.dtype}, not uint8")
    right = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    require(right, f"the thumbnail has shape {image.shape}")


dataset_checks: tuple[DatasetCheck, ...] = (
    check_ids_are_unique_texts,
    check_made_twice_is_the_same,
    check_labels_fit_the_classes,
    check_content_follows_positions,
    check_images_are_in_range,
    check_content_cannot_be_changed_from_outside,
    check_thumbnail_is_a_picture,
)
