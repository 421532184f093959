"""Rows of datasets and their thumbnails; ids and known labels in files beside."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.options import Scalar
from alcore.store import files, schema
from alcore.store.connect import Database
from alcore.store.insert import insert_or_ignore
from alcore.store.records import HELD, DatasetRecord
from alcore.types import IntArray

_TABLE = schema.datasets
_IDS = "ids.json"
_LABELS = "labels.npy"


def add(
    database: Database,
    name: str,
    options: Mapping[str, Scalar],
    fingerprint: str,
    ids: Sequence[str],
    class_names: Sequence[str],
    known_labels: IntArray | None,
) -> int:
    """Insert a dataset, or find the one with this name and fingerprint."""
    with database.write() as connection:
        used = sa.update(_TABLE).where(_same(name, fingerprint)).values(used_at=schema.now())
        known: int | None = connection.scalar(used.returning(_TABLE.c.id))
    if known is not None:
        return known
    row = {
        "name": name,
        "options": dict(options),
        "fingerprint": fingerprint,
        "n": len(ids),
        "class_names": list(class_names),
        "has_labels": known_labels is not None,
    }
    return _insert(database, row, _contents(ids, known_labels))


def _same(name: str, fingerprint: str) -> sa.ColumnElement[bool]:
    return sa.and_(_TABLE.c.name == name, _TABLE.c.fingerprint == fingerprint)


def _contents(ids: Sequence[str], known_labels: IntArray | None) -> dict[str, files.Write]:
    text = json.dumps(list(ids)).encode()
    contents: dict[str, files.Write] = {_IDS: lambda file: file.write(text)}
    if known_labels is not None:
        contents[_LABELS] = lambda file: np.save(file, known_labels, allow_pickle=False)
    return contents


def _insert(database: Database, row: Mapping[str, Any], contents: Mapping[str, files.Write]) -> int:
    """The id names the folder, so the files take their place between insert and commit."""
    key = ["name", "fingerprint"]
    with files.staged(database.files, contents) as staged, database.write() as connection:
        insert = insert_or_ignore(connection, _TABLE, key).values(**row, used_at=schema.now())
        new: int | None = connection.scalar(insert.returning(_TABLE.c.id))
        if new is None:
            same = _same(row["name"], row["fingerprint"])
            faster: int = connection.execute(sa.select(_TABLE.c.id).where(same)).scalar_one()
            return faster
        files.publish(staged, files.dataset_folder(database.files, new))
    return new


def get(connection: sa.Connection, dataset_id: int) -> DatasetRecord:
    """One dataset."""
    row = _row(connection, dataset_id)
    return DatasetRecord(
        id=row.id,
        name=row.name,
        options=row.options,
        fingerprint=row.fingerprint,
        n=row.n,
        class_names=tuple(row.class_names),
    )


def _row(connection: sa.Connection, dataset_id: int) -> sa.Row[Any]:
    row = connection.execute(sa.select(_TABLE).where(_TABLE.c.id == dataset_id)).first()
    if row is None:
        raise AlcoreError(f"dataset {dataset_id} does not exist in this store")
    return row


def ids(database: Database, dataset_id: int) -> list[str]:
    """Sample ids in the canonical order."""
    with database.read() as connection:
        _row(connection, dataset_id)
    with files.reading(files.dataset_folder(database.files, dataset_id) / _IDS) as path:
        read: list[str] = json.loads(path.read_bytes())
    return read


def known_labels(database: Database, dataset_id: int) -> IntArray | None:
    """Class index per sample; None where the dataset has no labels at all."""
    with database.read() as connection:
        if not _row(connection, dataset_id).has_labels:
            return None
    with files.reading(files.dataset_folder(database.files, dataset_id) / _LABELS) as path:
        read: IntArray = np.load(path, allow_pickle=False)
    return read


def delete_unused(connection: sa.Connection, before: datetime) -> list[int]:
    """Delete datasets without a run, and with them their thumbnails, if last used before then."""
    used = sa.select(schema.runs.c.dataset_id).where(schema.runs.c.dataset_id.is_not(None))
    statement = sa.delete(_TABLE).where(_TABLE.c.id.not_in(used), _TABLE.c.used_at < before)
    return list(connection.scalars(statement.returning(_TABLE.c.id)))


def delete_orphans(connection: sa.Connection) -> list[int]:
    """Delete datasets without a run; none while a run starts, which may be about to name one."""
    runs = schema.runs
    starting = sa.exists().where(runs.c.state.in_(HELD), runs.c.n_labelled.is_(None))
    if connection.scalar(sa.select(starting)):
        return []
    return delete_unused(connection, schema.now())


def known_files(connection: sa.Connection, root: Path) -> set[Path]:
    """Every file that belongs to a row."""
    rows = connection.execute(sa.select(_TABLE.c.id, _TABLE.c.has_labels)).all()
    named = [(key, _IDS) for key, _ in rows] + [(key, _LABELS) for key, labels in rows if labels]
    return {files.dataset_folder(root, key) / name for key, name in named}


def add_thumbnails(
    connection: sa.Connection, dataset_id: int, pictures: Mapping[int, bytes]
) -> None:
    """Insert the pictures that are not there yet."""
    table = schema.thumbnails
    rows = [
        {"dataset_id": dataset_id, "position": int(position), "png": png}
        for position, png in pictures.items()
    ]
    connection.execute(insert_or_ignore(connection, table, ["dataset_id", "position"]), rows)


def thumbnail_positions(
    connection: sa.Connection, dataset_id: int, known: frozenset[int]
) -> frozenset[int]:
    """The samples of which there is a picture; `known` where there are no more than those."""
    _row(connection, dataset_id)
    table = schema.thumbnails
    of_dataset = table.c.dataset_id == dataset_id
    count = sa.select(sa.func.count()).select_from(table).where(of_dataset)
    if connection.execute(count).scalar_one() == len(known):
        return known
    return frozenset(connection.scalars(sa.select(table.c.position).where(of_dataset)))


def thumbnail(connection: sa.Connection, dataset_id: int, position: int) -> bytes | None:
    """The picture of one sample."""
    table = schema.thumbnails
    which = (table.c.dataset_id == dataset_id, table.c.position == position)
    return connection.scalar(sa.select(table.c.png).where(*which))
