"""A dataset with the features of a backbone, and models that are trained on it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from alcore.components import DatasetSpec, ModelSpec
from alcore.datasets import Ordered, Samples, ScalableImages
from alcore.errors import AlcoreError
from alcore.features import Embedded
from alcore.testing import check_dataset, check_model
from alcore.types import FloatArray, IntArray
from fakes import NearestCentre
from features.examples import Pictures


class Scalable(Pictures):
    def images_of_size(self, positions: IntArray, size: int) -> FloatArray:
        return np.full((len(positions), size, size, 3), 0.5, dtype=np.float32)


class Reversed(Pictures):
    @property
    def source_order(self) -> IntArray:
        return np.arange(len(self.ids))[::-1]


def embedded(dataset: Pictures) -> Embedded:
    return Embedded(dataset, np.arange(2 * len(dataset.ids), dtype=np.float32).reshape(-1, 2))


def test_only_the_features_are_others() -> None:
    inner = Pictures(6)
    dataset = embedded(inner)
    assert dataset.features(np.array([2, 0])).tolist() == [[4, 5], [0, 1]]
    assert np.array_equal(dataset.images(np.array([3])), inner.all[[3]])
    assert (dataset.ids, dataset.fingerprint) == (inner.ids, inner.fingerprint)
    assert (dataset.class_names, dataset.known_labels) == (None, None)
    picture = dataset.thumbnail(5)
    assert picture is not None and picture.max() == 5


def test_it_offers_what_the_dataset_offers() -> None:
    plain, scalable, ordered = (embedded(kind(6)) for kind in (Pictures, Scalable, Reversed))
    offers = [(isinstance(d, ScalableImages), isinstance(d, Ordered)) for d in (plain, scalable)]
    assert offers == [(False, False), (True, False)]
    assert isinstance(ordered, Ordered) and ordered.source_order.tolist() == [5, 4, 3, 2, 1, 0]
    images = Samples(dataset=scalable, positions=np.array([1])).images(9)
    assert images.shape == (1, 9, 9, 3) and images.max() == 0.5


def test_it_passes_the_checks_of_datasets() -> None:
    check_dataset(
        DatasetSpec(
            name="embedded",
            summary="",
            make=lambda options: embedded(Pictures(6)),
            provides=frozenset({"images", "features"}),
        )
    )


@dataclass(frozen=True)
class Rows:
    """The brightness of each row: what tells the stripes of the checks apart."""

    identity: str = "rows"
    size: int = 8
    batch: int = 32

    def embed(self, images: FloatArray) -> FloatArray:
        assert images.shape == (32, 8, 8, 3)
        means: FloatArray = images.mean(axis=(2, 3))
        return means


class OnEightRows(NearestCentre):
    def predict_proba(self, samples: Samples) -> FloatArray:
        if samples.features().shape[1] != 8:
            raise AlcoreError("these are not the features of the backbone")
        return super().predict_proba(samples)


def test_a_model_with_a_backbone_is_checked_on_its_features() -> None:
    spec = ModelSpec(
        name="rows",
        summary="",
        make=OnEightRows,
        consumes="images",
        backbone=lambda options: Rows(),
    )
    check_model(spec)


def test_a_model_whose_options_freeze_nothing_is_checked_as_it_is(tmp_path: Path) -> None:
    spec = ModelSpec(
        name="none",
        summary="",
        make=OnEightRows,
        consumes="images",
        backbone=lambda options: None,
    )
    with pytest.raises(AlcoreError, match="not the features of the backbone"):
        check_model(spec)
