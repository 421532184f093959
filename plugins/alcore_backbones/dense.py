"""One dense layer in Keras on features, trained with Adam. Importing this imports TensorFlow."""

from typing import Any

from alcore.datasets import Samples
from alcore_backbones import TrainingOptions
from alcore_backbones.frameworks import keras
from alcore_backbones.keras_classifier import KerasClassifier


def make(options: TrainingOptions) -> KerasClassifier:
    """The untrained head."""
    return KerasClassifier(options, layers=layers, read=Samples.features)


def layers(shape: tuple[int, ...], n_classes: int) -> Any:
    """The head alone, from features of this shape to logits."""
    return keras.Sequential([keras.Input(shape=shape), keras.layers.Dense(n_classes)])
