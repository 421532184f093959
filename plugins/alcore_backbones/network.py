"""A network as functions from weights to weights: TensorFlow compiles it once a process.

Keras's own `fit` traces the training step anew for every new model; with one model a round
that takes ten times as long as the training itself.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from alcore.types import FloatArray, IntArray
from alcore_backbones.frameworks import keras, tf

Layers: TypeAlias = Callable[[tuple[int, ...], int], Any]
"""From the shape of one input and a number of classes to a Keras model that gives logits."""


class Network:
    """Layers for inputs of one shape and a number of classes, with Adam.

    It keeps nothing between calls: `train` sets all its variables before it uses them. One
    thread at a time. TensorFlow puts it on a GPU where there is one. Training drops this share
    of what the last layer reads.
    """

    def __init__(
        self,
        layers: Layers,
        shape: tuple[int, ...],
        n_classes: int,
        learning_rate: float,
        dropout: float = 0.0,
    ) -> None:
        tf.config.experimental.enable_op_determinism()
        self._dropout = dropout
        self._model = layers(shape, n_classes)
        self._trunk = keras.Model(self._model.inputs, self._model.layers[-1].input)
        self._optimizer = keras.optimizers.Adam(learning_rate)
        self._optimizer.build(self._model.trainable_variables)
        self._fresh = [np.array(variable) for variable in self._optimizer.variables]
        images = tf.TensorSpec((None, *shape), tf.float32)
        weights = [tf.TensorSpec(v.shape, tf.float32) for v in self._model.trainable_variables]
        labels = tf.TensorSpec((None,), tf.int64)
        seed = tf.TensorSpec((2,), tf.int64)
        self._step = tf.function(self._update, input_signature=[images, labels, seed])
        self._logits = tf.function(self._forward, input_signature=[weights, images])
        self._embed = tf.function(self._embedded, input_signature=[weights, images])

    def first_weights(self, seed: int) -> list[FloatArray]:
        """Weights to start from (Glorot & Bengio 2010), biases zero; drawn from the seed."""
        rng = np.random.default_rng(seed)
        return [_glorot(rng, tuple(v.shape)) for v in self._model.trainable_variables]

    def train(
        self,
        weights: list[FloatArray],
        batches: Iterator[tuple[FloatArray, IntArray]],
        seed: int = 0,
    ) -> list[FloatArray]:
        """The weights after one gradient step per batch, with an optimizer without memory.

        Args:
            weights: To start from, as of `first_weights`.
            batches: Inputs (m, ...) float32 and labels (m,) int64.
            seed: Of what is dropped.
        """
        self._model.set_weights(weights)
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        for step, (images, labels) in enumerate(batches):
            drop = tf.constant([seed, step], tf.int64)
            self._step(tf.constant(images), tf.constant(labels), drop)
        trained: list[FloatArray] = self._model.get_weights()
        return trained

    def logits(self, weights: list[FloatArray], images: FloatArray) -> FloatArray:
        """Scores before the softmax, (m, n_classes) float64."""
        scores: FloatArray = self._logits(weights, tf.constant(images)).numpy()
        return scores.astype(np.float64)

    def embed(self, weights: list[FloatArray], images: FloatArray) -> FloatArray:
        """What the last layer reads, (m, d) float32."""
        embedded: FloatArray = self._embed(weights, tf.constant(images)).numpy()
        return embedded

    def _embedded(self, weights: Any, images: Any) -> Any:
        return self._trunk.stateless_call(weights[:-2], [], images)[0]

    def _forward(self, weights: Any, images: Any) -> Any:
        return self._model.stateless_call(weights, [], images)[0]

    def _dropped(self, images: Any, seed: Any) -> Any:
        read = self._trunk(images, training=True)
        kept = tf.nn.experimental.stateless_dropout(read, self._dropout, seed)
        return self._model.layers[-1](kept)

    def _update(self, images: Any, labels: Any, seed: Any) -> None:
        variables = self._model.trainable_variables
        with tf.GradientTape() as tape:
            if self._dropout:
                scores = self._dropped(images, seed)
            else:
                scores = self._model(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
            loss = tf.reduce_mean(losses)
        self._optimizer.apply_gradients(
            zip(tape.gradient(loss, [v.value for v in variables]), variables, strict=True)
        )


@lru_cache(maxsize=8)
def network(
    layers: Layers,
    shape: tuple[int, ...],
    n_classes: int,
    learning_rate: float,
    dropout: float = 0.0,
) -> Network:
    """The compiled network of this shape; made once, as it holds nothing that is learnt."""
    return Network(layers, shape, n_classes, learning_rate, dropout)


def _glorot(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    if len(shape) == 1:
        return np.zeros(shape, dtype=np.float32)
    receptive = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (receptive * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, size=shape).astype(np.float32)
