"""The plugin as a whole, and keras.applications with weights of a file."""

import dataclasses
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from alcore import download
from alcore.components import ModelSpec
from alcore.errors import AlcoreError, UsageError
from alcore.plugins import Registry
from alcore.testing import check_model, model_checks
from alcore.testing.models import ModelCheck, check_it_learns, check_two_classes_of_three
from alcore_backbones import ApplicationOptions, HeadOptions
from alcore_backbones.applications import Application

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
    model = made._model
    theirs = model(2 * images[:2] - 1, training=False)
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
