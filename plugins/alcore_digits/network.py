"""The CNN as functions from weights to weights, so that TensorFlow compiles it once a process.

Keras's own `fit` traces the training step anew for every new model; with one model a round
that takes ten times as long as the training itself.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# Read by TensorFlow when it is imported: only errors, no notes about this machine's CPU.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from alcore.types import FloatArray, IntArray


class Network:
    """Two convolutions and a dense layer, for images of one shape and a number of classes.

    It keeps nothing between calls: `train` sets all its variables before it uses them. One
    thread at a time. TensorFlow puts it on a GPU where there is one.
    """

    def __init__(self, shape: tuple[int, ...], n_classes: int, learning_rate: float) -> None:
        tf.config.experimental.enable_op_determinism()
        self._model = _layers(shape, n_classes)
        self._optimizer = keras.optimizers.Adam(learning_rate)
        self._optimizer.build(self._model.trainable_variables)
        self._fresh = [np.array(variable) for variable in self._optimizer.variables]
        images = tf.TensorSpec((None, *shape), tf.float32)
        weights = [tf.TensorSpec(v.shape, tf.float32) for v in self._model.trainable_variables]
        labels = tf.TensorSpec((None,), tf.int64)
        self._step = tf.function(self._update, input_signature=[images, labels])
        self._logits = tf.function(self._forward, input_signature=[weights, images])

    def first_weights(self, seed: int) -> list[FloatArray]:
        """Weights to start from (Glorot & Bengio 2010), biases zero; drawn from the seed."""
        rng = np.random.default_rng(seed)
        return [_glorot(rng, tuple(v.shape)) for v in self._model.trainable_variables]

    def train(
        self, weights: list[FloatArray], batches: Iterator[tuple[FloatArray, IntArray]]
    ) -> list[FloatArray]:
        """The weights after one gradient step per batch, with an optimizer without memory.

        Args:
            weights: To start from, as of `first_weights`.
            batches: Images (m, ...) float32 and labels (m,) int64.
        """
        self._model.set_weights(weights)
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        for images, labels in batches:
            self._step(tf.constant(images), tf.constant(labels))
        trained: list[FloatArray] = self._model.get_weights()
        return trained

    def logits(self, weights: list[FloatArray], images: FloatArray) -> FloatArray:
        """Scores before the softmax, (m, n_classes) float64."""
        scores: FloatArray = self._logits(weights, tf.constant(images)).numpy()
        return scores.astype(np.float64)

    def _forward(self, weights: Any, images: Any) -> Any:
        return self._model.stateless_call(weights, [], images)[0]

    def _update(self, images: Any, labels: Any) -> None:
        variables = self._model.trainable_variables
        with tf.GradientTape() as tape:
            scores = self._model(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
            loss = tf.reduce_mean(losses)
        self._optimizer.apply_gradients(
            zip(tape.gradient(loss, [v.value for v in variables]), variables, strict=True)
        )


@lru_cache(maxsize=8)
def network(shape: tuple[int, ...], n_classes: int, learning_rate: float) -> Network:
    """The compiled network of this shape; made once, as it holds nothing that is learnt."""
    return Network(shape, n_classes, learning_rate)


def _layers(shape: tuple[int, ...], n_classes: int) -> Any:
    return keras.Sequential(
        [
            keras.Input(shape=shape),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes),
        ]
    )


def _glorot(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    if len(shape) == 1:
        return np.zeros(shape, dtype=np.float32)
    receptive = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (receptive * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, size=shape).astype(np.float32)
