"""The plugin as a whole, and keras.applications with weights of a file."""

import dataclasses
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcore import download
from alcore.calibration import softmax
from alcore.components import ModelSpec
from alcore.datasets import Labelled, Samples
from alcore.errors import AlcoreError, UsageError
from alcore.models import unwatched
from alcore.plugins import Registry
from alcore.testing import check_model, model_checks
from alcore.testing.models import ModelCheck, Stripes, check_it_learns, check_two_classes_of_three
from alcore.types import IntArray
from alcore_backbones import ApplicationOptions, HeadOptions
from alcore_backbones.applications import Application
from alcore_backbones.fine_tuned import FineTuned

MODELS = Registry.load(built_in_only=True, block=(), strict=True).models


@dataclasses.dataclass(frozen=True, kw_only=True)
class DenseHead(HeadOptions):
    head: str = "dense"


@pytest.mark.parametrize("options", [HeadOptions, DenseHead])
def test_heads_of_backbones_pass_on_features(options: type) -> None:
    spec: ModelSpec = MODELS["backbones/efficientnet_lite0"]
    check_model(dataclasses.replace(spec, backbone=None, consumes="features", options=options))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(
        include_top=False, pooling="avg", weights=None, input_shape=(224, 224, 3)
    )
    path = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    model.save_weights(path)
    return path


def test_a_file_of_weights_is_used(weights: Path) -> None:
    made = Application(ApplicationOptions(weights=str(weights)))
    images = np.random.default_rng(0).random((32, 224, 224, 3), dtype=np.float32)
    features = made.embed(images)
    assert features.shape == (32, 1280) and features.dtype == np.float32
    theirs = made._model()(2 * images[:2] - 1, training=False)
    np.testing.assert_allclose(features[:2], np.asarray(theirs), atol=1e-4)
    assert "mobilenet_v2" in made.identity


# Random weights tell little of an image: what asks for accuracy is left to efficientnet_lite0.
@pytest.mark.parametrize(
    "check", [c for c in model_checks if c not in (check_it_learns, check_two_classes_of_three)]
)
def test_keras_application_passes(weights: Path, check: ModelCheck) -> None:
    spec = MODELS["backbones/keras_application"]

    def options() -> ApplicationOptions:
        return ApplicationOptions(weights=str(weights))

    check(dataclasses.replace(spec, options=options))


TUNED: dict[str, Any] = {
    "fine_tune": True,
    "epochs": 2,
    "batch_size": 10,
    "epochs_fine": 1,
    "learning_rate_fine": 1e-3,
}


def tuned(chosen: ApplicationOptions, previous: FineTuned | None = None) -> FineTuned:
    model = MODELS["backbones/keras_application"].create(chosen)
    assert isinstance(model, FineTuned)
    data = stripes(np.arange(12))
    model.fit(data, stripes(np.arange(20, 80)), seed=0, progress=unwatched, previous=previous)
    return model


def stripes(positions: IntArray) -> Labelled:
    samples = Samples(dataset=Stripes(), positions=positions)
    return Labelled(samples=samples, labels=Stripes().known_labels[positions], n_classes=3)


def test_a_fine_tuned_application_is_its_keras_model_with_other_weights(weights: Path) -> None:
    chosen = ApplicationOptions(weights=str(weights), calibrate=False, **TUNED)
    assert MODELS["backbones/keras_application"].backbone(chosen) is None
    *backbone, kernel, bias = tuned(chosen)._weights
    keras_model = Application(chosen)._model()
    before = [variable.numpy() for variable in keras_model.trainable_variables]
    # Not all: the gradients of random weights vanish below what float32 adds to a kernel.
    moved = [not np.array_equal(a, b) for a, b in zip(before, backbone, strict=True)]
    assert sum(moved) > len(moved) / 2
    for variable, value in zip(keras_model.trainable_variables, backbone, strict=True):
        variable.assign(value)
    asked = stripes(np.arange(80, 90)).samples
    images = np.repeat(asked.images(224), 3, axis=3)
    features = np.asarray(keras_model(2 * images - 1, training=False), np.float64)
    expected = softmax(features @ kernel + bias)
    np.testing.assert_allclose(tuned(chosen).predict_proba(asked), expected, atol=1e-4)


def test_a_fine_tuned_application_starts_anew_each_round_unless_told(weights: Path) -> None:
    anew = ApplicationOptions(weights=str(weights), **TUNED)
    first = tuned(anew)
    again, continued = (
        tuned(dataclasses.replace(anew, continue_training=on), previous=first)
        for on in (False, True)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first._weights, again._weights, strict=True))
    assert not np.array_equal(first._weights[0], continued._weights[0])
    assert first.temperature != 1.0


def test_identity_follows_the_weights(weights: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.weights.h5"
    other.write_bytes(weights.read_bytes() + b"\0")
    one, changed = (Application(ApplicationOptions(weights=str(p))) for p in (weights, other))
    resnet = Application(ApplicationOptions(weights=str(weights), network="resnet50"))
    assert len({one.identity, changed.identity, resnet.identity}) == 3


def test_weights_of_another_network_are_one_sentence(weights: Path) -> None:
    made = Application(ApplicationOptions(weights=str(weights), network="inception_v3"))
    with pytest.raises(AlcoreError, match="does not give the weights of InceptionV3") as caught:
        made.embed(np.zeros((32, 299, 299, 3), dtype=np.float32))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.keras", "model.pkl", "missing.h5", "text.h5", "folder.h5"])
def test_only_files_of_weights_are_opened(tmp_path: Path, name: str) -> None:
    for made in ("model.keras", "model.pkl", "text.h5"):
        (tmp_path / made).write_bytes(b"PK\x03\x04")
    (tmp_path / "folder.h5").mkdir()
    with pytest.raises(UsageError, match="model.weights"):
        Application(ApplicationOptions(weights=str(tmp_path / name)))


def test_without_network_it_names_two_ways_out_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(
            "alcore_backbones.applications._SITE", f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        start = time.monotonic()
        with pytest.raises(AlcoreError, match=r"model\.weights.*efficientnet_lite0"):
            Application(ApplicationOptions())
        assert time.monotonic() - start < download.ANSWER_SECONDS + 0.5


def test_kept_weights_need_no_network(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("alcore_backbones.applications._SITE", "http://127.0.0.1:1")
    kept = tmp_path / "models" / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
    kept.parent.mkdir()
    kept.write_bytes(weights.read_bytes())
    assert "mobilenet_v2" in Application(ApplicationOptions()).identity
