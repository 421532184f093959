"""A copy of a whole SQLite store that opens as a store, made while others write."""

import os
import shutil
from collections.abc import Container, Mapping
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from alcore.errors import AlcoreError, UsageError
from alcore.store import arrays, datasets, files, schema
from alcore.store.connect import Database, files_beside
from alcore.store.records import RunState

_TRIES = 5


def backup(database: Database, target: Path) -> None:
    """Copy the database to a new file, and the files that its rows name beside it.

    Features and logs are left out: they are made again.

    Raises:
        UsageError: The target exists, or its folder does not; the store is no SQLite file.
        AlcoreError: The copy cannot be written, or a file is damaged. Nothing is left of it.
    """
    target = target.expanduser().resolve()
    _check_target(database, target)
    part = target.with_name(f"{target.name}.part")
    try:
        part.mkdir()
    except OSError as error:
        raise AlcoreError(
            f"the folder {part} cannot be made ({error.strerror}); where it is left from a backup "
            "that was killed, remove it"
        ) from error
    try:
        _copy_all(database, part)
        (part / "files").replace(files_beside(target))
        (part / "database").replace(target)
        files.sync(target.parent)
    except OSError as error:
        raise AlcoreError(f"the backup {target} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check_target(database: Database, target: Path) -> None:
    if database.path is None:
        raise UsageError(
            f"{database.name} is backed up with pg_dump and then a copy of {database.files}; "
            "`alcore store backup` copies SQLite stores"
        )
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist; make it or name another")
    for path in (target, files_beside(target)):
        if path.exists():
            raise UsageError(f"{path} exists, and a backup never overwrites; name a new file")


def _copy_all(database: Database, part: Path) -> None:
    """Where a run is deleted meanwhile, the database is copied once more."""
    copies = _Copies(database.files, part / "files")
    for _ in range(_TRIES):
        with database.write() as connection:  # nobody adds a round, which would remove urgent files
            database.copy(part / "database")
            named = _named_files(connection, database.files)
            copies.add({path: named[path] for path in _urgent_files(connection, database.files)})
        copies.add(named)
        lost = named.keys() - copies.done.keys()
        if not lost:
            return copies.finish(named)
        with database.read() as connection:
            if damaged := lost & _named_files(connection, database.files).keys():
                raise AlcoreError(
                    f"{min(damaged)} is damaged or missing; see `alcore store check --repair`"
                )
    raise AlcoreError("files of the store vanish while they are copied; try again later")


def _named_files(connection: sa.Connection, root: Path) -> dict[Path, str | None]:
    """Every file that a row names, with its checksum where the row has it."""
    table = schema.arrays
    query = sa.select(table.c.run_id, table.c.round, table.c.kind, table.c.sha256)
    named: dict[Path, str | None] = dict.fromkeys(datasets.known_files(connection, root))
    return named | {arrays.path(root, *key): sha for *key, sha in connection.execute(query)}


def _urgent_files(connection: sa.Connection, root: Path) -> list[Path]:
    """What only the newest round keeps, of runs to which a newer one may come."""
    table, runs = schema.arrays, schema.runs
    query = (
        sa.select(table.c.run_id, table.c.round, table.c.kind)
        .join(runs, runs.c.id == table.c.run_id)
        .where(table.c.kind != "round", runs.c.state != RunState.DONE)
    )
    return [arrays.path(root, *key) for key in connection.execute(query)]


class _Copies:
    """The files copied so far, with their checksums."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.done: dict[Path, str | None] = {}
        self._root = root
        self._folder = folder
        folder.mkdir()

    def add(self, named: Mapping[Path, str | None]) -> None:
        """Copy those that are not copied yet; a file that is gone or damaged is left out."""
        for path, sha256 in named.items():
            if self.done.get(path, "") == sha256:
                continue
            self.done.pop(path, None)
            target = self._folder / path.relative_to(self._root)
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                shutil.copyfile(path, target)
                with target.open("r+b") as file:
                    os.fsync(file.fileno())
                if sha256 in (None, files.checksum(target)):
                    self.done[path] = sha256

    def finish(self, named: Container[Path]) -> None:
        """What was deleted during the copy is deleted from it too."""
        for path in self._folder.rglob("*"):
            if path.is_dir():
                files.sync(path)
            elif self._root / path.relative_to(self._folder) not in named:
                path.unlink()
        files.sync(self._folder)
