"""The article's model: an InceptionV3 feature vector of TensorFlow Hub and a dense layer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from alcore.calibration import softmax
from alcore.datasets import Labelled, Samples
from alcore.models import Progress
from alcore.types import FloatArray, IntArray
from alcore_backbones import HubOptions
from alcore_backbones.hub import HubBackbone, choose_precision, locate
from alcore_flowers import InceptionOptions

if TYPE_CHECKING:
    from alcore_flowers.inception_network import TunedNetwork

# A training step costs as much as four forward passes; only the progress shown depends on it.
_STEP_COST = 4


def _is_tuned(options: InceptionOptions) -> bool:
    return options.fine_tune and not options.literal_article


def make_backbone(options: InceptionOptions) -> HubBackbone | None:
    """The frozen backbone; None where it is fine-tuned.

    Fine-tuning needs the frozen features of the first labelled samples only: the model makes
    them itself, rather than have those of the whole dataset computed.
    """
    if _is_tuned(options):
        return None
    return HubBackbone(
        HubOptions(handle=options.handle, size=options.size, precision=options.precision)
    )


class InceptionV3:
    """Learns the head, then head and backbone together; later rounds go on from the last one.

    Raises:
        AlcoreError: The SavedModel is neither here nor reachable, or the precision impossible;
            said before TensorFlow is imported.
    """

    def __init__(self, options: InceptionOptions) -> None:
        self._options = options
        if _is_tuned(options):
            locate(options.handle)
            choose_precision(options.precision)
        # The backbone's trainable weights, none where it is frozen; kernel and bias of the head.
        self._weights: list[FloatArray] = []

    def fit(
        self,
        labelled: Labelled,
        validation: Labelled,
        *,
        seed: int,
        progress: Progress,
        previous: Self | None = None,
    ) -> None:
        """Train; the head's first weights and the order of samples are drawn from the seed."""
        rng = np.random.default_rng(seed)
        if not _is_tuned(self._options):
            self._fit_frozen(labelled, seed, rng, progress, previous)
        elif previous is None:
            self._fit_tuned(labelled, seed, rng, progress)
        else:
            epochs = self._options.epochs_after
            self._tune(previous._weights, labelled, epochs, rng, progress)

    def _fit_frozen(
        self,
        labelled: Labelled,
        seed: int,
        rng: np.random.Generator,
        progress: Progress,
        previous: Self | None,
    ) -> None:
        options, features = self._options, labelled.samples.features()
        epochs = options.epochs_head + (options.epochs_fine if options.literal_article else 0)
        if previous is not None:
            epochs = options.epochs_after
        start = previous._weights if previous else None
        done = _told(progress, "head", epochs)
        self._weights = self._head(features, labelled, epochs, seed, rng, done, start)

    def _fit_tuned(
        self, labelled: Labelled, seed: int, rng: np.random.Generator, progress: Progress
    ) -> None:
        options, network = self._options, self._network(labelled.n_classes)
        head_ends = 1 / (1 + _STEP_COST * options.epochs_fine)
        features = network.features(
            network.original,
            labelled.samples,
            lambda done: progress("features of the labelled samples", head_ends * done),
        )
        done = _told(progress, "head", options.epochs_head, begin=head_ends, end=head_ends)
        head = self._head(features, labelled, options.epochs_head, seed, rng, done)
        weights = [*network.original, *head]
        self._tune(weights, labelled, options.epochs_fine, rng, progress, begin=head_ends)

    def _network(self, n_classes: int) -> "TunedNetwork":
        from alcore_flowers.inception_network import tuned_network

        options = self._options
        return tuned_network(options.handle, options.size, n_classes, options.learning_rate_fine)

    def _head(
        self,
        features: FloatArray,
        labelled: Labelled,
        epochs: int,
        seed: int,
        rng: np.random.Generator,
        done: Callable[[float], None],
        start: list[FloatArray] | None = None,
    ) -> list[FloatArray]:
        from alcore_backbones.dense import layers
        from alcore_backbones.network import network

        rate = self._options.learning_rate_head
        compiled = network(layers, features.shape[1:], labelled.n_classes, rate)
        batches = _batches(len(features), epochs, self._options.batch, rng)

        def told() -> Iterator[tuple[FloatArray, IntArray]]:
            for place, rows in enumerate(batches):
                done(place / len(batches))
                yield features[rows], labelled.labels[rows]

        return compiled.train(start or compiled.first_weights(seed), told())

    def _tune(
        self,
        weights: list[FloatArray],
        labelled: Labelled,
        epochs: int,
        rng: np.random.Generator,
        progress: Progress,
        *,
        begin: float = 0.0,
    ) -> None:
        batches = _batches(len(labelled.labels), epochs, self._options.batch, rng)
        done = _told(progress, "fine-tuning", epochs, begin=begin)
        network = self._network(labelled.n_classes)
        mirror = rng if self._options.augment else None
        self._weights = network.train(weights, labelled, batches, done, mirror)

    def predict_proba(self, samples: Samples) -> FloatArray:
        """Softmax of the head's logits, (m, n_classes) float32."""
        *backbone, kernel, bias = self._weights
        if backbone:
            features = self._network(len(bias)).features(backbone, samples, lambda done: None)
        else:
            features = samples.features()
        return softmax(features.astype(np.float64) @ kernel + bias)

    def save(self, folder: Path) -> None:
        """Write the trained weights; what is never trained stays in the SavedModel."""
        np.savez(folder / "inception.npz", *self._weights)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        with np.load(folder / "inception.npz", allow_pickle=False) as stored:
            self._weights = [stored[f"arr_{i}"] for i in range(len(stored.files))]


def _batches(n: int, epochs: int, batch: int, rng: np.random.Generator) -> list[IntArray]:
    orders = [rng.permutation(n) for _ in range(epochs)]
    return [order[first : first + batch] for order in orders for first in range(0, n, batch)]


def _told(
    progress: Progress, phase: str, epochs: int, *, begin: float = 0.0, end: float = 1.0
) -> Callable[[float], None]:
    """Progress of one phase, from its fraction done."""

    def done(fraction: float) -> None:
        epoch = min(epochs, int(fraction * epochs + 1e-9) + 1)
        progress(f"epoch {epoch} of {epochs}, {phase}", begin + (end - begin) * fraction)

    return done
