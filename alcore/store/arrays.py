"""The arrays of rounds: one file for what stays, two for what only the newest round keeps."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.rounds import RoundArrays
from alcore.store import files, packed, schema
from alcore.store.connect import Database
from alcore.types import FloatArray, IntArray

_TABLE = schema.arrays
_SUFFIX = {
    "round": ".npz",
    "pool": "-pool.npy",
    "probabilities": "-probabilities.npy",
    "model": "-model.zip",
}
_STAYING = (
    "picks", "picks_probabilities", "worst", "worst_probabilities", "learnt",
    "learnt_probabilities", "quantiles",
)  # fmt: skip
FOR_PAGES = ("pool", "probabilities")
NEWEST_ONLY = (*FOR_PAGES, "model")


def path(root: Path, run_id: int, number: int, kind: str) -> Path:
    """Where an array file lies; `kind` is "round", "pool", "probabilities" or "model"."""
    return files.run_folder(root, run_id) / f"round-{number:04d}{_SUFFIX[kind]}"


def contents(number: int, arrays: RoundArrays, model: Path | None) -> dict[str, files.Write]:
    """The files of a round by name, in the order in which `add` expects them.

    Args:
        number: Of the round.
        arrays: What it chose and scored.
        model: Folder of the saved model, which the next round goes on from; None without.
    """
    for name, array in vars(arrays).items():
        if array.dtype.hasobject:
            raise AlcoreError(f"{name} of round {number} holds objects; expected numbers")
    staying = {name: getattr(arrays, name) for name in _STAYING}
    writes: dict[str, files.Write] = {
        "round": lambda file: np.savez(file, **staying),
        "pool": lambda file: np.save(file, arrays.pool, allow_pickle=False),
        "probabilities": lambda file: np.save(file, arrays.probabilities, allow_pickle=False),
    }
    if model is not None:
        writes["model"] = lambda file: packed.pack(model, file)
    return {path(Path(), 0, number, kind).name: write for kind, write in writes.items()}


def add(
    connection: sa.Connection, run_id: int, number: int, staged: Sequence[files.Staged]
) -> None:
    """Insert the rows of a round's files."""
    rows = [
        {
            "run_id": run_id,
            "round": number,
            "kind": kind,
            "bytes": file.bytes,
            "sha256": file.sha256,
        }
        for kind, file in zip(_SUFFIX, staged, strict=False)  # the last, the model, is optional
    ]
    connection.execute(sa.insert(_TABLE), rows)


def forget(
    connection: sa.Connection,
    root: Path,
    which: sa.ColumnElement[bool],
    kinds: Sequence[str] = NEWEST_ONLY,
) -> list[Path]:
    """Delete the rows of some kinds of arrays; their files are for the caller to remove."""
    keys = (_TABLE.c.run_id, _TABLE.c.round, _TABLE.c.kind)
    statement = sa.delete(_TABLE).where(which, _TABLE.c.kind.in_(kinds)).returning(*keys)
    return [path(root, *row) for row in connection.execute(statement)]


def known_files(connection: sa.Connection, root: Path) -> set[Path]:
    """Every file that belongs to a row."""
    query = sa.select(_TABLE.c.run_id, _TABLE.c.round, _TABLE.c.kind)
    return {path(root, *row) for row in connection.execute(query)}


def load(database: Database, run_id: int, number: int) -> RoundArrays:
    """Read the arrays of a round."""
    sizes = _sizes(database, run_id, number)
    try:
        return _read(database.files, run_id, number, sizes)
    except AlcoreError:
        now = _sizes(database, run_id, number)
        if now == sizes:
            raise
        return _read(database.files, run_id, number, now)  # a newer round came in between


def rewrite(database: Database, run_id: int, number: int, arrays: RoundArrays) -> None:
    """Write those files of a round again that have a row, because they were damaged."""
    kept = set(_sizes(database, run_id, number)) - {"model"}
    names = {path(Path(), run_id, number, kind).name: kind for kind in kept}
    writes = contents(number, arrays, None)
    chosen = {name: writes[name] for name in names}
    with files.staged(database.files, chosen) as staged, database.write() as connection:
        files.publish(staged, files.run_folder(database.files, run_id))
        for file in staged:
            key = {"run_id": run_id, "round": number, "kind": names[file.path.name]}
            written = {"bytes": file.bytes, "sha256": file.sha256}
            connection.execute(sa.update(_TABLE).filter_by(**key).values(written))


def load_model(database: Database, run_id: int, number: int, folder: Path) -> bool:
    """Unpack the model of a round into an empty folder; False where none was kept."""
    if (row := _row_of(database, run_id, number, "model")) is None:
        return False
    with files.reading(path(database.files, run_id, number, "model"), *row) as name:
        packed.unpack(name, folder)
    return True


def _row_of(database: Database, run_id: int, number: int, kind: str) -> tuple[int, str] | None:
    key = (_TABLE.c.run_id == run_id) & (_TABLE.c.round == number) & (_TABLE.c.kind == kind)
    with database.read() as connection:
        row = connection.execute(sa.select(_TABLE.c.bytes, _TABLE.c.sha256).where(key)).first()
    return None if row is None else (row[0], row[1])


def _sizes(database: Database, run_id: int, number: int) -> dict[str, int]:
    query = sa.select(_TABLE.c.kind, _TABLE.c.bytes).where(
        _TABLE.c.run_id == run_id, _TABLE.c.round == number
    )
    with database.read() as connection:
        sizes = dict(connection.execute(query).all())
    if not sizes:
        raise AlcoreError(f"run {run_id} has no round {number} in this store")
    return sizes


def _read(root: Path, run_id: int, number: int, sizes: Mapping[str, int]) -> RoundArrays:
    place = path(root, run_id, number, "round")
    with files.reading(place, sizes["round"]) as name, np.load(name, allow_pickle=False) as stored:
        staying = {field: stored[field] for field in _STAYING if field in stored}
    pool: IntArray = np.empty(0, np.int64)
    probabilities: FloatArray = np.empty((0, staying["worst_probabilities"].shape[1]), np.float32)
    if "learnt" not in staying:  # written before rounds kept it
        staying |= {"learnt": pool, "learnt_probabilities": probabilities}
    if "pool" in sizes:
        with files.reading(path(root, run_id, number, "pool"), sizes["pool"]) as name:
            pool = np.load(name, allow_pickle=False)
    if "probabilities" in sizes:
        place = path(root, run_id, number, "probabilities")
        with files.reading(place, sizes["probabilities"]) as name:
            probabilities = np.load(name, mmap_mode="r", allow_pickle=False)
    return RoundArrays(**staying, pool=pool, probabilities=probabilities)
