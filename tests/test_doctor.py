"""`alcore doctor` tells what is, what it thinks of it, and never fails itself."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from alcore.cli import cli
from alcore.store import open_store
from alcore.store.connect import HEAD, journal_mode
from alcore.worker import Worker
from store.examples import add_runs

HEAVY = """
import sys
from alcore.cli import cli
cli.main(["doctor"], standalone_mode=False)
heavy = {"tensorflow", "streamlit", "pandas", "sklearn", "alembic"}
print(*heavy & set(sys.modules), file=sys.stderr)
"""


def doctor() -> dict[str, dict[str, str]]:
    """Its facts by name; the exit code says whether one is bad."""
    done = CliRunner().invoke(cli, ["doctor", "--json"], standalone_mode=False)
    assert done.exception is None
    facts = json.loads(done.output)
    assert done.return_value == int("bad" in {fact["verdict"] for fact in facts})
    assert all("\n" not in fact["value"] for fact in facts)
    return {fact["name"]: fact for fact in facts}


def test_a_sound_installation(tmp_path: Path) -> None:
    open_store().close()
    facts = doctor()
    assert {fact["verdict"] for fact in facts.values()} <= {"ok", "look"}
    assert facts["store"]["value"] == f"sqlite:///{tmp_path / 'alcore.db'}"
    assert f"{tmp_path / 'alcore-files'}, " in facts["files"]["value"]
    assert facts["schema"]["value"] == HEAD
    mode = journal_mode(sqlite3.sqlite_version_info).upper()
    assert facts["SQLite"]["value"].startswith(f"{sqlite3.sqlite_version}, {mode} and")
    assert facts["SQLAlchemy"]["value"] == metadata.version("sqlalchemy")
    assert "uncertainty" in facts["plugins"]["value"]
    assert facts["worker"]["value"] == "none, and no run waits"


def test_it_loads_nothing_heavy_and_prints_lines() -> None:
    open_store().close()
    command = [sys.executable, "-c", HEAVY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
    assert "\nok   schema      " in done.stdout


def test_it_makes_and_changes_nothing(tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    assert "no store there yet" in doctor()["schema"]["value"]
    assert set(tmp_path.iterdir()) == before


def test_runs_that_wait_without_a_worker_and_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    add_runs(store)
    fact = doctor()["worker"]
    assert (fact["verdict"], fact["value"]) == ("look", "none, but runs wait")
    seen: list[str] = []
    monkeypatch.setattr(Worker, "_start_waiting", lambda *_: None)

    def look() -> None:
        if (store.folder / "locks").exists() and len(seen) < 2:
            seen.append(doctor()["worker"]["value"])
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Worker(store=store, check=look).work(once=False)
    assert seen[-1] == f"alive, process {os.getpid()}"
    store.close()


@pytest.mark.parametrize(
    ("version", "verdict", "sentence"),
    [("0001", "look", f"brings it to {HEAD}"), ("9999", "bad", "install the alcore that made it")],
)
def test_other_schemas(version: str, verdict: str, sentence: str) -> None:
    store = open_store()
    with store._database.write() as connection:
        statement = sa.text("UPDATE alembic_version SET version_num = :version")
        connection.execute(statement, {"version": version})
    store.close()
    fact = doctor()["schema"]
    assert fact["verdict"] == verdict and sentence in fact["todo"]


def test_a_broken_store_is_told_and_the_rest_too(tmp_path: Path) -> None:
    (tmp_path / "alcore.db").write_bytes(b"torn" * 2000)
    facts = doctor()
    assert "file is not a database" in facts["store"]["value"]
    assert "restore a backup" in facts["store"]["todo"]
    assert facts["plugins"]["verdict"] == "ok"


def test_a_store_that_cannot_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCORE_STORE", "mysql://user:secret@host/x")
    fact = doctor()["store"]
    assert fact["verdict"] == "bad" and "secret" not in fact["value"]


@pytest.mark.parametrize(("free", "verdict"), [(10**7, "bad"), (10**9, "look"), (10**10, "ok")])
def test_room_on_the_disk(free: int, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")(free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert doctor()["files"]["verdict"] == verdict


def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "TensorFlow":
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(sys.modules["alcore.cli.doctor"], "version", version)
    assert doctor()["TensorFlow"]["todo"] == "for it: pip install 'alcore[tensorflow]'"


def test_a_plugin_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torn.py").write_text("raise ValueError('out of order')")
    info = tmp_path / "torn-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: torn\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[alcore]\ntorn = torn\n")
    monkeypatch.syspath_prepend(tmp_path)
    fact = doctor()["plugins"]
    assert fact["verdict"] == "bad"
    assert fact["value"] == "torn: ValueError: out of order"
    assert "pip uninstall torn" in fact["todo"]
