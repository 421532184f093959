"""Feature vectors of TensorFlow Hub as frozen backbones; what can be said without TensorFlow."""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from alcore.download import check_reachable
from alcore.errors import AlcoreError, UsageError, sentence
from alcore.models import Model
from alcore.types import FloatArray
from alcore_backbones import HubOptions, make_head
from alcore_backbones.embedding import BATCH, compiled, identity
from alcore_backbones.fine_tuned import FineTuned
from alcore_backbones.precision import choose_precision

if TYPE_CHECKING:
    from alcore_backbones.hub_layer import HubLayer


@dataclass(frozen=True)
class HubBackbone:
    """From images to the features of a TF2 SavedModel.

    Raises:
        AlcoreError: The handle is neither here nor reachable, or names no SavedModel; said
            within two seconds, before TensorFlow is imported.
        UsageError: This CPU or this process cannot compute in the precision asked for.
    """

    options: HubOptions
    batch: ClassVar[int] = BATCH

    def __post_init__(self) -> None:
        locate(self.options.handle)
        choose_precision(self.options.precision)

    @property
    def size(self) -> int:
        """Height and width of its images."""
        return self.options.size

    @property
    def identity(self) -> str:
        """Digest of the SavedModel's files, size, precision and versions; downloads it first."""
        facts = f"{self.size} px in [0, 1]"
        return identity("hub", fetched(self.options.handle), facts, self.options.precision)

    @cached_property
    def _forward(self) -> Callable[[FloatArray], FloatArray]:
        return compiled(self.trunk().features, self.size)

    def trunk(self) -> "HubLayer":
        """The SavedModel, loaded anew."""
        from alcore_backbones.hub_layer import HubLayer

        return HubLayer(handle=self.options.handle, size=self.size)

    def embed(self, images: FloatArray) -> FloatArray:
        """From (32, size, size, 3) float32 in [0, 1] to (32, d) float32."""
        return self._forward(images)


def make_backbone(options: HubOptions) -> HubBackbone | None:
    """The frozen backbone; None where it is fine-tuned."""
    return None if options.fine_tune else HubBackbone(options)


def make_model(options: HubOptions) -> Model:
    """The untrained head, with the backbone where it is fine-tuned."""
    return FineTuned.of(options, HubBackbone(options)) if options.fine_tune else make_head(options)


def locate(handle: str) -> Path | None:
    """The folder of a SavedModel; None where it is not on this machine but its host answers.

    Raises:
        AlcoreError: There is none, or the host does not answer within a second.
    """
    if not handle.startswith(("http://", "https://")):
        return _saved_model(Path(handle).expanduser(), handle)
    # Where tensorflow_hub keeps what it downloads.
    cache = os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir()) / "tfhub_modules"
    folder = Path(cache) / hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()
    if folder.is_dir():
        return _saved_model(folder, handle)
    try:
        check_reachable(handle)
    except AlcoreError as error:
        raise AlcoreError(
            f"{handle} is not on this machine and {error}; give the folder of a SavedModel as "
            f"model.handle, or put it at {folder}"
        ) from error
    return None


def _saved_model(folder: Path, handle: str) -> Path:
    if not (folder / "saved_model.pb").is_file() or (folder / "tfhub_module.pb").exists():
        raise UsageError(
            f"model.handle must be the http address or the folder of a TF2 SavedModel; {handle!r} "
            f"has no saved_model.pb of that kind"
        )
    return folder


def fetched(handle: str) -> Path:
    """The folder of a SavedModel, downloaded by tensorflow_hub if need be.

    Raises:
        AlcoreError: There is none, or the download fails.
    """
    folder = locate(handle)
    if folder is None:
        try:
            folder = _saved_model(_downloaded(handle), handle)
        except (OSError, ValueError) as error:
            raise AlcoreError(f"{handle} cannot be downloaded: {sentence(error)}") from error
    return folder


def _downloaded(handle: str) -> Path:
    from alcore_backbones.frameworks import tf  # noqa: F401 -- before others import TensorFlow

    # isort: split
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of setuptools, about tensorflow_hub's own imports
        import tensorflow_hub
    return Path(tensorflow_hub.resolve(handle))
