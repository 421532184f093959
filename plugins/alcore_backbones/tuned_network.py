"""A backbone and a dense layer, trained together. Importing this module imports TensorFlow.

Batch normalisation stays in inference mode, with the averages it was trained with: the article's
labelled sets are too small to estimate better ones (Keras's guide to fine-tuning says so too). No
image then depends on its neighbours in the batch, so the gradient of a batch is exactly the sum of
those of its pieces, and memory is bounded by the size of a piece.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from alcore.datasets import Labelled, Samples
from alcore.features.embedding import read_ahead
from alcore.types import FloatArray, IntArray
from alcore_backbones.embedding import BATCH, compiled
from alcore_backbones.frameworks import keras, tf

# As fast as 20 and 0.7 GB less; as many divide the article's batch of 100 without a rest.
PIECE = 10


class Trunk(Protocol):
    """A backbone without what turns its features into classes."""

    @property
    def width(self) -> int:
        """Number of features of an image."""

    @property
    def trainable_variables(self) -> list[Any]:
        """Keras variables; always the same ones."""

    def features(self, images: Any, training: bool = False) -> Any:
        """From (n, size, size, 3) in [0, 1] to (n, width), float32."""

    def regularisation(self) -> Any:
        """The sum of the backbone's own penalties on its weights, a scalar."""


class Tunable(Protocol):
    """A backbone whose weights can be trained; equal ones share one compiled network."""

    @property
    def size(self) -> int:
        """Height and width of its images."""

    def trunk(self) -> Trunk:
        """Its layers, with variables of their own."""

    def __hash__(self) -> int: ...


class TunedNetwork:
    """Compiled once; it keeps nothing between calls but the backbone's first weights.

    Args:
        backbone: What is trained.
        n_classes: Number of classes.
        learning_rate: Step size of Adam.

    Attributes:
        original: The trainable weights that the backbone came with.
    """

    def __init__(self, backbone: Tunable, n_classes: int, learning_rate: float) -> None:
        tf.config.experimental.enable_op_determinism()
        self._size = size = backbone.size
        self._trunk = backbone.trunk()
        self._kernel = keras.Variable(np.zeros((self._trunk.width, n_classes), np.float32))
        self._bias = keras.Variable(np.zeros(n_classes, np.float32))
        self.original: list[FloatArray] = [v.numpy() for v in self._trunk.trainable_variables]
        self._variables = [*self._trunk.trainable_variables, self._kernel, self._bias]
        self._values = [variable.value for variable in self._variables]
        self._sums = [tf.Variable(tf.zeros_like(value)) for value in self._values]
        self._optimizer = keras.optimizers.Adam(learning_rate)
        self._optimizer.build(self._variables)
        self._forward = compiled(self._trunk.features, size)
        images = tf.TensorSpec((PIECE, size, size, 3), tf.float32)
        labels, shares = (tf.TensorSpec((PIECE,), kind) for kind in (tf.int64, tf.float32))
        self._add = tf.function(self._add_piece, input_signature=[images, labels, shares])
        self._step = tf.function(self._apply, input_signature=[])

    def features(
        self, weights: list[FloatArray], samples: Samples, done: Callable[[float], None]
    ) -> FloatArray:
        """What the backbone with these weights makes of samples, (m, d) float32.

        Args:
            weights: As `original`.
            samples: Their images are read while the network works.
            done: Told of the fraction before each of their batches.
        """
        _assign(self._trunk.trainable_variables, weights)
        rows: list[FloatArray] = []
        chunks = _cut(samples.positions, BATCH)
        for n, images in read_ahead(samples.dataset, chunks, size=self._size, batch=BATCH):
            done(len(rows) * BATCH / len(samples))
            rows.append(self._forward(images)[:n])
        return np.concatenate(rows)

    def train(
        self,
        weights: list[FloatArray],
        labelled: Labelled,
        batches: list[IntArray],
        done: Callable[[float], None],
        mirror: np.random.Generator | None,
    ) -> list[FloatArray]:
        """The weights after one gradient step per batch, with an optimizer without memory.

        Args:
            weights: To start from: the backbone's as `original`, kernel and bias.
            labelled: What is learnt.
            batches: Rows of `labelled`; a step minimises the mean loss of its batch.
            done: Told of the fraction before each piece of a batch.
            mirror: Draws which half of the images is mirrored, each time they are seen.
        """
        _assign(self._variables, weights)
        for variable in self._optimizer.variables:
            if variable is not self._optimizer.learning_rate:
                variable.assign(tf.zeros_like(variable))
        pieces = [(b, rows) for b, batch in enumerate(batches) for rows in _cut(batch, PIECE)]
        chunks = (labelled.samples.positions[rows] for _, rows in pieces)
        reading = read_ahead(labelled.samples.dataset, chunks, size=self._size, batch=PIECE)
        for place, ((b, rows), (_, images)) in enumerate(zip(pieces, reading, strict=True)):
            done(place / len(pieces))
            labels, shares = np.zeros(PIECE, np.int64), np.zeros(PIECE, np.float32)
            labels[: len(rows)], shares[: len(rows)] = labelled.labels[rows], 1 / len(batches[b])
            if mirror is not None:
                chosen = mirror.random((PIECE, 1, 1, 1)) < 0.5
                images = np.where(chosen, images[:, :, ::-1], images)  # noqa: PLW2901
            self._add(tf.constant(images), tf.constant(labels), tf.constant(shares))
            if place + 1 == len(pieces) or pieces[place + 1][0] != b:
                self._step()
        return [value.numpy() for value in self._values]

    def _add_piece(self, images: Any, labels: Any, shares: Any) -> None:
        with tf.GradientTape() as tape:
            logits = self._trunk.features(images) @ self._kernel.value + self._bias.value
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_sum(shares * losses)
        self._accumulate(tape.gradient(loss, self._values))

    def _accumulate(self, gradients: list[Any]) -> None:
        for total, gradient in zip(self._sums, gradients, strict=True):
            if gradient is not None:
                total.assign_add(gradient)

    def _apply(self) -> None:
        with tf.GradientTape() as tape:
            penalty = self._trunk.regularisation()
        self._accumulate(tape.gradient(penalty, self._values))
        self._optimizer.apply([total.value() for total in self._sums], self._variables)
        for total in self._sums:
            total.assign(tf.zeros_like(total))


@lru_cache(maxsize=1)
def tuned_network(backbone: Tunable, n_classes: int, learning_rate: float) -> TunedNetwork:
    """The compiled network; one a process, as it takes half a gigabyte."""
    return TunedNetwork(backbone, n_classes, learning_rate)


def _assign(variables: list[Any], values: list[FloatArray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _cut(array: IntArray, size: int) -> Iterator[IntArray]:
    return (array[first : first + size] for first in range(0, len(array), size))
