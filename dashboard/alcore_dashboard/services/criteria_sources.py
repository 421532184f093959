"""Where class probabilities come from: a table, a file, or a round of a stored run."""

import functools
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alcore.errors import UsageError
from alcore.probabilities import ProbabilityTable, read_probabilities
from alcore.rounds import WORST_KEPT
from alcore.store import DatasetRecord, RunRecord, Store
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.naming import thumbnail_path, title_of

SUFFIXES = (".csv", ".parquet", ".npy")
UPLOAD_MB = 200
UPLOAD_ROWS = 5_000_000
UPLOAD_NUMBERS = 100_000_000
"""What an uploaded file may unpack to: 800 MB."""

DATA_DIRS = "ALCORE_DATA_DIRS"
FILES_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class Source:
    """Samples with class probabilities, whatever they come from.

    Attributes:
        key: Changes whenever the content does.
        subtitle: What n and seed are, for charts.
        class_names: The c classes.
        probabilities: Shape (n, c), checked; perhaps a memory map.
        ids: By position; None where the samples have none.
        positions: Position of each row, shape (n,); None where it is the row itself.
        dataset: The stored dataset that the positions are of.
        pictured: Positions with a picture.
        note: What people must know before they believe it; "" otherwise.
    """

    key: tuple[str | int, ...]
    subtitle: str
    class_names: tuple[str, ...]
    probabilities: FloatArray
    ids: Sequence[str] | None = None
    positions: IntArray | None = None
    dataset: DatasetRecord | None = None
    pictured: frozenset[int] = frozenset()
    note: str = ""

    def __len__(self) -> int:
        return len(self.probabilities)

    def names(self, rows: IntArray) -> tuple[str, ...]:
        """Ids of these rows; "row 0" and so on where there are none."""
        places = rows if self.positions is None else self.positions[rows]
        return tuple(f"row {i}" if self.ids is None else self.ids[i] for i in places.tolist())

    def pictures(self, rows: IntArray) -> list[str | None]:
        """Path of the picture of each of these rows; None where there is none."""
        if self.dataset is None or self.positions is None:
            return [None] * len(rows)
        return [
            thumbnail_path(self.dataset, i) if i in self.pictured else None
            for i in self.positions[rows].tolist()
        ]

    def table(self, rows: IntArray, values: FloatArray) -> pd.DataFrame:
        """These rows, in this order, with their values of a criterion.

        Returns:
            Columns picture (a path, None where there is none), sample, value, predicted,
            probability (of the predicted class).
        """
        block = np.asarray(self.probabilities[rows], dtype=np.float64)
        return pd.DataFrame(
            {
                "picture": self.pictures(rows),
                "sample": self.names(rows),
                "value": values,
                "predicted": [self.class_names[i] for i in block.argmax(axis=1)],
                "probability": block.max(axis=1),
            }
        )


BY_KEY: dict[str | type[Any], Callable[[Any], Any]] = {Source: lambda source: source.key}
"""How Streamlit's caches know a source again."""


def from_table(table: ProbabilityTable, *, key: tuple[str | int, ...], name: str) -> Source:
    """The samples of a file."""
    return Source(
        key=key,
        subtitle=f"n = {len(table.probabilities):,} samples of {name}",
        class_names=table.class_names,
        probabilities=table.probabilities,
        ids=table.ids,
    )


