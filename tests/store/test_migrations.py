"""The way to today's tables."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from alcore.store import Store, open_store
from alcore.store.connect import HEAD
from alcore.store.schema import metadata
from store.examples import add_runs

OPEN_TOGETHER = """
import sys, time, pathlib
import alembic.command
from alcore.store import open_store
here = pathlib.Path(sys.argv[1])
(here / f"ready-{sys.argv[2]}").touch()
while len(list(here.glob("ready-*"))) < 2:
    time.sleep(0.001)
open_store(f"sqlite:///{here / 'new.db'}").experiments()
"""


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
    return [index for name in metadata.tables for index in inspector.get_indexes(name)]


def test_processes_that_open_at_once_migrate_once(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_TOGETHER, str(tmp_path), str(i)], stderr=subprocess.PIPE
        )
        for i in range(2)
    ]
    failures = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0], failures


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
