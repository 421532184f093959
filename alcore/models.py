"""The contract of models."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from alcore.datasets import Labelled, Samples
from alcore.types import FloatArray

Progress = Callable[[str, float], None]
"""Called with the name of the step and the fraction done, 0 to 1; may raise RunStopped."""


def unwatched(step: str, fraction: float) -> None:
    """Progress that nobody watches."""


class Model(Protocol):
    """Learns from labelled samples and gives class probabilities."""

    def fit(
        self,
        labelled: Labelled,
        validation: Labelled,
        *,
        seed: int,
        progress: Progress,
        previous: Self | None = None,
    ) -> None:
        """Train. Same data and seed on the same machine: same model.

        Args:
            labelled: At least one sample; classes may be missing.
            validation: For early stopping or calibration; may be empty.
            seed: For every random choice the training makes.
            progress: To be called now and then; whatever it raises must pass through.
            previous: The model of the round before, for those that continue from it.
        """

    def predict_proba(self, samples: Samples) -> FloatArray:
        """Class probabilities, shape (m, n_classes), float32, rows summing to 1 within 1e-3."""

    def save(self, folder: Path) -> None:
        """Write the trained model into an existing empty folder."""

    def load(self, folder: Path) -> None:
        """Become the model that was saved there: its predictions are equal."""


@runtime_checkable
class Embeds(Protocol):
    """A model whose embeddings are its own; for others they are the dataset's features."""

    def embed(self, samples: Samples) -> FloatArray:
        """What the last layer reads, shape (m, d), float32, finite."""


@runtime_checkable
class HasMembers(Protocol):
    """A model that is a committee; the engine makes one of others by training them anew."""

    @property
    def has_members(self) -> bool:
        """Whether its options make it one."""

    def predict_members(self, samples: Samples, m: int, seed: int) -> FloatArray:
        """Class probabilities by each of m members, shape (m, n, n_classes), float32.

        The seed draws the members: a member gives a sample the same probabilities whatever
        samples are asked with it.
        """


@runtime_checkable
class Tempered(Protocol):
    """A model that scales its probabilities by a temperature."""

    @property
    def temperature(self) -> float:
        """By which its logits are divided; 1 where they are left alone."""


class Backbone(Protocol):
    """The frozen part of a model: images in, features out, the same for every round.

    A ModelSpec that names one is trained on features alone: the engine computes them once
    per dataset, and `Samples.features` gives them to the model. Making a backbone and asking
    for its identity is cheap; frameworks and weights are loaded by the first `embed`.
    """

    @property
    def identity(self) -> str:
        """Text that differs wherever a feature could.

        By weights, layer, preprocessing, batch, precision and the versions that matter.
        """

    @property
    def size(self) -> int:
        """Height and width of the images it wants, in pixels."""

    @property
    def batch(self) -> int:
        """Images per call; the engine fills the last batch up, as the size changes last bits."""

    def embed(self, images: FloatArray) -> FloatArray:
        """From images (batch, size, size, 3), float32 in [0, 1], to features (batch, d) float32."""
