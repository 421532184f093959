"""What of a store is left when the power goes: only what was synced, and that is seen here.

SQLite runs on files of a kind written in Python (apsw, which brings a SQLite of its own), so
that every sync of the database is seen; those of the array files are seen as calls of `os.fsync`.
Between SQLAlchemy and apsw lies the little of Python's sqlite3 that SQLAlchemy needs.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest
import sqlalchemy as sa

from alcore.store import connect
from alcore.store.connect import prepare_sqlite

_JOURNAL = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL


@dataclass
class Disk:
    """A folder, and what of it is durable.

    As POSIX has it, at its worst: syncing a file makes its content durable, but not its name;
    names are made durable, removed and changed by syncing their folder. Nothing else is ever
    written back.

    Attributes:
        root: The folder; its own name is durable.
        before_sync: Called before each sync: moments at which the power may go as well.
        forgets: The files or folders for which `os.fsync` does nothing.
    """

    root: Path
    before_sync: Callable[[], object] = lambda: None
    forgets: Callable[[Path], bool] = lambda _path: False
    _contents: dict[int, bytes] = field(default_factory=dict)
    _names: dict[int, dict[str, int]] = field(default_factory=dict)
    _kept_open: dict[int, int] = field(default_factory=dict)

    def sync(self, path: Path) -> None:
        """Make a file's content, or the names in a folder, durable."""
        self.before_sync()
        inode = path.stat().st_ino
        if path.is_dir():
            self._names[inode] = {inner.name: inner.stat().st_ino for inner in path.iterdir()}
        else:
            self._contents[inode] = self._read(path, inode)

    def fsync(self, descriptor: int) -> None:
        """Take the place of `os.fsync`."""
        inode = os.fstat(descriptor).st_ino
        paths = (self.root, *self.root.rglob("*"))
        path = next(path for path in paths if path.stat().st_ino == inode)
        if not self.forgets(path):
            self.sync(path)

    def _read(self, path: Path, inode: int) -> bytes:
        """Through a descriptor that stays open.

        Else the inode's number would be used again, and SQLite would lose its locks.
        """
        if inode not in self._kept_open:
            self._kept_open[inode] = os.open(path, os.O_RDONLY)
        return os.pread(self._kept_open[inode], path.stat().st_size, 0)

    def restore(self, folder: Path) -> Path:
        """What is found when the power is back."""
        self._restore(self.root.stat().st_ino, folder)
        return folder

    def _restore(self, inode: int, path: Path) -> None:
        if inode in self._names or inode == self.root.stat().st_ino:
            path.mkdir()
            for name, inner in self._names.get(inode, {}).items():
                self._restore(inner, path / name)
        else:
            path.write_bytes(self._contents.get(inode, b""))

    def close(self) -> None:
        for descriptor in self._kept_open.values():
            os.close(descriptor)


class _Files(apsw.VFS):
    """The usual files, with a disk that is told of every sync."""

    name = "power-cut"

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__(self.name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if name is None:
            return super().xOpen(name, flags)  # temporary: of no use after a power cut
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: N802
        super().xDelete(name, sync_folder)
        if sync_folder:
            self.disk.sync(Path(name).parent)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        # SQLite's own files sync the folder with the first sync of a journal that they made.
        self._name_is_durable = self._path.exists() or not flags[0] & _JOURNAL
        super().__init__("", name, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.sync(self._path)
        if not self._name_is_durable:
            self._disk.sync(self._path.parent)
            self._name_is_durable = True


class _Cursor:
    def __init__(self, connection: "_Connection") -> None:
        self.connection = connection
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount, self.lastrowid = -1, None
        self._rows: Iterator[Any] = iter(())

    def execute(self, statement: str, values: Any = ()) -> "_Cursor":
        return self._run(apsw.Connection.cursor(self.connection).execute, statement, values)

    def executemany(self, statement: str, values: Any) -> "_Cursor":
        return self._run(apsw.Connection.cursor(self.connection).executemany, statement, values)

    def _run(self, execute: Callable[..., apsw.Cursor], statement: str, values: Any) -> "_Cursor":
        execute.__self__.exec_trace = self._note_description
        self._rows = iter(execute(statement, values).fetchall())
        self.rowcount = self.connection.changes()
        return self

    def _note_description(self, cursor: apsw.Cursor, *_: object) -> bool:
        """The only moment at which apsw knows it of a statement without a row."""
        names = [name for name, _type in cursor.get_description()]
        self.description = [(name, *[None] * 6) for name in names] or None
        return True

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())


class _Connection(apsw.Connection):
    isolation_level = None

    def __init__(self, path: str, **_: object) -> None:
        super().__init__(path, vfs=_Files.name)

    def cursor(self) -> _Cursor:
        return _Cursor(self)

    def create_function(self, name: str, n: int, function: Any, **_: object) -> None:
        self.create_scalar_function(name, function, n)

    def commit(self) -> None:
        if self.in_transaction:
            self.cursor().execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.cursor().execute("ROLLBACK")


_DBAPI = SimpleNamespace(
    connect=_Connection,
    Binary=bytes,
    paramstyle="qmark",
    sqlite_version_info=tuple(map(int, apsw.sqlite_lib_version().split("."))),
    Error=apsw.Error,
)


@contextmanager
def on(disk: Disk, journal: str, *pragmas: str) -> Iterator[None]:
    """Stores that are opened here lie on this disk.

    Args:
        disk: With the folder of the store.
        journal: The journal mode that the store chooses for its connections.
        pragmas: What a connection is told after the store has prepared it.
    """

    def prepare(connection: Any, record: object) -> None:
        if journal == "wal":  # files written in Python share no memory
            connection.cursor().execute("PRAGMA locking_mode = EXCLUSIVE")
        prepare_sqlite(connection, record)
        for pragma in pragmas:
            connection.cursor().execute(f"PRAGMA {pragma}")

    files = _Files(disk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", disk.fsync)
        patch.setattr(connect, "journal_mode", lambda _version: journal)
        patch.setattr(sa, "create_engine", partial(sa.create_engine, module=_DBAPI))
        patch.setattr(connect, "prepare_sqlite", prepare)
        yield
    files.unregister()
