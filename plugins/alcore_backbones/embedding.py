"""What all backbones in Keras share: one compiled forward pass, and what may change its result."""

import hashlib
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from alcore.types import FloatArray

# On two cores as fast as any, and small enough for their caches.
BATCH = 32


def identity(network: str, weights: Path, preprocessing: str, precision: str = "float32") -> str:
    """One line of all that a feature depends on; reads the weights, imports nothing.

    Args:
        network: Its name and the layer read.
        weights: A file, or a folder of which all files count.
        preprocessing: What becomes of an image before.
        precision: Of products.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in weights.rglob("*") if p.is_file()) or [weights]:
        if path != weights:
            digest.update(path.relative_to(weights).as_posix().encode())
        digest.update(path.read_bytes())
    versions = [f"{package} {version(package)}" for package in ("tensorflow", "keras")]
    kernels = f"oneDNN {os.environ.get('TF_ENABLE_ONEDNN_OPTS', '1')}"
    facts = (network, f"weights {digest.hexdigest()}", preprocessing, f"batch {BATCH}")
    return "; ".join((*facts, precision, kernels, *versions))


def compiled(model: Any, size: int) -> Callable[[FloatArray], FloatArray]:
    """The forward pass of a Keras model for batches of one shape, compiled at its first call.

    Args:
        model: From images to features.
        size: Height and width of its images.
    """
    from alcore_backbones.frameworks import tf

    images = tf.TensorSpec((BATCH, size, size, 3), tf.float32)
    forward = tf.function(lambda batch: model(batch, training=False), input_signature=[images])
    return lambda batch: np.asarray(forward(tf.constant(batch)), dtype=np.float32)
