"""MobileNetV2, ResNet50 and InceptionV3 of keras.applications, with ImageNet weights."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from alcore.download import check_reachable
from alcore.errors import AlcoreError, UsageError, sentence
from alcore.models import Model
from alcore.types import FloatArray
from alcore_backbones import ApplicationOptions, make_head
from alcore_backbones.embedding import BATCH, compiled, identity
from alcore_backbones.fine_tuned import FineTuned
from alcore_backbones.precision import choose_precision

if TYPE_CHECKING:
    from alcore_backbones.application_layers import ApplicationLayers

_SITE = "https://storage.googleapis.com/tensorflow/keras-applications"
_HDF5 = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class _Network:
    name: str
    size: int
    official: str


_NETWORKS = {
    "mobilenet_v2": _Network(
        name="MobileNetV2",
        size=224,
        official="mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
    ),
    "resnet50": _Network(
        name="ResNet50",
        size=224,
        official="resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    "inception_v3": _Network(
        name="InceptionV3",
        size=299,
        official="inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
}


@dataclass(frozen=True)
class Application:
    """From images to the last layer before the classes, averaged.

    Raises:
        AlcoreError: The weights are neither here nor reachable, or no file of weights; said
            within two seconds, before TensorFlow is imported.
    """

    options: ApplicationOptions
    batch: ClassVar[int] = BATCH

    def __post_init__(self) -> None:
        choose_precision("float32")
        if self._given is None and not self._official.is_file():
            self._check_reachable()

    @property
    def size(self) -> int:
        """Height and width of its images."""
        return self._network.size

    @property
    def _network(self) -> _Network:
        return _NETWORKS[self.options.network]

    @cached_property
    def _given(self) -> Path | None:
        return None if self.options.weights == "imagenet" else _checked(self.options.weights)

    @property
    def _official(self) -> Path:
        """Where Keras keeps, or will keep, the ImageNet weights."""
        home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
        return Path(home) / "models" / Path(self._network.official).name

    def _check_reachable(self) -> None:
        try:
            check_reachable(f"{_SITE}/{self._network.official}")
        except AlcoreError as error:
            raise AlcoreError(
                f"the ImageNet weights of {self._network.name} are not on this machine and "
                f"{error}; give a file of weights as model.weights, or use the model "
                "efficientnet_lite0, which needs no network"
            ) from error

    @property
    def identity(self) -> str:
        """Network, digest of its weights, preprocessing and versions; downloads them first."""
        if self._given is None and not self._official.is_file():
            self._model()
        module = self.options.network
        preprocessing = f"{self.size} px, keras.applications.{module}.preprocess_input"
        return identity(f"{module} pooled", self._given or self._official, preprocessing)

    def trunk(self) -> "ApplicationLayers":
        """Its layers, with variables of their own."""
        from alcore_backbones.application_layers import ApplicationLayers

        return ApplicationLayers(self.options.network, self._model())

    def _model(self) -> Any:
        from alcore_backbones.frameworks import keras

        weights = "imagenet" if self._given is None else str(self._given)
        make = getattr(keras.applications, self._network.name)
        shape = (self.size, self.size, 3)
        try:
            return make(include_top=False, pooling="avg", weights=weights, input_shape=shape)
        except Exception as error:  # Keras and HDF5 have no common error
            cut = f"; remove {self._official} if its download was cut off" * (not self._given)
            raise AlcoreError(
                f"{weights} does not give the weights of {self._network.name} without its top "
                f"layer: {sentence(error)}{cut}"
            ) from error

    @cached_property
    def _forward(self) -> Callable[[FloatArray], FloatArray]:
        return compiled(self.trunk().features, self.size)

    def embed(self, images: FloatArray) -> FloatArray:
        """From (32, size, size, 3) float32 in [0, 1] to (32, 1280 or 2048) float32."""
        return self._forward(images)


def make_backbone(options: ApplicationOptions) -> Application | None:
    """The frozen backbone; None where it is fine-tuned."""
    return None if options.fine_tune else Application(options)


def make_model(options: ApplicationOptions) -> Model:
    """The untrained head, with the backbone where it is fine-tuned."""
    return FineTuned.of(options, Application(options)) if options.fine_tune else make_head(options)


def _checked(weights: str) -> Path:
    path = Path(weights).expanduser()
    if path.suffix != ".h5" or not path.is_file():
        raise UsageError(
            f'model.weights must be "imagenet" or a .h5 file of weights, not {weights!r}'
        )
    with path.open("rb") as file:
        if file.read(len(_HDF5)) != _HDF5:
            raise UsageError(f"model.weights is {weights!r}, which is no HDF5 file")
    return path
