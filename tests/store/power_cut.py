"""What of a store is left when the power goes: only what was synced, and that is seen here.

SQLite runs on files of a kind written in Python (apsw, which brings a SQLite of its own), so
that every sync of the database is seen; those of the array files are seen as calls of `os.fsync`.
Between SQLAlchemy and apsw lies the little of Python's sqlite3 that SQLAlchemy needs.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw

VFS = "power-cut"
_NEW_NAME_IS_SYNCED = (
    apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
)


@dataclass
class Disk:
    """A folder, and what of it is durable.

    As POSIX has it, at its worst: syncing a file makes its content durable, but not its name;
    names are made durable, removed and changed by syncing their folder. Nothing else is ever
    written back.

    Attributes:
        root: The folder; its own name is durable.
        before_sync: Called before each sync: moments at which the power may go as well.
    """

    root: Path
    before_sync: Callable[[], object] = lambda: None
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
        self.sync(next(path for path in paths if path.stat().st_ino == inode))

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
