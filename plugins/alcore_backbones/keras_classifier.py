"""A model in Keras, trained for a fixed number of epochs. Importing this imports TensorFlow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np

from alcore.calibration import fit_temperature, softmax
from alcore.datasets import Labelled, Samples
from alcore.models import Progress
from alcore.types import FloatArray, IntArray
from alcore_backbones import TrainingOptions
from alcore_backbones.network import Layers, Network, network

# Fixed, because the last bits of a prediction depend on the size of its batch.
_PREDICT_BATCH = 256
Step: TypeAlias = Callable[[Network, list[FloatArray], FloatArray], FloatArray]


class KerasClassifier:
    """Adam on the cross entropy, then a temperature from the validation split.

    Args:
        options: Epochs, learning rate and so on.
        layers: Makes the layers; a function of a module, so that they are compiled only once.
        read: What it learns from, such as `Samples.images`.
    """

    def __init__(
        self, options: TrainingOptions, *, layers: Layers, read: Callable[[Samples], FloatArray]
    ) -> None:
        self._options = options
        self._layers = layers
        self._read = read
        self._weights: list[FloatArray] = []
        self._shape: tuple[int, ...] = ()
        self.temperature = 1.0

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
        inputs = self._read(labelled.samples)
        self._shape = inputs.shape[1:]
        compiled = self._network(labelled.n_classes)
        if previous is not None and self._options.continue_training:
            start = previous._weights
        else:
            start = compiled.first_weights(seed)
        batches = self._batches(inputs, labelled.labels, np.random.default_rng(seed), progress)
        self._weights = compiled.train(start, batches, seed)
        if self._options.calibrate and len(validation.samples):
            logits = self._logits(validation.samples)
            self.temperature = fit_temperature(logits, validation.labels)

    def _network(self, n_classes: int) -> Network:
        options = self._options
        return network(self._layers, self._shape, n_classes, options.learning_rate, options.dropout)

    def _batches(
        self, inputs: FloatArray, labels: IntArray, rng: np.random.Generator, progress: Progress
    ) -> Iterator[tuple[FloatArray, IntArray]]:
        for epoch in range(self._options.epochs):
            progress("train", epoch / self._options.epochs)
            order = rng.permutation(len(labels))
            for first in range(0, len(order), self._options.batch_size):
                batch = order[first : first + self._options.batch_size]
                yield inputs[batch], labels[batch]
        progress("train", 1.0)

    def _logits(self, samples: Samples) -> FloatArray:
        return self._through(Network.logits, samples)

    def _through(self, step: Step, samples: Samples) -> FloatArray:
        inputs, n = self._read(samples), len(samples)
        compiled = self._network(len(self._weights[-1]))
        padded = np.resize(inputs, (-(-n // _PREDICT_BATCH) * _PREDICT_BATCH, *self._shape))
        parts = np.split(padded, range(_PREDICT_BATCH, len(padded), _PREDICT_BATCH))
        return np.concatenate([step(compiled, self._weights, part) for part in parts])[:n]

    def predict_proba(self, samples: Samples) -> FloatArray:
        """Softmax of the logits, (m, n_classes) float32."""
        return softmax(self._logits(samples), self.temperature)

    def embed(self, samples: Samples) -> FloatArray:
        """What the last layer reads, (m, d) float32."""
        return self._through(Network.embed, samples)

    @property
    def has_members(self) -> bool:
        """Whether it was trained with dropout."""
        return self._options.dropout > 0

    def predict_members(self, samples: Samples, m: int, seed: int) -> FloatArray:
        """Of m networks that each drop other inputs of the last layer, (m, n, n_classes) float32.

        Y. Gal & Z. Ghahramani, Dropout as a Bayesian Approximation, ICML 2016; a member drops
        the same inputs for every sample.
        """
        read = self.embed(samples).astype(np.float64)
        kernel, bias = self._weights[-2:]
        rng, share = np.random.default_rng(seed), self._options.dropout
        kept = (rng.random((m, read.shape[1])) >= share) / (1 - share)
        return np.stack([softmax((read * row) @ kernel + bias, self.temperature) for row in kept])

    def save(self, folder: Path) -> None:
        """Write the weights in the order of the layers, the shape of an input, the temperature."""
        shape, temperature = np.array(self._shape), np.array(self.temperature)
        np.savez(folder / "weights.npz", *self._weights, shape=shape, temperature=temperature)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            self._shape = tuple(int(side) for side in stored["shape"])
            self.temperature = float(stored["temperature"])
            self._weights = [stored[f"arr_{i}"] for i in range(len(stored.files) - 2)]
