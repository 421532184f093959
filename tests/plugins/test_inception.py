"""The article's model on a small SavedModel: what moves when, and what it costs."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import local_hub
from alcore.components import ModelSpec
from alcore.datasets import Labelled, Samples
from alcore.features import in_memory
from alcore.models import unwatched
from alcore.options import option
from alcore.testing import check_model
from alcore.testing.models import Stripes
from alcore.types import FloatArray
from alcore_backbones import HubOptions
from alcore_backbones.fine_tuned import FineTuned
from alcore_backbones.frameworks import keras, tf
from alcore_backbones.hub import HubBackbone
from alcore_backbones.tuned_network import TunedNetwork, tuned_network
from alcore_flowers import InceptionOptions, alcore_models
from alcore_flowers.inception import make_backbone, make_model

SPEC: ModelSpec = alcore_models()[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return local_hub.save_feature_vector(tmp_path_factory.mktemp("hub") / "tiny")


def options(folder: Path, **changes: Any) -> InceptionOptions:
    small = {"size": local_hub.SIZE, "learning_rate_fine": 1e-2, "learning_rate_head": 1e-2}
    return InceptionOptions(handle=str(folder), **{**small, **changes})


def hub_backbone(folder: Path) -> HubBackbone:
    return HubBackbone(HubOptions(handle=str(folder), size=local_hub.SIZE))


def labelled(chosen: InceptionOptions, n: int = 50) -> Labelled:
    data: Any = Stripes()
    if (backbone := make_backbone(chosen)) is not None:
        data = in_memory(data, backbone)
    positions = np.arange(n, dtype=np.int64)
    samples = Samples(dataset=data, positions=positions)
    return Labelled(samples=samples, labels=data.known_labels[:n], n_classes=3)


def fitted(chosen: InceptionOptions, previous: FineTuned | None = None) -> FineTuned:
    model = make_model(chosen)
    data = labelled(chosen)
    model.fit(data, data, seed=3, progress=unwatched, previous=previous)
    return model


@pytest.mark.parametrize("tuned", [True, False])
def test_it_passes_the_conformance_checks(folder: Path, tuned: bool) -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Local(InceptionOptions):
        handle: str = option(str(folder), help="here")
        size: int = option(local_hub.SIZE, help="small")
        batch: int = option(20, help="small")
        epochs_head: int = option(20, help="enough")
        learning_rate_head: float = option(3e-2, help="large")
        fine_tune: bool = option(tuned, help="both")

    check_model(dataclasses.replace(SPEC, options=Local))


def test_the_backbone_moves_in_fine_tuning_and_not_before(folder: Path) -> None:
    chosen = options(folder, batch=10)
    network = tuned_network(hub_backbone(folder), 3, chosen.learning_rate_fine)
    steps: list[tuple[str, float, bool]] = []

    def watch(step: str, fraction: float) -> None:
        now = [variable.numpy() for variable in network._trunk.trainable_variables]
        same = all(np.array_equal(a, b) for a, b in zip(now, network.original, strict=True))
        steps.append((step, fraction, not same))

    data = labelled(chosen)
    model = make_model(chosen)
    model.fit(data, data, seed=3, progress=watch)
    before = [moved for step, _, moved in steps if "fine-tuning" not in step]
    tuning = [moved for step, _, moved in steps if "fine-tuning" in step]
    assert before and not any(before)
    assert not tuning[0] and all(tuning[1:])
    names = list(dict.fromkeys(step for step, _, _ in steps))
    assert names[:2] == ["features of the labelled samples", "epoch 1 of 3, head"]
    assert names[-2:] == ["epoch 1 of 2, fine-tuning", "epoch 2 of 2, fine-tuning"]
    fractions = [fraction for _, fraction, _ in steps]
    assert fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    assert all((a != b).any() for a, b in zip(model._weights, network.original, strict=False))


def test_later_rounds_go_on_from_the_last_one(folder: Path) -> None:
    first = fitted(options(folder))
    idle = fitted(options(folder, epochs_after=0), previous=first)
    assert all(np.array_equal(a, b) for a, b in zip(first._weights, idle._weights, strict=True))
    after = fitted(options(folder), previous=first)
    assert not any(
        np.array_equal(a, b) for a, b in zip(first._weights, after._weights, strict=True)
    )


def test_the_literal_article_never_moves_the_backbone(folder: Path) -> None:
    literal = fitted(options(folder, literal_article=True))
    same = fitted(options(folder, fine_tune=False, epochs_head=5))
    assert len(literal._weights) == 2  # the head alone: the features are the frozen ones
    assert all(np.array_equal(a, b) for a, b in zip(literal._weights, same._weights, strict=True))
    assert isinstance(make_backbone(options(folder, literal_article=True)), HubBackbone)
    assert make_backbone(options(folder)) is None


def whole_batch_step(network: TunedNetwork, weights: list[FloatArray], data: Labelled) -> Any:
    """One step of Adam on all images at once, without pieces."""
    variables = [keras.Variable(value) for value in weights]
    for variable, value in zip(network._variables, weights, strict=True):
        variable.assign(value)
    images = np.repeat(data.samples.images(local_hub.SIZE), 3, axis=3)
    with tf.GradientTape() as tape:
        logits = network._trunk.features(images) @ network._kernel.value + network._bias.value
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(data.labels, logits)
        total = loss + network._trunk.regularisation()
    gradients = tape.gradient(total, network._values)
    keras.optimizers.Adam(1e-2).apply(gradients, variables)
    return [variable.numpy() for variable in variables]


def test_pieces_give_the_step_of_the_whole_batch(folder: Path) -> None:
    network = TunedNetwork(hub_backbone(folder), 3, 1e-2)
    data = labelled(options(folder), 47)  # the last of five pieces is filled up
    rng = np.random.default_rng(0)
    head = [rng.normal(size=shape, scale=0.1) for shape in ((local_hub.WIDTH, 3), (3,))]
    weights = [*network.original, *(value.astype(np.float32) for value in head)]
    batch = np.arange(47, dtype=np.int64)
    trained = network.train(weights, data, [batch], lambda done: None, None)
    expected = whole_batch_step(network, weights, data)
    for got, wanted in zip(trained, expected, strict=True):
        np.testing.assert_allclose(got, wanted, atol=2e-5)


def test_mirrored_photos_change_what_is_learnt(folder: Path) -> None:
    class Lopsided(Stripes):
        def images(self, positions: Any) -> FloatArray:
            images = super().images(positions).copy()
            images[:, :, :4] = 0
            return images

    chosen, mirrored = options(folder), options(folder, augment=True)
    data = dataclasses.replace(
        labelled(chosen), samples=Samples(dataset=Lopsided(), positions=np.arange(50))
    )
    models = [make_model(chosen), make_model(mirrored), make_model(mirrored)]
    for model in models:
        model.fit(data, data, seed=1, progress=unwatched)
    plain, one, other = (model._weights[0] for model in models)
    assert not np.array_equal(plain, one) and np.array_equal(one, other)
