"""Images through a backbone."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcore.errors import AlcoreError
from alcore.features import in_memory
from alcore.features.embedding import embed
from alcore.types import FloatArray, IntArray
from features.examples import Means, Pictures


@pytest.mark.parametrize("n", [1, 99, 100, 101, 250])
def test_batches_follow_the_positions_and_are_filled_up(n: int, tmp_path: Path) -> None:
    dataset, backbone = Pictures(n), Means(tmp_path / "calls")
    positions = np.random.default_rng(n).permutation(n)
    parts = list(embed(dataset, backbone, positions))
    assert backbone.count() == len(parts) == -(-n // 100)
    expected = dataset.all[positions].mean(axis=(1, 2))
    assert np.array_equal(np.concatenate(parts), expected)


def test_grey_images_become_three_channels(tmp_path: Path) -> None:
    dataset = Pictures(5, channels=1)
    rows = in_memory(dataset, Means(tmp_path / "calls")).features(np.arange(5))
    assert np.allclose(rows, np.repeat(dataset.all.mean(axis=(1, 2)), 3, axis=1))


def test_other_images_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AlcoreError, match=r"shape \(5, 4, 4, 4\) where \(5, 4, 4, 3\) was asked"):
        in_memory(Pictures(5, channels=4), Means(tmp_path / "calls"))


def test_images_of_another_size_are_resized(tmp_path: Path) -> None:
    class Small(Pictures):
        def images(self, positions: IntArray) -> FloatArray:
            return self.all[positions, :2, :2]

    rows = in_memory(Small(5), Means(tmp_path / "calls")).features(np.arange(5))
    assert rows.shape == (5, 3)


def test_a_dataset_without_samples_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AlcoreError, match="has no sample"):
        in_memory(Pictures(0), Means(tmp_path / "calls"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            np.zeros((100, 3)),
            r"ndarray of shape \(100, 3\) and type float64; .* \(100, d\) float32",
        ),
        (np.zeros((99, 3), np.float32), r"shape \(99, 3\)"),
        (np.zeros(100, np.float32), r"shape \(100,\)"),
        (np.zeros((100, 0), np.float32), r"shape \(100, 0\)"),
        (np.full((100, 3), np.nan, np.float32), "not finite"),
        (np.full((100, 3), np.inf, np.float32), "not finite"),
        ([[1.0]], r"list of shape \(1, 1\)"),
        (None, r"NoneType of shape \(\)"),
    ],
)
def test_wrong_features_are_one_sentence(given: Any, said: str, tmp_path: Path) -> None:
    backbone = Means(tmp_path / "calls")
    backbone.embed = lambda images: given  # type: ignore[method-assign]
    with pytest.raises(AlcoreError, match=f"the backbone gave .*{said}"):
        in_memory(Pictures(5), backbone)


def test_a_backbone_may_use_its_buffer_again(tmp_path: Path) -> None:
    class Buffered(Means):
        buffer = np.empty((100, 3), dtype=np.float32)

        def embed(self, images: FloatArray) -> FloatArray:
            self.buffer[:] = super().embed(images)
            return self.buffer

    dataset = Pictures(250)
    rows = in_memory(dataset, Buffered(tmp_path / "calls")).features(np.arange(250))
    assert np.array_equal(rows, dataset.all.mean(axis=(1, 2)))


def test_the_next_images_are_read_while_the_backbone_works(tmp_path: Path) -> None:
    read = [threading.Event() for _ in range(3)]

    class Watched(Pictures):
        def images(self, positions: IntArray) -> FloatArray:
            read[int(positions[0]) // 100].set()
            return super().images(positions)

    class Waiting(Means):
        def embed(self, images: FloatArray) -> FloatArray:
            number = self.count()
            assert read[min(number + 1, 2)].wait(30)
            return super().embed(images)

    assert len(in_memory(Watched(300), Waiting(tmp_path / "calls")).features(np.arange(300))) == 300


def test_a_failing_read_reaches_the_caller(tmp_path: Path) -> None:
    class Broken(Pictures):
        def images(self, positions: IntArray) -> FloatArray:
            raise AlcoreError("the image 'x' cannot be read")

    with pytest.raises(AlcoreError, match="'x' cannot be read"):
        in_memory(Broken(5), Means(tmp_path / "calls"))
