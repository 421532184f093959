"""How large the store is, and what may go."""

import math
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.store import arrays, datasets, files, schema
from alcore.store.connect import Database
from alcore.store.records import RunState, StoreSize

LEFTOVER_AGE = timedelta(hours=1)
"""Younger files that no row names may be about to get their row."""


def measure(database: Database) -> StoreSize:
    """Count and add up."""
    with database.read() as connection:
        return StoreSize(
            database_bytes=_database_bytes(connection),
            array_bytes=_bytes_in(*files.own_folders(database.files)),
            feature_bytes=_bytes_in(files.features_folder(database.files)),
            thumbnails=_count(connection, schema.thumbnails),
            runs=_count(connection, schema.runs),
        )


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _database_bytes(connection: sa.Connection) -> int:
    if connection.dialect.name == "postgresql":
        size = sa.func.pg_database_size(sa.func.current_database())
        return int(connection.execute(sa.select(size)).scalar_one())
    path = connection.engine.url.database or ""
    return sum(_size(Path(path + suffix)) for suffix in ("", "-wal", "-journal"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # removed since it was listed


def _bytes_in(*folders: Path) -> int:
    return sum(_size(path) for path in _files(folders))


def _files(folders: Iterable[Path]) -> list[Path]:
    walks = (os.walk(folder) for folder in folders)
    return [Path(folder, name) for walk in walks for folder, _, names in walk for name in names]


def prune(
    database: Database, keep_probabilities: bool, older_than: timedelta, features: bool
) -> int:
    """Forget rows first, then remove every file that has no row; gives the bytes freed."""
    from alcore.features import locks

    before = measure(database)
    oldest = schema.now() - older_than
    with database.write() as connection:
        outdated = [] if keep_probabilities else _forget_finished(connection, database.files)
        datasets.delete_unused(connection, oldest)
    for path in outdated:
        with suppress(OSError):
            path.unlink()
    sweep(database, oldest)
    computed = files.features_folder(database.files)
    locks.prune(computed, everything=features, oldest=oldest.timestamp())
    _compact(database)
    after = measure(database)
    return _total(before) - _total(after)


def _total(size: StoreSize) -> int:
    return size.database_bytes + size.array_bytes + size.feature_bytes


def _forget_finished(connection: sa.Connection, root: Path) -> list[Path]:
    over = [state for state in RunState if state.is_over]
    finished = sa.select(schema.runs.c.id).where(schema.runs.c.state.in_(over))
    # Not the model: a run that was stopped or has failed goes on from it when resumed.
    return arrays.forget(connection, root, schema.arrays.c.run_id.in_(finished), arrays.FOR_PAGES)


def leftovers(database: Database, oldest: datetime) -> list[Path]:
    """Files without a row that were last changed before then."""
    root, limit = database.files, oldest.timestamp()
    old = [path for path in _files(files.own_folders(root)) if _changed(path) < limit]
    with database.read() as connection:
        known = arrays.known_files(connection, root) | datasets.known_files(connection, root)
    return [path for path in old if path not in known]


def sweep(database: Database, oldest: datetime) -> None:
    """Remove old files without a row, then the old folders that are empty by now."""
    walks = (os.walk(own, topdown=False) for own in files.own_folders(database.files))
    folders = [Path(folder) for walk in walks for folder, _, _ in walk]
    old_folders = [folder for folder in folders if _changed(folder) < oldest.timestamp()]
    for path in leftovers(database, oldest):
        with suppress(OSError):
            path.unlink()
    for folder in old_folders:
        with suppress(OSError):  # not empty
            folder.rmdir()


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return math.inf  # removed since it was listed


def _compact(database: Database) -> None:
    with database.read() as connection:
        if connection.dialect.name != "sqlite":
            return  # PostgreSQL cleans up by itself
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    if free:
        with suppress(AlcoreError):  # in use: another time
            database.vacuum()
