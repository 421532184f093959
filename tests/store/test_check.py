"""Damage of every kind is found, named, and repaired where that is possible."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alcore.store import Store
from alcore.store.check import Finding
from store.whole import add_whole_run

AT_ONCE = timedelta(0)


@pytest.fixture
def whole(store: Store) -> Store:
    """A store with one run of two rounds; 20 labels, then 5 more."""
    add_whole_run(store)
    return store


def files(store: Store, pattern: str) -> Path:
    (path,) = store.folder.glob(pattern)
    return path


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    assert "\n" not in finding.sentence
    return finding


def test_all_is_well(whole: Store) -> None:
    assert whole.check(AT_ONCE) == []


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
def test_a_damaged_round_is_named_and_not_forgotten(
    whole: Store, damage: Callable[[Path], None]
) -> None:
    path = files(whole, "runs/*/round-0000.npz")
    damage(path)
    finding = only(whole.check())
    assert (finding.kind, finding.run_id, finding.round, finding.path) == ("array", 1, 0, path)
    assert finding.damage and finding.array == "round"
    assert "plays the run again" in finding.sentence
    whole.repair([finding])
    assert whole.check() == [finding]


@pytest.mark.parametrize("name", ["pool", "probabilities"])
@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
def test_what_only_pages_show_is_forgotten(
    whole: Store, damage: Callable[[Path], None], name: str
) -> None:
    damage(files(whole, f"runs/*/round-0001-{name}.npy"))
    finding = only(whole.check())
    assert (finding.round, finding.repairable) == (1, True)
    whole.repair([finding])
    assert whole.check(AT_ONCE) == []
    kept = whole.round_arrays(1, 1)
    assert kept.pool.shape == (0,) and kept.probabilities.shape == (0, 3)
    assert len(kept.picks) == 5


def test_leftovers_are_no_damage_and_swept(whole: Store) -> None:
    for name in ("tmp-killed/round-0002.npz", "runs/1/round-0002.npz", "runs/77/round-0000.npz"):
        path = whole.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert whole.check() == []  # somebody may be writing them
    found = whole.check(AT_ONCE)
    assert len(found) == 3
    assert all(f.kind == "leftover" and f.repairable and not f.damage for f in found)
    whole.repair(found, AT_ONCE)
    assert whole.check(AT_ONCE) == []
    assert not (whole.folder / "tmp-killed").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ids.json", b'["a", "b"]', "2 different ids instead of 60"),
        ("ids.json", b'["a", ', "ids.json of the store is damaged"),
        ("labels.npy", b"\x93NUMPY", "labels.npy of the store is damaged"),
        ("labels.npy", None, "labels.npy of the store is damaged or missing: No such file"),
    ],
)
def test_files_of_datasets(whole: Store, name: str, content: bytes | None, sentence: str) -> None:
    path = files(whole, f"datasets/*/{name}")
    path.unlink() if content is None else path.write_bytes(content)
    finding = only(whole.check())
    assert finding.kind == "dataset" and sentence in finding.sentence


def delete(store: Store, statement: str) -> None:
    """As a hand with an SQL shell would: without triggers and foreign keys."""
    with store._database.write() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER label_events_delete")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("statement", "sentences"),
    [
        (
            "DELETE FROM label_events WHERE id = (SELECT max(id) FROM label_events)",
            ["round 1 of run 1 led to a batch of 5 labels, but 4 are there"],
        ),
        (
            "DELETE FROM label_events WHERE id = (SELECT min(id) FROM label_events)",
            [
                "round 0 of run 1 learnt from 20 labels, but 19 are there",
                "round 1 of run 1 learnt from 25 labels, but 24 are there",
            ],
        ),
        (
            "DELETE FROM arrays WHERE kind = 'round' AND round = 0",
            ["round 0 of run 1 has no arrays"],
        ),
    ],
)
def test_rows_that_contradict_each_other(
    whole: Store, statement: str, sentences: list[str]
) -> None:
    delete(whole, statement)
    found = whole.check()
    assert [f.sentence.partition(";")[0] for f in found] == sentences
    assert all(f.damage and not f.repairable for f in found)


def test_a_lost_round_and_rows_that_name_it(whole: Store) -> None:
    if whole._database.path:
        with closing(sqlite3.connect(whole._database.path)) as connection:  # no foreign keys
            connection.execute("DELETE FROM rounds WHERE number = 0")
            connection.commit()
    else:
        delete(whole, "DELETE FROM rounds WHERE number = 0")
    sentences = [f.sentence for f in whole.check()]
    assert sentences[0].startswith("1 rows of arrays name rounds that are not there")
    assert sentences[1].startswith("round 0 of run 1 is missing")


def test_a_damaged_page_of_the_database_is_told(sqlite_store: Store, tmp_path: Path) -> None:
    add_whole_run(sqlite_store)
    path, query = tmp_path / "alcore.db", "SELECT rootpage FROM sqlite_master WHERE name = ?"
    with closing(sqlite3.connect(path)) as connection:
        ((page,),) = connection.execute(query, ["label_events"]).fetchall()
    sqlite_store.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    found = sqlite_store.check()
    assert {f.kind for f in found} >= {"database"}
    assert all("restore" in f.sentence and "\n" not in f.sentence for f in found)


def test_a_round_that_comes_during_the_check_is_no_damage(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It removes pool and probabilities of the one before, whose rows have been read."""
    from alcore.store import files as file_module

    commit = add_whole_run(store, rounds=1)
    reading = file_module.reading

    def slow(*arguments: object) -> object:
        nonlocal commit
        if commit:
            commit, now = None, commit
            now()
        return reading(*arguments)

    monkeypatch.setattr(file_module, "reading", slow)
    assert store.check() == []
    assert commit is None and len(store.rounds(1)) == 2
