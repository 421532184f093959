"""Packed images: a folder of two files, written once and memory-mapped afterwards.

```
images.bin    the encoded images (JPEG, PNG), one after the other, in the order of the source
index.npz     offsets (n+1,), labels (n,), ids (n,), class_names, splits and their bounds,
              fingerprint
```
"""

import hashlib
import json
import mmap
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from alcore.errors import AlcoreError, sentence
from alcore.types import IntArray

_IMAGES, _INDEX = "images.bin", "index.npz"
_TELL_EVERY = 100


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What is known of n packed images besides their ids.

    Attributes:
        offsets: Where each begins in the file, and the end, shape (n+1,), int64.
        labels: Class index of each, -1 where unknown, shape (n,), int64.
        class_names: One per class.
        splits: Name of each split of the source -> its first position, and the one after
            its last.
    """

    offsets: IntArray
    labels: IntArray
    class_names: tuple[str, ...]
    splits: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pack:
    """Packed images, opened."""

    ids: tuple[str, ...]
    contents: Contents
    fingerprint: str
    data: mmap.mmap

    def image(self, position: int) -> bytes:
        """One image as the source encoded it."""
        start, stop = self.contents.offsets[position : position + 2]
        return self.data[start:stop]


def write_pack(
    folder: Path,
    splits: Mapping[str, Iterable[tuple[bytes, int]]],
    class_names: Sequence[str],
    ids: Callable[[Contents], Sequence[str]],
    done: Callable[[int], None],
) -> None:
    """Write a pack into an existing empty folder, and sync it.

    Args:
        folder: Not yet at the place where a pack is looked for.
        splits: Name -> encoded images with their labels.
        class_names: One per class.
        ids: From the contents to one id per image, all different.
        done: Told now and then how many images are written.
    """
    digest, ends = hashlib.sha256(), [0]
    labels: list[int] = []
    bounds: dict[str, tuple[int, int]] = {}
    with (folder / _IMAGES).open("xb") as file:
        for split, examples in splits.items():
            start = len(labels)
            for image, label in examples:
                file.write(image)
                digest.update(image)
                ends.append(ends[-1] + len(image))
                labels.append(label)
                if not len(labels) % _TELL_EVERY:
                    done(len(labels))
            bounds[split] = (start, len(labels))
        _sync(file)
    contents = Contents(
        offsets=np.array(ends, dtype=np.int64),
        labels=np.array(labels, dtype=np.int64),
        class_names=tuple(class_names),
        splits=bounds,
    )
    names = list(ids(contents))
    digest.update(contents.labels.tobytes())
    digest.update(json.dumps([names, class_names, bounds]).encode())
    with (folder / _INDEX).open("xb") as file:
        np.savez(
            file,
            offsets=contents.offsets,
            labels=contents.labels,
            ids=np.array(names),
            class_names=np.array(class_names),
            splits=np.array(list(bounds)),
            bounds=np.array(list(bounds.values()), dtype=np.int64),
            fingerprint=np.array(digest.hexdigest()),
        )
        _sync(file)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def read_pack(folder: Path) -> Pack:
    """Open a pack.

    Raises:
        AlcoreError: It is damaged.
    """
    try:
        with (folder / _INDEX).open("rb") as file, np.load(file, allow_pickle=False) as index:
            contents = Contents(
                offsets=index["offsets"],
                labels=index["labels"],
                class_names=tuple(index["class_names"].tolist()),
                splits=dict(zip(index["splits"].tolist(), index["bounds"].tolist(), strict=True)),
            )
            ids, fingerprint = tuple(index["ids"].tolist()), str(index["fingerprint"])
        with (folder / _IMAGES).open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if len(data) != contents.offsets[-1] or len(contents.labels) != len(ids):
            raise ValueError("it is incomplete")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise AlcoreError(
            f"the packed images in {folder} are damaged ({sentence(error)}); remove that folder "
            "and prepare the dataset again"
        ) from error
    return Pack(ids=ids, contents=contents, fingerprint=fingerprint, data=data)
