"""Checks of models, on a small made-up dataset of three separable classes."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from alcore.components import ModelSpec
from alcore.datasets import Dataset, Labelled, Samples
from alcore.errors import RunStopped
from alcore.learner import check_prediction
from alcore.models import Backbone, Embeds, HasMembers, Model
from alcore.testing.report import require, run_checks
from alcore.types import FloatArray, ImageArray, IntArray

ModelCheck = Callable[[ModelSpec], None]
_CLASSES = 3
_SIDE = 8


def check_model(spec: ModelSpec, *, expected: Mapping[str, str] | None = None) -> None:
    """Run all checks on a model made with its default options.

    Args:
        spec: Its descriptor.
        expected: Name of a check that is known to fail -> why.

    Raises:
        ConformanceError: Naming each check that failed and why, and each that was expected to
            fail and passes.
    """
    run_checks(f"model {spec.name!r}", model_checks, spec, expected)


class Stripes:
    """90 grey 8 x 8 images: class k is bright in its own third of the rows."""

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        labels = np.arange(90, dtype=np.int64) % _CLASSES
        images = rng.uniform(0.0, 0.3, size=(90, _SIDE, _SIDE, 1))
        for position, label in enumerate(labels):
            images[position, 2 * label : 2 * label + 3] += 0.6
        self._images: FloatArray = images.astype(np.float32)
        self.known_labels: IntArray = labels
        self.ids = tuple(f"stripe-{i}" for i in range(90))
        self.fingerprint = "stripes-1"
        self.class_names = ("top", "middle", "bottom")

    def images(self, positions: IntArray) -> FloatArray:
        """Shape (m, 8, 8, 1)."""
        return self._images[positions]

    def features(self, positions: IntArray) -> FloatArray:
        """The pixels, shape (m, 64)."""
        return self._images[positions].reshape(len(positions), -1)

    def thumbnail(self, position: int) -> ImageArray | None:
        """None: nobody looks at these."""
        return None


def _labelled(spec: ModelSpec, positions: IntArray) -> Labelled:
    return Labelled(
        samples=_samples(spec, positions),
        labels=Stripes().known_labels[positions],
        n_classes=_CLASSES,
    )


def _samples(spec: ModelSpec, positions: IntArray) -> Samples:
    return Samples(dataset=_data(spec), positions=positions)


_EMBEDDED: dict[str, Dataset] = {}


def _data(spec: ModelSpec) -> Dataset:
    """The stripes, with the features of the model's backbone, computed once per process."""
    backbone: Backbone | None = spec.backbone(spec.options()) if spec.backbone else None
    if backbone is None:
        return Stripes()
    if backbone.identity not in _EMBEDDED:
        from alcore.features import in_memory

        _EMBEDDED[backbone.identity] = in_memory(Stripes(), backbone)
    return _EMBEDDED[backbone.identity]


def _fitted(spec: ModelSpec, positions: IntArray, *, previous: Model | None = None) -> Model:
    model: Model = spec.create(spec.options())
    model.fit(
        _labelled(spec, positions),
        _labelled(spec, np.arange(60, 66)),
        seed=11,
        progress=lambda step, fraction: None,
        previous=previous,
    )
    return model


def _test_samples(spec: ModelSpec) -> Samples:
    return _samples(spec, np.arange(66, 90))


def check_probabilities_are_valid(spec: ModelSpec) -> None:
    """(m, c) float32, finite, not negative, rows summing to 1 within 1e-3."""
    probabilities = _fitted(spec, np.arange(60)).predict_proba(_test_samples(spec))
    check_prediction(probabilities, (24, _CLASSES))
    require(probabilities.dtype == np.float32, f"probabilities are {probabilities.dtype}")


def check_it_learns(spec: ModelSpec) -> None:
    """60 samples of an easy problem are enough to be right on half of 24 others."""
    probabilities = _fitted(spec, np.arange(60)).predict_proba(_test_samples(spec))
    right = float(np.mean(probabilities.argmax(axis=1) == Stripes().known_labels[66:90]))
    require(right >= 0.5, f"it is right on {right:.0%} where guessing gives 33%")


def check_one_class_only(spec: ModelSpec) -> None:
    """The first labels may all be of one class."""
    only = np.flatnonzero(Stripes().known_labels[:60] == 1)
    probabilities = _fitted(spec, only).predict_proba(_test_samples(spec))
    check_prediction(probabilities, (24, _CLASSES))


