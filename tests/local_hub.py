"""A small SavedModel with the signature of TensorFlow Hub's feature vectors, and none of them."""

from pathlib import Path
from typing import Any

import numpy as np

from alcore_backbones.frameworks import tf

SIZE = 32
WIDTH = 128
_MOMENTUM = 0.9


def save_feature_vector(folder: Path) -> Path:
    """A convolution, batch normalisation, ReLU and means over a grid of 4 x 4; random weights."""
    rng = np.random.default_rng(0)
    kernel = tf.Variable(rng.normal(size=(3, 3, 3, 8), scale=0.3).astype("f"), name="a/kernel")
    gamma, beta = (tf.Variable(np.full(8, value, "f"), name="bn/x") for value in (1, 0))
    mean, variance = (tf.Variable(np.full(8, v, "f"), trainable=False) for v in (0.1, 0.8))

    def normalised(x: Any, training: bool) -> Any:
        if not training:
            return (x - mean) * gamma / tf.sqrt(variance + 1e-3) + beta
        moments = tf.nn.moments(x, [0, 1, 2])
        for variable, seen in zip((mean, variance), moments, strict=True):
            variable.assign(_MOMENTUM * variable + (1 - _MOMENTUM) * seen)
        return (x - moments[0]) * gamma / tf.sqrt(moments[1] + 1e-3) + beta

    @tf.function
    def call(inputs: Any, training: bool = False) -> Any:
        x = tf.nn.relu(normalised(tf.nn.conv2d(inputs, kernel, 2, "SAME"), training))
        return tf.reshape(tf.nn.avg_pool2d(x, 4, 4, "SAME"), (-1, WIDTH))

    @tf.function(input_signature=[])
    def penalty() -> Any:
        return 1e-3 * tf.nn.l2_loss(kernel)

    images = tf.TensorSpec((None, SIZE, SIZE, 3), tf.float32, name="inputs")
    for training in (True, False):
        call.get_concrete_function(images, training=training)
    module = tf.train.Checkpoint()
    module.__call__ = call
    module.variables = [kernel, gamma, beta, mean, variance]
    module.trainable_variables = [kernel, gamma, beta]
    module.regularization_losses = [penalty]
    tf.saved_model.save(module, str(folder))
    return folder


def save_other(folder: Path) -> Path:
    """A SavedModel that has variables and a call, but for words, not images."""
    module = tf.train.Checkpoint()
    module.variables = module.trainable_variables = [tf.Variable(1.0)]
    module.__call__ = tf.function(
        tf.strings.length, input_signature=[tf.TensorSpec((None,), tf.string)]
    )
    tf.saved_model.save(module, str(folder))
    return folder
