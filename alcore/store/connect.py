"""From a URL to an open database that is up to date, with its folder for files."""

import json
import os
import re
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event, exc

from alcore.errors import AlcoreError, StoreAway, UsageError
from alcore.store.files import make, sync

HEAD = "0004"
"""The newest migration; equal to Alembic's head, which is not asked because that is slow."""

_BEGIN = "alcore_begin"
_MIGRATION_LOCK = 0x616C636F7265
_AWAY = ("080", "57P")
"""Of PostgreSQL's codes: connection exceptions and operator interventions."""
_EXAMPLE = "sqlite:///folder/alcore.db or postgresql://user@host/name"


class Database:
    """One database and the folder of its files.

    Attributes:
        url: With the password, if there is one.
        name: Without it, for people.
        files: The folder of array files.
    """

    def __init__(self, engine: sa.Engine, files: Path) -> None:
        self._reader = engine
        if engine.dialect.name == "postgresql":  # whose default is a new moment per statement
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        self.url = engine.url.render_as_string(hide_password=False)
        self.name = engine.url.render_as_string(hide_password=True)
        self.files = files
        # A store that nobody closed: not at exit, where a forked process may share connections.
        weakref.finalize(self, engine.dispose).atexit = False

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database; None for another one."""
        url = self._reader.url
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @property
    def place(self) -> str:
        """The name, and for SQLite how it writes."""
        if self.path is None:
            return self.name
        mode = journal_mode(sqlite3.sqlite_version_info).upper()
        return f"{self.name} (SQLite {sqlite3.sqlite_version}, {mode}, synchronous FULL)"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one moment of the database."""
        with _one_sentence(self.name), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may write; in SQLite it holds the write lock from its start."""
        with _one_sentence(self.name), self._writer.begin() as connection:
            yield connection

    def version(self) -> str | None:
        """The newest migration it has been through; None for a new one."""
        with self.read() as connection:
            return _version(connection)

    def journal_mode(self) -> str:
        """How a SQLite database is written at present."""
        with self.read() as connection:
            return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())

    def vacuum(self) -> None:
        """Give the space of deleted rows back; a SQLite file never shrinks by itself."""
        if self.path is None:
            return  # PostgreSQL cleans up by itself
        engine = self._reader.execution_options(**{_BEGIN: None})
        with _one_sentence(self.name), engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, target: Path) -> None:
        """Write a SQLite database, as it is at one moment, to a file; others may go on meanwhile.

        Raises:
            AlcoreError: The file cannot be written; what was there stays.
        """
        engine = self._reader.execution_options(**{_BEGIN: None})
        part = target.with_name(f"{target.name}.part")
        try:
            part.unlink(missing_ok=True)  # of an attempt that was killed
            with engine.connect() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(part),))
            with part.open("r+b") as file:
                os.fsync(file.fileno())
            part.replace(target)
            sync(target.parent)
        except (exc.DatabaseError, OSError) as error:
            reason = error.orig if isinstance(error, exc.DatabaseError) else error.strerror
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise AlcoreError(f"the copy {target} cannot be written: {reason}") from error

    def close(self) -> None:
        """Close the connections."""
        self._reader.dispose()


def connect(url: str | None) -> Database:
    """Open the database a URL names and bring it up to date; `alcore.store.open_store` says more.

    Raises:
        AlcoreError: URL, driver, database or folder cannot be used.
    """
    database = reach(url)
    try:
        _bring_up_to_date(database)
        _make(database.files)
    except BaseException:
        database.close()
        raise
    return database


def reach(url: str | None) -> Database:
    """The database a URL names as it is: nothing is made or brought up to date yet."""
    given = url or os.environ.get("ALCORE_STORE")
    parsed = _resolved(_parse(given) if given else _default_url())
    return Database(_engine(parsed), _files_folder(parsed))


def journal_mode(version: tuple[int, ...]) -> str:
    """The journal mode that loses nothing with this version of SQLite.

    Up to 3.51.2 two connections that write and checkpoint can damage a WAL database.
    """
    return "wal" if version >= (3, 51, 3) else "truncate"


def _default_url() -> sa.URL:
    from platformdirs import user_data_path

    folder = user_data_path("alcore", appauthor=False)
    _make(folder)
    return sa.URL.create("sqlite", database=str(folder / "alcore.db"))


def _make(folder: Path) -> None:
    try:
        make(folder)
    except OSError as error:
        raise AlcoreError(
            f"the folder {folder} for the store cannot be made ({error.strerror}); "
            f"set ALCORE_STORE to another URL, such as {_EXAMPLE}"
        ) from error


def _parse(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
        asynchronous = url.get_dialect().is_async
    except (exc.ArgumentError, exc.NoSuchModuleError, ValueError) as error:
        shown = re.sub(r"//.*@", "//***@", text)
        raise UsageError(f"{shown!r} is not the URL of a store; write {_EXAMPLE}") from error
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() not in ("sqlite", "postgresql") or asynchronous:
        raise UsageError(f"a store cannot be in {shown!r}; write {_EXAMPLE}")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UsageError(f"{shown!r} names no file, so nothing would be kept; write {_EXAMPLE}")
    return url


def _resolved(url: sa.URL) -> sa.URL:
    """A SQLite file by its full path, so that the store stays the same when the folder changes."""
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(url.database or "").expanduser().resolve()
    if not path.parent.is_dir():
        raise AlcoreError(
            f"the folder {path.parent} of the store {path.name} does not exist; "
            "make it, or name the store in another folder"
        )
    return url.set(database=str(path))


def _files_folder(url: sa.URL) -> Path:
    if url.get_backend_name() == "sqlite":
        return files_beside(Path(url.database or ""))
    if folder := os.environ.get("ALCORE_FILES"):
        # One folder may serve several databases; each tidies up in its own part alone.
        return Path(folder).expanduser().resolve() / f"{url.database}-files"
    raise AlcoreError("a PostgreSQL store needs ALCORE_FILES: the folder for its array files")


def files_beside(path: Path) -> Path:
    """The folder of the array files of a SQLite store."""
    return path.with_name(f"{path.stem}-files")


def _engine(url: sa.URL) -> sa.Engine:
    serializer = partial(json.dumps, allow_nan=False)
    try:
        # The ping replaces connections that a restart of the server has cut.
        engine = sa.create_engine(
            url, json_serializer=serializer, pool_pre_ping=True, connect_args=_patience(url)
        )
    except ImportError as error:
        reason = str(error).partition("\n")[0]
        raise AlcoreError(
            f"a PostgreSQL store needs psycopg ({reason}); pip install 'alcore[postgresql]'"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _patience(url: sa.URL) -> dict[str, str]:
    """PostgreSQL waits for ever by itself, also for a process that sleeps with a row locked."""
    if url.get_backend_name() == "sqlite":
        return {}
    return {"options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"}


def prepare_sqlite(connection: sqlite3.Connection, _record: object = None) -> None:
    """Settings that every SQLite connection needs before its first statement."""
    connection.isolation_level = None  # transactions begin in _begin_sqlite, not in sqlite3
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")  # deleted photos and labels are overwritten
    _set_journal(cursor, journal_mode(sqlite3.sqlite_version_info))
    cursor.close()


def _set_journal(cursor: sqlite3.Cursor, wanted: str) -> None:
    (present,) = cursor.execute("PRAGMA journal_mode").fetchone()
    if present != "wal" or wanted != "wal":
        cursor.execute("PRAGMA journal_mode = TRUNCATE")
    if present != "wal" and wanted == "wal":
        # In use at this moment? TRUNCATE is as safe, and a later connection will switch.
        with suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    if statement := connection.get_execution_options().get(_BEGIN, "BEGIN"):
        connection.exec_driver_sql(statement)


@contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    """Turn a database that fails (not one that refuses a mistake of ours) into AlcoreError."""
    try:
        yield
    except exc.DatabaseError as error:
        if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError):
            raise
        reason = str(error.orig).partition("\n")[0]
        kind = StoreAway if _is_away(error) else AlcoreError
        raise kind(f"the store {name} cannot be used: {reason}") from error


def _is_away(error: exc.DatabaseError) -> bool:
    """A server that is gone, starts or shuts down; what it refuses has another code, files none."""
    code = getattr(error.orig, "sqlstate", "")
    return isinstance(error, exc.OperationalError) and (code is None or code[:3] in _AWAY)


def _bring_up_to_date(database: Database) -> None:
    """Of those that open it at once one migrates; the others wait for its lock."""
    if database.version() == HEAD:
        return
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        if (found := _version(connection)) != HEAD:
            _upgrade(connection, found, database)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: sa.Connection, found: str | None, database: Database) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "alcore.store:migrations")
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    if found is None and (others := sa.inspect(connection).get_table_names()):
        raise AlcoreError(
            f"{database.name} is no alcore store: it holds tables of another program "
            f"({others[0]}, ...); name an empty database or a new file"
        )
    if found is not None and found not in known:
        raise AlcoreError(
            f"the store {database.name} was made by a newer alcore (schema {found}, this one knows "
            f"{HEAD}); install the newer alcore to open it"
        )
    if found is not None and database.path is not None:
        _keep_as_it_was(database, database.path)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _keep_as_it_was(database: Database, path: Path) -> None:
    """Called under the lock of the migration, before its first change."""
    try:
        database.copy(path.with_name(f"{path.stem}-before-{HEAD}{path.suffix}"))
    except AlcoreError as error:
        raise AlcoreError(
            f"{error}; without it the store is not brought up to date, and nothing was changed: "
            f"free {path.stat().st_size // 10**6 + 1} MB in {path.parent} and open it again"
        ) from error
