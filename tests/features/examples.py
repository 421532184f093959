"""A dataset of tiny images and a backbone that counts its calls, also from other processes."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alcore.features import FeatureCache
from alcore.types import FloatArray, ImageArray, IntArray

SIDE = 4
N = 4500
BATCHES = 45
"""Of 100; 20 of them make a shard, so there are three shards."""


class Pictures:
    """n images of 4 x 4, grey or in colour, every one different."""

    known_labels = None
    class_names = None

    def __init__(self, n: int = N, channels: int = 3, fingerprint: str = "pictures") -> None:
        self.ids = tuple(f"picture-{i}" for i in range(n))
        self.fingerprint = fingerprint
        self.all: FloatArray = np.random.default_rng(n).random(
            (n, SIDE, SIDE, channels), dtype=np.float32
        )

    def images(self, positions: IntArray) -> FloatArray:
        return self.all[positions]

    def features(self, positions: IntArray) -> FloatArray:
        raise AssertionError("the features are to come from the backbone")

    def thumbnail(self, position: int) -> ImageArray | None:
        return np.full((2, 2), position, dtype=np.uint8)


@dataclass
class Means:
    """The mean of each channel; notes every call as one byte in a file."""

    calls: Path
    identity: str = "means"
    size: int = SIDE
    batch: int = 100
    seconds: float = 0.0
    hangs_at: int = 1000

    def embed(self, images: FloatArray) -> FloatArray:
        assert images.shape == (self.batch, SIDE, SIDE, 3) and images.dtype == np.float32
        with self.calls.open("ab") as file:
            file.write(b".")
        time.sleep(self.seconds if self.count() < self.hangs_at else 600)
        means: FloatArray = images.mean(axis=(1, 2))
        return means

    def count(self) -> int:
        return self.calls.stat().st_size if self.calls.exists() else 0


def quiet(step: str, fraction: float) -> None:
    assert step == "features" and 0 <= fraction <= 1


if __name__ == "__main__":
    folder, seconds, hangs_at = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    child = Means(calls=folder / "calls", seconds=seconds, hangs_at=hangs_at)
    FeatureCache(folder / "features").rows(Pictures(), child, quiet)