def read_upload(name: str, content: memoryview) -> ProbabilityTable:
    """Read an uploaded file as the command line reads one; nothing of it stays on the disk.

    Raises:
        UsageError: `read_probabilities` refuses it, or it unpacks to more than a page should hold.
    """
    name = Path(name).name
    with tempfile.TemporaryDirectory(prefix="alcore-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(content)
        try:
            _check_extent(path)
            return read_probabilities(path)
        except UsageError as error:
            raise UsageError(str(error).replace(str(path), name)) from error


def _check_extent(path: Path) -> None:
    rows, columns = _extent(path)
    if rows > UPLOAD_ROWS or rows * columns > UPLOAD_NUMBERS:
        raise UsageError(
            f"{path}: {rows:,} rows of {columns} columns are too many for an upload, which may "
            f"have {UPLOAD_ROWS:,} rows and {UPLOAD_NUMBERS:,} numbers; "
            "use a file on the server, or alcore select"
        )


def _extent(path: Path) -> tuple[int, int]:
    """Rows and columns of a file that may unpack to much more than its own size."""
    if path.suffix == ".csv":
        with path.open("rb") as file:
            columns = file.readline().count(b",") + 1
            return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b"")), columns
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = pq.read_metadata(path)
        except pa.ArrowInvalid:
            return 0, 0  # no Parquet file: the reader says so
        return found.num_rows, found.num_columns
    return 0, 0


def allowed_folders(text: str | None) -> tuple[Path, ...]:
    """The folders that the operator opened: those in `text`, separated as in PATH."""
    parts = [part.strip() for part in (text or "").split(os.pathsep)]
    return tuple(Path(part).resolve() for part in parts if part)


def allowed_file(text: str, folders: Sequence[Path]) -> Path:
    """The file that a path names, absolute or relative to one of the folders.

    Raises:
        UsageError: It is no file, or outside the folders, links followed.
    """
    if not folders:
        raise UsageError(
            f"no folder is open to this page; whoever runs the dashboard names some in {DATA_DIRS}"
        )
    outside = True
    for folder in folders:
        try:
            path = (folder / text).resolve()
            if not path.is_relative_to(folder):
                continue
            outside = False
            if path.is_file():
                return path
        except (OSError, RuntimeError, ValueError):  # a link to itself, a name that cannot be
            continue
    if outside:
        raise UsageError(
            f"{text} is outside the folders that this page may read; "
            f"whoever runs the dashboard can add its folder to {DATA_DIRS}"
        )
    raise UsageError(f"there is no file {text} in the folders that this page may read")


def listed_files(folders: Sequence[Path]) -> list[str]:
    """Names of the readable files that lie in the folders themselves, at most FILES_LISTED."""
    names = set()
    for folder in folders:
        try:
            names |= {path.name for path in folder.iterdir() if path.suffix.lower() in SUFFIXES}
        except OSError:
            continue  # a folder that has gone: what is asked of it gets its own sentence
    return sorted(names)[:FILES_LISTED]


def from_round(store: Store, run: RunRecord, number: int) -> Source | None:
    """The pool of one round as its model saw it; None where it was empty.

    Of rounds whose pool is no longer kept, the least confident WORST_KEPT are.
    """
    if run.dataset_id is None:
        return None
    arrays = store.round_arrays(run.id, number)
    whole = len(arrays.pool) > 0
    positions = arrays.pool if whole else arrays.worst
    if not len(positions):
        return None
    dataset = store.dataset(run.dataset_id)
    return Source(
        key=(store.url, run.id, number, len(positions)),
        subtitle=f"n = {len(positions):,} pool samples, round {number}, seed {run.seed}",
        class_names=dataset.class_names,
        probabilities=arrays.probabilities if whole else arrays.worst_probabilities,
        ids=_ids(store, dataset.id, dataset.fingerprint),
        positions=positions,
        dataset=dataset,
        pictured=store.thumbnail_positions(dataset.id),
        note="" if whole else _partial(number, title_of(run.strategy)),
    )


@functools.lru_cache(maxsize=2)
def _ids(store: Store, dataset_id: int, fingerprint: str) -> tuple[str, ...]:
    del fingerprint  # a number may be given again once its dataset is gone
    return tuple(store.dataset_ids(dataset_id))


def _partial(number: int, strategy: str) -> str:
    return (
        f"Of round {number} of this run ({strategy}) only the {WORST_KEPT} samples with the "
        "smallest top probability are kept: ranks and overlap are among these, and least "
        "confidence is favoured. The newest round of a run keeps its whole pool."
    )
