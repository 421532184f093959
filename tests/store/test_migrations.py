"""The way to today's tables."""

import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from alcore.store import RunState, Store, open_store
from alcore.store.connect import HEAD
from alcore.store.schema import metadata
from store.examples import add_runs

OPEN_TOGETHER = """
import sys, time, pathlib
import alembic.command
from alcore.store import open_store
here, url, number = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
upgrade = alembic.command.upgrade
def counted(*arguments):
    (here / f"migrated-{number}").touch()
    upgrade(*arguments)
alembic.command.upgrade = counted
(here / f"ready-{number}").touch()
while len(list(here.glob("ready-*"))) < 3:
    time.sleep(0.001)
print(len(open_store(url).runs()))
"""
SMALL_FILES = """
import resource, sys
from alcore.store import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
open_store(sys.argv[1])
"""
PREVIOUS = Path(__file__).parent / "data" / "store-0003.zip"
"""Made by alcore with schema 0003: a finished run of digits in two rounds of 20 labels by smallest
margin, a run that was killed at work, one that failed and one that waits."""


@pytest.fixture
def previous_url(tmp_path: Path) -> str:
    zipfile.ZipFile(PREVIOUS).extractall(tmp_path)
    return f"sqlite:///{tmp_path / 'alcore.db'}"


@pytest.fixture
def previous(previous_url: str) -> Iterator[Store]:
    with closing(open_store(previous_url)) as opened:
        yield opened


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "alcore.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_migrations_lead_to_the_tables_of_the_schema(store: Store) -> None:
    with store._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        made = {(index["name"], *index["column_names"]) for index in indices(connection)}
    wanted = {
        (index.name, *index.columns.keys()) for t in metadata.tables.values() for index in t.indexes
    }
    assert made == wanted


def indices(connection: sa.Connection) -> list[sa.engine.interfaces.ReflectedIndex]:
    inspector = sa.inspect(connection)
    found = [index for name in metadata.tables for index in inspector.get_indexes(name)]
    return [index for index in found if "duplicates_constraint" not in index]


@pytest.mark.parametrize(("name", "runs"), [("new", 0), ("alcore", 4)])
@pytest.mark.usefixtures("previous_url")
def test_processes_that_open_at_once_migrate_once(tmp_path: Path, name: str, runs: int) -> None:
    arguments = [str(tmp_path), f"sqlite:///{tmp_path / name}.db"]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_TOGETHER, *arguments, str(i)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for i in range(3)
    ]
    outputs = [process.communicate() for process in started]
    assert [(out.decode().strip(), error) for out, error in outputs] == [(str(runs), b"")] * 3
    assert len(list(tmp_path.glob("migrated-*"))) == 1


def test_a_migration_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade

    def broken(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise RuntimeError("no power")

    url = f"sqlite:///{tmp_path / 'a.db'}"
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", broken)
        with pytest.raises(RuntimeError, match="no power"):
            open_store(url)
    engine = sa.create_engine(url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    opened = open_store(url)
    assert opened.experiments() == []
    opened.close()


@pytest.fixture
def old_url(tmp_path: Path) -> str:
    """A store as version 0001 made it, with an experiment in it."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    config = Config()
    config.set_main_option("script_location", "alcore.store:migrations")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO experiments (title, config, created_at)"
            " VALUES ('old', 'seeds = 1', '2026-01-02 03:04:05')"
        )
    engine.dispose()
    return url


def test_a_store_of_the_first_version_opens_and_takes_what_is_new(old_url: str) -> None:
    opened = open_store(old_url)
    (record,) = opened.experiments()
    assert (record.title, record.config, record.created_at.year) == ("old", "seeds = 1", 2026)
    assert record.settings == {}
    opened.set_experiment_settings(record.id, {"seconds": 4})
    add_runs(opened)
    opened.close()
    again = open_store(old_url)
    assert [one.settings for one in again.experiments()] == [{}, {"seconds": 4}]
    with again._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    again.close()


def test_a_store_of_the_previous_version_is_read_whole(previous: Store) -> None:
    killed, done = previous.experiments()
    assert (done.title, done.settings) == ("Two rounds of digits", {"seconds_per_label": 4.0})
    states = [run.state for run in previous.runs()]
    assert states == [RunState.DONE, RunState.RUNNING, RunState.FAILED, RunState.QUEUED]
    (finished,), _ = previous.list_runs(states=(RunState.DONE,))
    assert (finished.best_accuracy, finished.n_labelled) == (0.824, 40)
    assert [(r.n_labelled, r.test.accuracy) for r in previous.rounds(1)] == [
        (20, 0.578),
        (40, 0.824),
    ]
    assert sorted(e.position for e in previous.labels(1) if e.source == "oracle") == sorted(
        previous.round_arrays(1, 0).picks
    )
    assert len(previous.labels(1)) == 40
    assert previous.round_arrays(1, 1).probabilities.shape == (1057, 10)
    assert len(previous.dataset_ids(1)) == len(previous.dataset_labels(1)) == 1797
    assert previous.thumbnail(1, int(previous.round_arrays(1, 0).picks[0]))[:4] == b"\x89PNG"
    assert previous.check() == []
    assert killed.title == "Killed while running"


def test_a_run_that_an_older_alcore_left_running_is_taken_up_again(previous: Store) -> None:
    previous.expire_leases()
    taken = previous.claim_run(process="new")
    assert taken is not None and taken.id == 2


def test_the_store_as_it_was_is_kept_beside(previous: Store, tmp_path: Path) -> None:
    kept = tmp_path / f"alcore-before-{HEAD}.db"
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0003",)
        ]
        assert connection.execute("SELECT count(*) FROM label_events").fetchall() == [(40,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    before = kept.stat()
    open_store(previous.url).close()
    assert kept.stat() == before


def test_a_new_store_and_one_of_today_are_not_copied(store: Store, tmp_path: Path) -> None:
    open_store(store.url).close()
    assert not list(tmp_path.glob("*-before-*"))


def test_without_room_for_the_copy_nothing_is_migrated(previous_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SMALL_FILES, previous_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert f"the copy {tmp_path}/alcore-before-{HEAD}.db cannot be written" in done.stderr
    assert "nothing was changed: free 1 MB" in done.stderr
    assert {path.name for path in tmp_path.glob("*.db*")} <= {"alcore.db", "alcore.db-journal"}
    with closing(sqlite3.connect(tmp_path / "alcore.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0003",)
        ]
