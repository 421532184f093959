"""A network of keras.applications with its preprocessing. Importing this imports TensorFlow."""

from typing import Any

from alcore_backbones.frameworks import keras, tf


class ApplicationLayers:
    """From images to the pooled last layer, batch normalisation with the averages it came with.

    Args:
        module: Of keras.applications, which has the preprocessing.
        model: The network without its top.
    """

    def __init__(self, module: str, model: Any) -> None:
        self._preprocess = getattr(keras.applications, module).preprocess_input
        self._model = model

    @property
    def width(self) -> int:
        """Number of features of an image."""
        return int(self._model.output_shape[-1])

    @property
    def trainable_variables(self) -> list[Any]:
        """Kernels, biases, and scales and shifts of batch normalisation."""
        variables: list[Any] = self._model.trainable_variables
        return variables

    def features(self, images: Any, training: bool = False) -> Any:
        """From (n, size, size, 3) in [0, 1] to (n, width), float32."""
        return self._model(self._preprocess(255 * images), training=training)

    def regularisation(self) -> Any:
        """Zero: these networks came without penalties."""
        return tf.constant(0.0)
