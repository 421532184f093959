"""A small convolutional network in Keras. Importing this module imports TensorFlow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from alcore.datasets import Labelled, Samples
from alcore.models import Progress
from alcore.types import FloatArray, IntArray
from alcore_digits import CnnOptions
from alcore_digits.network import network

# Fixed, because the last bits of a prediction depend on the size of its batch.
_PREDICT_BATCH = 256


class SmallCnn:
    """Two convolutions and a dense layer, trained with Adam for a fixed number of epochs."""

    def __init__(self, options: CnnOptions) -> None:
        self._options = options
        self._shape: tuple[int, ...] = ()
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
        """Train; first weights and the order of samples are drawn from the seed.

        With `continue_training` the first weights are those of `previous`.
        """
        images = labelled.samples.images()
        self._shape = images.shape[1:]
        compiled = network(self._shape, labelled.n_classes, self._options.learning_rate)
        if previous is not None and self._options.continue_training:
            start = previous._weights
        else:
            start = compiled.first_weights(seed)
        batches = self._batches(images, labelled.labels, np.random.default_rng(seed), progress)
        self._weights = compiled.train(start, batches)

    def _batches(
        self, images: FloatArray, labels: IntArray, rng: np.random.Generator, progress: Progress
    ) -> Iterator[tuple[FloatArray, IntArray]]:
        for epoch in range(self._options.epochs):
            progress("train", epoch / self._options.epochs)
            order = rng.permutation(len(labels))
            for first in range(0, len(order), self._options.batch_size):
                batch = order[first : first + self._options.batch_size]
                yield images[batch], labels[batch]
        progress("train", 1.0)

    def predict_proba(self, samples: Samples) -> FloatArray:
        """Softmax in float64 of the logits, (m, n_classes) float32."""
        images, n = samples.images(), len(samples)
        compiled = network(self._shape, len(self._weights[-1]), self._options.learning_rate)
        padded = np.resize(images, (-(-n // _PREDICT_BATCH) * _PREDICT_BATCH, *self._shape))
        parts = np.split(padded, range(_PREDICT_BATCH, len(padded), _PREDICT_BATCH))
        logits = np.concatenate([compiled.logits(self._weights, part) for part in parts])[:n]
        powers: FloatArray = np.exp(logits - logits.max(axis=1, keepdims=True))
        powers /= powers.sum(axis=1, keepdims=True)
        return powers.astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the weights in the order of the layers, and the shape of an image."""
        np.savez(folder / "cnn.npz", *self._weights, shape=np.array(self._shape))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        with np.load(folder / "cnn.npz", allow_pickle=False) as stored:
            self._shape = tuple(int(side) for side in stored["shape"])
            self._weights = [stored[f"arr_{i}"] for i in range(len(stored.files) - 1)]
