"""From an experiment to memory: splits in an order, duplicates together, features of a backbone."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from alcore.components import DatasetSpec, ModelSpec
from alcore.errors import UsageError
from alcore.experiment import parse_experiment
from alcore.features import FeatureCache
from alcore.loading import facts_of, load_dataset, make_run, splits_of
from alcore.plugins import Registry
from alcore.types import FloatArray, IntArray
from fakes import EXPERIMENT, NearestCentre, Points, plugin, registry


class Backwards(Points):
    """Points whose source has them the other way round; the last ten repeat the first ten."""

    def __init__(self) -> None:
        super().__init__()
        self._points[-10:] = self._points[:10]
        self.source_order: IntArray = np.arange(120)[::-1].copy()

    def images(self, positions: IntArray) -> FloatArray:
        points = self._points[positions] / 20 + 0.5
        return np.repeat(points[:, None, :, None], 2, axis=1)


class Corner:
    """The pixels of the first row, as a backbone."""

    identity, size, batch = "corner", 2, 7

    def __init__(self) -> None:
        self.rows = 0

    def embed(self, images: FloatArray) -> FloatArray:
        self.rows += len(images)
        return images[:, 0, :, 0].copy()


def made(dataset: Callable[[], Points] = Backwards, backbone: Corner | None = None) -> Registry:
    data = DatasetSpec(
        name="backwards",
        summary="",
        make=lambda options: dataset(),
        provides=frozenset({"features", "images"}),
    )
    model = ModelSpec(
        name="seen",
        summary="",
        make=lambda options: NearestCentre(),
        consumes="images",
        backbone=lambda options: backbone,
    )
    base = registry()
    return Registry(plugins=(*base.plugins[:-1], plugin(*_pairs(base), ("dataset", data),
                                                         ("model", model))))  # fmt: skip


def _pairs(base: Registry) -> list[tuple[str, DatasetSpec | ModelSpec]]:
    return [("dataset", base.dataset("points")), ("model", base.model("centre"))]


def test_the_order_of_the_source_is_the_same_for_every_seed() -> None:
    reg = made()
    experiment = parse_experiment(
        EXPERIMENT, reg, overrides=["dataset.name=backwards", "splits.order=source"]
    )
    loaded = load_dataset(experiment, reg)
    for seed in (0, 1):
        splits = splits_of(experiment, loaded, seed=seed)
        assert splits.initial.tolist() == list(range(114, 120))
        assert splits.validation.tolist() == list(range(104, 114))
    assert loaded.duplicates is None


def test_a_dataset_without_an_order_is_refused() -> None:
    reg = made()
    experiment = parse_experiment(EXPERIMENT, reg, overrides=["splits.order=source"])
    loaded = load_dataset(experiment, reg)
    with pytest.raises(UsageError, match=r"'points' has no order of its own; set splits\.order"):
        make_run(experiment, loaded, reg, strategy="random", seed=0)


def test_features_of_a_backbone_are_computed_once_and_duplicates_found(tmp_path: Path) -> None:
    corner = Corner()
    reg = made(backbone=corner)
    experiment = parse_experiment(
        EXPERIMENT, reg, overrides=["dataset.name=backwards", "model.name=seen"]
    )
    cache = FeatureCache(tmp_path)
    steps: list[str] = []
    loaded = load_dataset(
        experiment, reg, cache=cache, progress=lambda step, fraction: steps.append(step)
    )
    computed = corner.rows
    assert computed >= 120 and set(steps) == {"features"}
    again = load_dataset(experiment, reg, cache=cache)
    assert corner.rows == computed
    every = np.arange(120)
    expected = Backwards().images(every)[:, 0, :, 0]
    for one in (loaded, again, load_dataset(experiment, reg)):
        assert np.allclose(one.dataset.features(every), expected, atol=1e-6)
    assert loaded.duplicates is not None
    found = {tuple(pair) for pair in loaded.duplicates.pairs[loaded.duplicates.identical].tolist()}
    assert found >= {(i, 110 + i) for i in range(10)}


def test_duplicates_stay_together_where_that_is_wanted() -> None:
    reg = made()
    settings = ["dataset.name=backwards", "splits.duplicates=together", "splits.initial=30"]
    experiment = parse_experiment(EXPERIMENT, reg, overrides=settings)
    loaded = load_dataset(experiment, reg)
    assert loaded.duplicates is not None
    groups = loaded.duplicates.groups(120)
    splits = splits_of(experiment, loaded, seed=3)
    for part in (splits.initial, splits.validation, splits.test, splits.pool):
        rest = np.setdiff1d(np.arange(120), part)
        assert not set(groups[part].tolist()) & set(groups[rest].tolist())
    assert facts_of(loaded, splits)["pairs_across_test"] == 0
