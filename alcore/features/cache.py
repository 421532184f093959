"""Features on disk: computed once, shared by processes, continued after an interruption.

```
<key>/shard-0000-<sha256>.npy    about 2000 rows; has its name only when it is complete
<key>/manifest.json              last: every shard is there, and what they are
<key>.lock                       locked by the process that computes; empty, and stays
```
"""

import hashlib
import io
import json
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from alcore.datasets import Dataset
from alcore.features.embedding import embed
from alcore.features.locks import locked
from alcore.features.rows import FeatureRows
from alcore.models import Backbone, Progress
from alcore.store.files import Write, publish, staged
from alcore.types import FloatArray

FORMAT = 1
SHARD_ROWS = 2000


class FeatureCache:
    """Features of datasets under backbones, each computed once.

    Args:
        folder: Where they lie; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, dataset: Dataset, backbone: Backbone, progress: Progress) -> FeatureRows:
        """The features of every sample, shape (n, d): read where they are there, else computed.

        What is read is verified by checksum; what is damaged is computed again.

        Args:
            dataset: With images; another fingerprint, another computation.
            backbone: Embeds what is missing; another identity, another computation.
            progress: Told of "features", also while another process computes them. What it
                raises passes through; finished shards stay for the next time.

        Raises:
            AlcoreError: Images or features have a wrong form, or the disk is full.
        """
        task = _Task(dataset=dataset, backbone=backbone, folder=self.folder)
        found = task.finished()
        if found is None:
            with locked(task.place, waiting=lambda: progress("features", task.fraction())):
                found = task.finished()  # by another process, while this one waited
                if found is None:
                    found = task.compute(progress)
        progress("features", 1.0)
        return found


@dataclass(frozen=True, kw_only=True)
class _Task:
    """One dataset under one backbone."""

    dataset: Dataset
    backbone: Backbone
    folder: Path

    @property
    def n(self) -> int:
        return len(self.dataset.ids)

    @cached_property
    def place(self) -> Path:
        # Once: the identity of a backbone reads all its weights.
        key = [FORMAT, self.dataset.fingerprint, self.backbone.identity, self.n]
        key += [self.backbone.size, self.backbone.batch]
        return self.folder / hashlib.sha256(json.dumps(key).encode()).hexdigest()

    @property
    def shards(self) -> list[range]:
        """The positions in each shard: whole batches, but for the very last."""
        size = max(1, SHARD_ROWS // self.backbone.batch) * self.backbone.batch
        return [range(first, min(first + size, self.n)) for first in range(0, self.n, size)]

    def fraction(self) -> float:
        """How much is there by now."""
        return len(list(self.place.glob("shard-*.npy"))) / max(1, len(self.shards))

    def finished(self) -> FeatureRows | None:
        """The rows, if all are there and sound."""
        if not (self.place / "manifest.json").exists():
            return None
        paths = [path for i in range(len(self.shards)) if (path := self._sound(i)) is not None]
        try:
            return _opened(paths) if len(paths) == len(self.shards) else None
        except OSError:
            return None  # pruned a moment ago

    def compute(self, progress: Progress) -> FeatureRows:
        """Compute the shards that are missing, then write the manifest."""
        kept = {number: self._sound(number) for number in range(len(self.shards))}
        missing = [number for number, path in kept.items() if path is None]
        done = self.n - sum(len(self.shards[number]) for number in missing)
        wanted = [position for number in missing for position in self.shards[number]]
        with closing(embed(self.dataset, self.backbone, np.array(wanted, np.int64))) as batches:
            for number in missing:
                parts: list[FloatArray] = []
                while sum(map(len, parts)) < len(self.shards[number]):
                    progress("features", done / self.n)
                    parts.append(next(batches))
                    done += len(parts[-1])
                kept[number] = self._write_shard(number, np.concatenate(parts))
        paths = [path for path in kept.values() if path is not None]
        rows = _opened(paths)
        self._write_manifest(rows, paths)
        return rows

    def _sound(self, number: int) -> Path | None:
        """The shard, if it is there and its content has the checksum of its name."""
        for path in self.place.glob(f"shard-{number:04d}-*.npy"):
            with suppress(OSError), path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                if path.stem.endswith(f"-{digest}"):
                    return path
        return None

    def _write_shard(self, number: int, rows: FloatArray) -> Path:
        for damaged in self.place.glob(f"shard-{number:04d}-*.npy"):
            damaged.unlink()
        content = io.BytesIO()
        np.save(content, rows, allow_pickle=False)
        digest = hashlib.sha256(content.getbuffer()).hexdigest()
        return self._put(
            f"shard-{number:04d}-{digest}.npy", lambda file: file.write(content.getbuffer())
        )

    def _write_manifest(self, rows: FeatureRows, paths: list[Path]) -> None:
        manifest = {
            "format": FORMAT,
            "fingerprint": self.dataset.fingerprint,
            "identity": self.backbone.identity,
            "n": rows.shape[0],
            "d": rows.shape[1],
            "dtype": str(rows.dtype),
            "shards": [path.name for path in paths],
        }
        content = json.dumps(manifest, indent=1).encode()
        self._put("manifest.json", lambda file: file.write(content))

    def _put(self, name: str, write: Write) -> Path:
        with staged(self.place, {name: write}) as files:
            publish(files, self.place)
        return self.place / name


def _opened(paths: list[Path]) -> FeatureRows:
    return FeatureRows([np.load(path, mmap_mode="r", allow_pickle=False) for path in paths])
