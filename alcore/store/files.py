"""Files beside the database: written whole or not at all, and where each of them lies.

```
runs/7/round-0003.npz                  arrays of round 3 of run 7
runs/7/round-0003-pool.npy             newest round only
runs/7/round-0003-probabilities.npy    newest round only
datasets/2/ids.json  labels.npy
logs/run-7.log                         what its process printed
features/<key>/                        see alcore.features.cache
tmp-.../                               being written; left behind only by a crash
```
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from alcore.errors import AlcoreError

Write = Callable[[BinaryIO], object]


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A file that is complete and synced, but not yet at its place."""

    path: Path
    bytes: int
    sha256: str


def own_folders(root: Path) -> list[Path]:
    """The folders of the store in its root; whatever else lies there is not the store's."""
    return [root / "runs", root / "datasets", *root.glob("tmp-*")]


def features_folder(root: Path) -> Path:
    """The folder of the features that backbones computed."""
    return root / "features"


def run_folder(root: Path, run_id: int) -> Path:
    """The folder of a run's arrays."""
    return root / "runs" / str(run_id)


def log_file(root: Path, run_id: int) -> Path:
    """What a run's process printed."""
    return root / "logs" / f"run-{run_id}.log"


def dataset_folder(root: Path, dataset_id: int) -> Path:
    """The folder of a dataset's ids and labels."""
    return root / "datasets" / str(dataset_id)


def remove(root: Path, run_ids: Iterable[int], dataset_ids: Iterable[int]) -> None:
    """Remove the files of deleted runs and datasets."""
    for run_id in run_ids:
        shutil.rmtree(run_folder(root, run_id), ignore_errors=True)
        log_file(root, run_id).unlink(missing_ok=True)
    for dataset_id in dataset_ids:
        shutil.rmtree(dataset_folder(root, dataset_id), ignore_errors=True)


@contextmanager
def staged(root: Path, contents: Mapping[str, Write]) -> Iterator[list[Staged]]:
    """Write files into a temporary folder; those not published by the end are removed.

    Args:
        root: The folder of the store's files.
        contents: File name -> what writes the content.

    Raises:
        AlcoreError: The files cannot be written (disk full, no permission).
    """
    try:
        with tempfile.TemporaryDirectory(prefix="tmp-", dir=root) as folder:
            yield [_stage(Path(folder) / name, write) for name, write in contents.items()]
    except OSError as error:
        # NumPy says how much was written, not why the rest was not.
        reason = error.strerror or f"{error}; is the disk full?"
        raise AlcoreError(f"files cannot be written to {root}: {reason}") from error


def _stage(path: Path, write: Write) -> Staged:
    with path.open("xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    return Staged(path=path, bytes=path.stat().st_size, sha256=checksum(path))


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish(complete: list[Staged], folder: Path) -> None:
    """Move staged files to their place, over what a failed attempt may have left there."""
    make(folder)
    for file in complete:
        file.path.replace(folder / file.path.name)
    sync(folder)


@contextmanager
def reading(path: Path, size: int | None = None, sha256: str | None = None) -> Iterator[Path]:
    """Read a file of the store, of which size and checksum are known or not.

    Raises:
        AlcoreError: It is missing, has another size or checksum, or cannot be read.
    """
    try:
        if size is not None and (found := path.stat().st_size) != size:
            raise ValueError(f"it has {found} bytes instead of {size}")
        if sha256 is not None and checksum(path) != sha256:
            raise ValueError("its content has changed since it was written")
        yield path
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise AlcoreError(
            f"the file {path} of the store is damaged or missing: {reason}"
        ) from error


def make(folder: Path) -> None:
    """Make a folder and those it lies in, so that they last."""
    if not folder.is_dir():
        make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder last."""
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened, and names are durable with the file
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
