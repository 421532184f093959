"""A SavedModel feature vector as a Keras 3 layer. Importing this module imports TensorFlow.

`hub.KerasLayer` needs Keras 2, and Keras 3's own `TFSMLayer` cannot be fine-tuned.
"""

import inspect
from typing import Any

from alcore.errors import UsageError, sentence
from alcore_backbones.frameworks import keras, tf
from alcore_backbones.hub import fetched


@keras.saving.register_keras_serializable(package="alcore")
class HubLayer(keras.layers.Layer):  # type: ignore[misc]
    """From images to features; its variables are those of the SavedModel, not copies.

    Args:
        handle: Address or folder of the SavedModel.
        size: Height and width of its images.
        trainable: Whether it starts unfrozen; set the attribute, then compile, to change it.

    Raises:
        AlcoreError: It cannot be fetched.
        UsageError: It is no feature vector for images of that size.
    """

    def __init__(self, handle: str, size: int, trainable: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.handle, self.size = handle, size
        self._module = _loaded(handle)
        self._learns = "training" in inspect.signature(self._module.__call__).parameters
        learnt = {id(variable) for variable in self._module.trainable_variables}
        # Names of our own: optimizers cannot name their slots after some of the module's.
        self.wrapped = [
            keras.Variable(
                initializer=variable,
                dtype=variable.dtype.name,
                trainable=id(variable) in learnt,
                name=f"variable_{number}",
            )
            for number, variable in enumerate(self._module.variables)
        ]
        self.trainable = trainable  # Keras tells its variables only now that they are there
        self.width = self._traced_width()

    def _traced_width(self) -> int:
        images = tf.TensorSpec((None, self.size, self.size, 3), tf.float32)
        try:
            traced = tf.function(self.features).get_concrete_function(images)
            (_, width) = traced.output_shapes
            return int(width)
        except (TypeError, ValueError) as error:
            wanted = _image_size(self._module)
            if wanted not in (None, self.size):
                raise UsageError(
                    f"{self.handle} takes images of {wanted} x {wanted} pixels, not "
                    f"{self.size} x {self.size}; set model.size to {wanted}"
                ) from error
            raise UsageError(
                f"{self.handle} is no image feature vector: it does not turn images of shape "
                f"(n, {self.size}, {self.size}, 3) into features of shape (n, d)"
            ) from error

    def features(self, images: Any, training: bool = False) -> Any:
        """Shape (n, d) float32; `training` is for batch normalisation and dropout."""
        return self._module(images, training=training) if self._learns else self._module(images)

    def regularisation(self) -> Any:
        """The sum of the SavedModel's own penalties on its weights, a scalar."""
        losses = getattr(self._module, "regularization_losses", [])
        return tf.add_n([tf.constant(0.0), *(loss() for loss in losses)])

    def call(self, images: Any, training: bool = False) -> Any:
        """Like `features`; frozen, it neither normalises by the batch nor adds its penalties."""
        if self.trainable:
            self.add_loss(self.regularisation())
        return self.features(images, training=bool(training and self.trainable))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "handle": self.handle, "size": self.size}


def _loaded(handle: str) -> Any:
    folder = fetched(handle)
    try:
        module = tf.saved_model.load(str(folder))
    except Exception as error:  # TensorFlow has no common error for damaged files
        raise UsageError(f"{handle} cannot be loaded as a SavedModel: {sentence(error)}") from error
    if not callable(module) or not hasattr(module, "trainable_variables"):
        raise UsageError(
            f"{handle} is no feature vector: it cannot be called or has no trainable variables"
        )
    return module


def _image_size(module: Any) -> int | None:
    """Height of the images in the first signature that has images of a fixed height."""
    for function in module.__call__.concrete_functions:
        for spec in tf.nest.flatten(function.structured_input_signature):
            if isinstance(spec, tf.TensorSpec) and spec.shape.rank == 4 and spec.shape[1]:
                return int(spec.shape[1])
    return None
