"""URLs, connections, and what happens when they are wrong."""

import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import platformdirs
import pytest
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.store import Store, connect, open_store
from alcore.store.connect import Database
from store import postgres
from store.examples import add_runs


@pytest.fixture
def database(sqlite_store: Store) -> Database:
    return sqlite_store._database


def pragma(connection: sa.Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_every_connection_has_its_settings(database: Database) -> None:
    mode = connect.journal_mode(sqlite3.sqlite_version_info)
    full = 2
    with database.read() as first, database.write() as second:
        for connection in (first, second):
            assert pragma(connection, "foreign_keys") == 1
            assert pragma(connection, "busy_timeout") == 30_000
            assert pragma(connection, "synchronous") == full
            assert pragma(connection, "journal_mode") == mode


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
    ],
)
def test_wal_only_where_sqlite_has_no_wal_bug(version: tuple[int, ...], mode: str) -> None:
    assert connect.journal_mode(version) == mode


def test_the_journal_mode_is_set_and_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mode in ("truncate", "wal", "wal", "truncate"):
        monkeypatch.setattr(connect, "journal_mode", lambda _version, mode=mode: mode)
        opened = open_store(f"sqlite:///{tmp_path / 'a.db'}")
        with opened._database.read() as connection:
            assert pragma(connection, "journal_mode") == mode
        assert mode.upper() in opened.place
        add_runs(opened)
        opened.prune()
        opened.close()


def begin_at_once(path: Path) -> None:
    other = sqlite3.connect(path, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
    finally:
        other.close()


def test_a_write_holds_the_lock_from_its_start_and_a_read_does_not(
    database: Database, tmp_path: Path
) -> None:
    with database.read():
        begin_at_once(tmp_path / "alcore.db")
    with database.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_at_once(tmp_path / "alcore.db")


def test_an_exception_undoes_a_write(store: Store) -> None:
    experiment = add_runs(store)
    with suppress(RuntimeError), store._database.write() as connection:
        connection.execute(sa.text("UPDATE experiments SET title = 'changed'"))
        raise RuntimeError
    assert store.experiment(experiment).title == "title"


def test_a_read_sees_one_moment(store: Store) -> None:
    count = sa.text("SELECT count(*) FROM runs")
    with store._database.read() as connection:
        assert connection.scalar(count) == 0
        writer = Thread(target=add_runs, args=(store,))
        writer.start()
        writer.join(timeout=0.2)  # a rollback journal lets it commit when we have read
        assert connection.scalar(count) == 0
    writer.join()
    assert len(store.runs()) == 1


def test_connections_that_the_server_cut_are_replaced(server: str, postgresql_store: Store) -> None:
    postgresql_store.runs()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    postgres.execute(server, cut)
    assert postgresql_store.runs() == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("alcore.db", "'alcore.db' is not the URL of a store; write sqlite:///"),
        ("nonsense://user:secret@host/x", "is not the URL of a store"),
        ("postgresql://user:secret@host:port/x", "is not the URL of a store"),
        ("mysql://user:secret@host/x", "a store cannot be in"),
        ("sqlite+aiosqlite:///a.db", "a store cannot be in"),
        ("postgresql+nonsense://user:secret@host/x", "is not the URL of a store"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////no/such/folder/a.db", "the folder /no/such/folder .* does not exist"),
        ("postgresql://user:secret@host/x", "needs ALCORE_FILES"),
    ],
)
def test_a_wrong_url_is_one_sentence_without_password(url: str, sentence: str) -> None:
    with pytest.raises(AlcoreError, match=sentence) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_driver_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCORE_FILES", str(tmp_path))
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(AlcoreError, match=r"needs psycopg .*pip install 'alcore\[postgresql\]'"):
        open_store("postgresql://host/x")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("remember the milk " * 100)
    with pytest.raises(AlcoreError, match=r"notes\.db cannot be used: file is not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "remember the milk " * 100


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(AlcoreError, match="cannot be used: unable to open database file"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(AlcoreError, match="holds tables of another program"):
        open_store(f"sqlite:///{tmp_path / 'other.db'}")
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]
    other.close()


def test_a_newer_store_is_refused(store: Store) -> None:
    with store._database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AlcoreError, match="made by a newer alcore .*9999"):
        open_store(store.url)


def test_a_folder_for_files_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "alcore-files").write_text("in the way")
    with pytest.raises(AlcoreError, match="alcore-files for the store cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'alcore.db'}")


def test_a_database_that_breaks_while_open_is_one_sentence(
    sqlite_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "alcore.db").write_bytes(b"x" * 100_000)
    with pytest.raises(AlcoreError, match=r"alcore\.db cannot be used"):
        sqlite_store.experiments()


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCORE_STORE", f"sqlite:///{tmp_path / 'mine.db'}")
    opened = open_store()
    assert opened.url == f"sqlite:///{tmp_path / 'mine.db'}"
    assert opened.folder == tmp_path / "mine-files"
    opened.close()


def test_without_a_name_it_is_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "50 % off?" / "data"
    monkeypatch.delenv("ALCORE_STORE")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_args, **_options: home)
    open_store().close()
    assert (home / "alcore.db").is_file()
    assert (home / "alcore-files").is_dir()


def test_a_relative_url_stays_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened = open_store("sqlite:///a.db")
    monkeypatch.chdir("/")
    add_runs(opened)
    again = open_store(opened.url)
    assert len(again.runs()) == 1
    opened.close()
    again.close()


def test_a_current_store_opens_without_alembic(store: Store) -> None:
    code = (
        "import sys; from alcore.store import open_store; open_store(sys.argv[1]).runs();"
        "print(*{'alembic', 'pandas', 'scipy', 'sklearn', 'streamlit'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, store.url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
