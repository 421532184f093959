"""A SavedModel as a Keras 3 layer: it learns when asked to, and survives saving."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import local_hub
from alcore.errors import UsageError
from alcore.types import FloatArray
from alcore_backbones.frameworks import keras
from alcore_backbones.hub_layer import HubLayer

IMAGES = np.random.default_rng(1).random((12, 32, 32, 3), dtype=np.float32)
LABELS = np.arange(12) % 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return local_hub.save_feature_vector(tmp_path_factory.mktemp("hub") / "tiny")


def classifier(folder: Path) -> Any:
    keras.utils.set_random_seed(0)
    layer = HubLayer(handle=str(folder), size=32, trainable=False)
    return keras.Sequential([keras.Input((32, 32, 3)), layer, keras.layers.Dense(5)])


def compiled(model: Any) -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)


def fitted(model: Any) -> list[FloatArray]:
    model.fit(IMAGES, LABELS, epochs=2, verbose=0)
    weights: list[FloatArray] = model.layers[0].get_weights()
    return weights


def moved(before: list[FloatArray], after: list[FloatArray]) -> list[bool]:
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


def test_it_moves_only_after_unfreezing_and_compiling(folder: Path) -> None:
    model = classifier(folder)
    compiled(model)
    start = model.layers[0].get_weights()
    assert not any(moved(start, fitted(model)))
    model.layers[0].trainable = True  # as the article's script does: the compiled step stays
    assert not any(moved(start, fitted(model)))
    compiled(model)
    assert all(moved(start, fitted(model)))  # averages of the normalisation included


def test_penalties_count_only_where_it_is_trainable(folder: Path) -> None:
    layer = HubLayer(handle=str(folder), size=32)
    kernel = layer.get_weights()[0]
    layer(IMAGES)
    (loss,) = layer.losses
    assert float(loss) == pytest.approx(1e-3 * float((kernel**2).sum()) / 2, rel=1e-5)
    layer.trainable = False
    layer(IMAGES)
    assert layer.losses == []


def test_saved_and_loaded_is_equal(folder: Path, tmp_path: Path) -> None:
    model = classifier(folder)
    model.layers[0].trainable = True
    compiled(model)
    fitted(model)
    expected = model.predict(IMAGES, verbose=0)
    model.save(tmp_path / "whole.keras")
    model.save_weights(tmp_path / "only.weights.h5")
    whole = keras.models.load_model(tmp_path / "whole.keras")
    np.testing.assert_array_equal(whole.predict(IMAGES, verbose=0), expected)
    other = classifier(folder)
    other.load_weights(tmp_path / "only.weights.h5")
    np.testing.assert_array_equal(other.predict(IMAGES, verbose=0), expected)


def test_a_wrong_size_names_the_right_one(folder: Path) -> None:
    with pytest.raises(UsageError, match="images of 32 x 32 pixels, not 48 x 48; set model.size"):
        HubLayer(handle=str(folder), size=48)


def test_what_is_no_feature_vector_is_refused(folder: Path, tmp_path: Path) -> None:
    words = local_hub.save_other(tmp_path / "words")
    with pytest.raises(UsageError, match="is no image feature vector"):
        HubLayer(handle=str(words), size=32)
    damaged = shutil.copytree(folder, tmp_path / "damaged")
    (damaged / "saved_model.pb").write_bytes(b"no model at all")
    with pytest.raises(UsageError, match="cannot be loaded as a SavedModel"):
        HubLayer(handle=str(damaged), size=32)
