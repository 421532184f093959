"""scikit-learn's digits (Alpaydin & Kaynak, UCI 1998; test part): 1,797 images, 10 classes."""

import hashlib
from functools import cached_property

import numpy as np
from sklearn.datasets import load_digits

from alcore.options import NoOptions
from alcore.types import FloatArray, ImageArray, IntArray

_BRIGHTEST = 16
_ZOOM = 8


class Digits:
    """Ids are ``digit-0000`` to ``digit-1796`` in the order of the file."""

    def __init__(self) -> None:
        bunch = load_digits()
        self._pixels: FloatArray = (bunch.data / _BRIGHTEST).astype(np.float32)
        self._labels: IntArray = bunch.target.astype(np.int64)
        self.ids = tuple(f"digit-{i:04d}" for i in range(len(self._labels)))
        self.class_names = tuple(str(name) for name in bunch.target_names)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of pixels and labels."""
        content = self._pixels.tobytes() + self._labels.tobytes()
        return hashlib.sha256(content).hexdigest()

    @property
    def known_labels(self) -> IntArray:
        """All labels are known, shape (1797,)."""
        return self._labels.copy()

    def features(self, positions: IntArray) -> FloatArray:
        """The 64 pixels in [0, 1], shape (m, 64), float32."""
        return self._pixels[positions]

    def images(self, positions: IntArray) -> FloatArray:
        """Shape (m, 8, 8, 1), float32 in [0, 1]."""
        return self._pixels[positions].reshape(-1, 8, 8, 1)

    def thumbnail(self, position: int) -> ImageArray:
        """Dark on light, 64 x 64, uint8."""
        image = 255 - np.round(255 * self._pixels[position].reshape(8, 8)).astype(np.uint8)
        return np.kron(image, np.ones((_ZOOM, _ZOOM), dtype=np.uint8))


def make(options: NoOptions) -> Digits:
    """The dataset; it has no options."""
    return Digits()
