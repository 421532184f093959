"""A small convolutional network in Keras. Importing this module imports TensorFlow."""

from typing import Any

from alcore.datasets import Samples
from alcore_backbones.frameworks import keras
from alcore_backbones.keras_classifier import KerasClassifier
from alcore_digits import CnnOptions


def make(options: CnnOptions) -> KerasClassifier:
    """The untrained network."""
    return KerasClassifier(options, layers=_layers, read=Samples.images)


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
