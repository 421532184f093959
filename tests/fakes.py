"""A small dataset and model with nothing to install, and a registry made of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from alcore.components import DatasetSpec, ModelSpec, Spec, StrategySpec
from alcore.datasets import Labelled, Samples
from alcore.models import Progress
from alcore.options import NoOptions, option
from alcore.plugins import PluginInfo, Registry
from alcore.types import FloatArray, ImageArray, IntArray


class Points:
    """n points in the plane in three clusters; feature vectors only."""

    def __init__(self, n: int = 120) -> None:
        rng = np.random.default_rng(3)
        self.known_labels: IntArray = np.arange(n, dtype=np.int64) % 3
        centres = np.array([[0, 0], [2, 0], [0, 2]])
        noise = rng.normal(size=(n, 2), scale=0.7)
        self._points = (centres[self.known_labels] + noise).astype(np.float32)
        self.ids = tuple(f"point-{i}" for i in range(n))
        self.fingerprint = f"points-{n}"
        self.class_names = ("left", "right", "top")

    def features(self, positions: IntArray) -> FloatArray:
        return self._points[positions]

    def images(self, positions: IntArray) -> FloatArray:
        raise NotImplementedError

    def thumbnail(self, position: int) -> ImageArray | None:
        return np.full((4, 4), position % 256, dtype=np.uint8)


class NearestCentre:
    """Softmax of negative squared distances to class means."""

    def __init__(self, options: NoOptions | None = None) -> None:
        self.centres = np.empty((0, 0))

    def fit(
        self,
        labelled: Labelled,
        validation: Labelled,
        *,
        seed: int,
        progress: Progress,
        previous: Self | None = None,
    ) -> None:
        progress("train", 0.5)
        features = labelled.samples.features()
        self.centres = np.full((labelled.n_classes, features.shape[1]), 1e3)
        for label in np.unique(labelled.labels):
            self.centres[label] = features[labelled.labels == label].mean(axis=0)

    def predict_proba(self, samples: Samples) -> FloatArray:
        offsets = samples.features()[:, None, :].astype(np.float64) - self.centres
        scores = -(offsets**2).sum(axis=2)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)

    def save(self, folder: Path) -> None:
        np.save(folder / "centres.npy", self.centres)

    def load(self, folder: Path) -> None:
        self.centres = np.load(folder / "centres.npy", allow_pickle=False)


def plugin(*specs: tuple[str, Spec]) -> PluginInfo:
    components: dict[str, tuple[Spec, ...]] = {}
    for kind, spec in specs:
        components[kind] = (*components.get(kind, ()), spec)
    return PluginInfo(
        name="fake",
        module="fakes",
        distribution="fake",
        version="1",
        status="ok",
        components=components,  # type: ignore[arg-type]
    )


def registry(make_model: Callable[[NoOptions], object] = NearestCentre) -> Registry:
    """The built-ins plus the dataset `points` and the model `centre`."""
    dataset = DatasetSpec(
        name="points",
        summary="points",
        make=lambda options: Points(),
        provides=frozenset({"features"}),
    )
    model = ModelSpec(name="centre", summary="centre", make=make_model, consumes="features")
    built_in = Registry.load(built_in_only=True, block=(), strict=True).plugins
    return Registry(plugins=(*built_in, plugin(("dataset", dataset), ("model", model))))


@dataclass(frozen=True, kw_only=True)
class Depth:
    depth: int = option(3, help="how deep", minimum=1, maximum=9)


def broken(**changes: object) -> PluginInfo:
    """A plugin that failed."""
    info = PluginInfo(
        name="bad",
        module="bad_module",
        distribution="bad-dist",
        version="2",
        status="error",
        errors=("SystemExit: 1",),
        components={},
    )
    return replace(info, **changes)  # type: ignore[arg-type]


def waiting() -> PluginInfo:
    """A plugin whose strategy needs what is not installed."""
    spec = StrategySpec(
        name="slow_one",
        summary="=slow",
        make=lambda options: None,
        options=Depth,
        requires={"no_such_module": "alcore[tensorflow]"},
        cost="O(n^2)",
    )
    return broken(name="other", status="ok", errors=(), components={"strategy": (spec,)})


EXPERIMENT = """
title = "Points"
strategies = ["random", "smallest_margin"]
seeds = 2
[dataset]
name = "points"
[model]
name = "centre"
[splits]
initial = 6
validation = 10
test = 30
[budget]
samples = 25
batch = 10
"""