def check_two_classes_of_three(spec: ModelSpec) -> None:
    """A class without a label keeps its column."""
    two = np.flatnonzero(Stripes().known_labels[:60] != 0)
    probabilities = _fitted(spec, two).predict_proba(_test_samples(spec))
    check_prediction(probabilities, (24, _CLASSES))
    truth = Stripes().known_labels[66:90]
    seen = truth != 0
    right = float(np.mean(probabilities[seen].argmax(axis=1) == truth[seen]))
    require(right >= 0.6, f"it is right on {right:.0%} of the two classes it has seen")


def check_one_sample_only(spec: ModelSpec) -> None:
    """One labelled sample and one sample to predict are enough."""
    single = _samples(spec, np.array([70]))
    check_prediction(_fitted(spec, np.array([4])).predict_proba(single), (1, _CLASSES))


def check_seed_is_honoured(spec: ModelSpec) -> None:
    """The same data and seed give the same probabilities, bit for bit."""
    one, other = (_fitted(spec, np.arange(60)).predict_proba(_test_samples(spec)) for _ in range(2))
    require(np.array_equal(one, other), "two fits with the same seed differ")


def check_previous_is_accepted(spec: ModelSpec) -> None:
    """The model of the round before may be given, and stays as it is."""
    previous = _fitted(spec, np.arange(30))
    before = previous.predict_proba(_test_samples(spec))
    _fitted(spec, np.arange(60), previous=previous)
    require(
        np.array_equal(before, previous.predict_proba(_test_samples(spec))),
        "fitting changed the previous model",
    )


def check_stop_passes_through(spec: ModelSpec) -> None:
    """What `progress` raises reaches the caller."""

    def stop(step: str, fraction: float) -> None:
        raise RunStopped("stop")

    model: Model = spec.create(spec.options())
    try:
        model.fit(
            _labelled(spec, np.arange(60)),
            _labelled(spec, np.arange(60, 66)),
            seed=1,
            progress=stop,
        )
    except RunStopped:
        return
    raise AssertionError("it never called progress, or swallowed the stop")


def check_saved_and_loaded_is_equal(spec: ModelSpec) -> None:
    """A loaded model predicts exactly what the saved one did."""
    model = _fitted(spec, np.arange(60))
    with tempfile.TemporaryDirectory() as name:
        model.save(Path(name))
        loaded: Model = spec.create(spec.options())
        loaded.load(Path(name))
    require(
        np.array_equal(
            model.predict_proba(_test_samples(spec)), loaded.predict_proba(_test_samples(spec))
        ),
        "the loaded model predicts something else",
    )


def check_embeddings(spec: ModelSpec) -> None:
    """Where it has some: (m, d) float32, finite, and a sample's own whatever comes with it."""
    model: object = _fitted(spec, np.arange(60))
    if not isinstance(model, Embeds):
        return
    rows = model.embed(_test_samples(spec))
    require(rows.ndim == 2 and len(rows) == 24, f"24 samples have embeddings {rows.shape}")
    require(rows.dtype == np.float32, f"embeddings are {rows.dtype}, not float32")
    require(np.isfinite(rows).all(), "an embedding is not finite")
    # Frameworks round differently in batches of another size.
    require(
        np.allclose(model.embed(_samples(spec, np.array([70, 66]))), rows[[4, 0]], atol=1e-4),
        "embeddings do not follow the positions asked",
    )


def check_members(spec: ModelSpec) -> None:
    """Where it is a committee: (m, n, c) float32 probabilities; the seed draws the members."""
    model: object = _fitted(spec, np.arange(60))
    if not isinstance(model, HasMembers) or not model.has_members:
        return
    members = model.predict_members(_test_samples(spec), 3, 1)
    require(members.shape == (3, 24, _CLASSES), f"3 members gave the shape {members.shape}")
    require(members.dtype == np.float32, f"probabilities are {members.dtype}, not float32")
    for member in members:
        check_prediction(member, (24, _CLASSES))
    require(not np.array_equal(members[0], members[1]), "two members are one and the same")
    part = model.predict_members(_samples(spec, np.array([70, 66])), 3, 1)
    require(
        np.allclose(part, members[:, [4, 0]], atol=1e-4),
        "with the same seed other members were asked when there were fewer samples",
    )
    other = model.predict_members(_test_samples(spec), 3, 2)
    require(not np.array_equal(other, members), "another seed draws the same members")


model_checks: tuple[ModelCheck, ...] = (
    check_probabilities_are_valid,
    check_it_learns,
    check_one_class_only,
    check_two_classes_of_three,
    check_one_sample_only,
    check_seed_is_honoured,
    check_previous_is_accepted,
    check_stop_passes_through,
    check_saved_and_loaded_is_equal,
    check_embeddings,
    check_members,
)
