"""A backup is a store: whole, although others write, and never over something else."""

import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from alcore.errors import AlcoreError, UsageError
from alcore.store import RunState, Store, open_store
from store.examples import assert_same_arrays
from store.whole import add_whole_run


def opened(path: Path) -> Store:
    return open_store(f"sqlite:///{path}")


def test_a_backup_opens_as_a_store_with_the_same_content(
    sqlite_store: Store, tmp_path: Path
) -> None:
    add_whole_run(sqlite_store)
    (sqlite_store.folder / "runs" / "1" / "torn").write_bytes(b"")
    sqlite_store.backup(tmp_path / "copy.db")
    with closing(opened(tmp_path / "copy.db")) as copy:
        assert copy.check(timedelta(0)) == []
        assert copy.runs() == sqlite_store.runs()
        assert copy.rounds(1) == sqlite_store.rounds(1)
        assert copy.label_events(1) == sqlite_store.label_events(1)
        assert copy.dataset_ids(1) == sqlite_store.dataset_ids(1)
        assert copy.thumbnail(1, 20) == b"\x89PNG of sample 20"
        for number in range(2):
            assert_same_arrays(copy.round_arrays(1, number), sqlite_store.round_arrays(1, number))
    left = {path.name for path in tmp_path.iterdir()} - {"alcore.db-journal", "copy.db-journal"}
    assert left == {"alcore.db", "alcore-files", "copy.db", "copy-files"}


@pytest.mark.parametrize("name", ["copy.db", "copy-files", "copy.db.part"])
def test_what_exists_is_never_overwritten(sqlite_store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(AlcoreError, match=f"{name} (exists|cannot be made)"):
        sqlite_store.backup(tmp_path / "copy.db")
    assert (tmp_path / name).read_text() == "mine"


def test_a_missing_folder_is_named(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no does not exist; make it or name another"):
        sqlite_store.backup(tmp_path / "no" / "copy.db")


def test_a_damaged_store_is_not_copied(sqlite_store: Store, tmp_path: Path) -> None:
    add_whole_run(sqlite_store)
    path = sqlite_store.folder / "runs" / "1" / "round-0000.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(AlcoreError, match=r"round-0000\.npz is damaged or missing; see `alcore"):
        sqlite_store.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_full_disk_leaves_nothing(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    add_whole_run(sqlite_store)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(AlcoreError, match=r"copy\.db cannot be written: No space left on device"):
        sqlite_store.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


@pytest.fixture
def before_copying(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], None]], None]:
    """Let something happen just before a file is copied."""
    copy = shutil.copyfile

    def at(name: str, act: Callable[[], None]) -> None:
        actions = [act]

        def copyfile(source: Path, target: Path) -> None:
            if source.name == name and actions:
                actions.pop()()
            copy(source, target)

        monkeypatch.setattr(shutil, "copyfile", copyfile)

    return at


def test_a_run_that_is_deleted_meanwhile_is_not_in_the_copy(
    sqlite_store: Store,
    tmp_path: Path,
    before_copying: Callable[[str, Callable[[], None]], None],
) -> None:
    add_whole_run(sqlite_store)
    run = sqlite_store.run(1)
    sqlite_store.finish(1, RunState.DONE, token=run.token)
    before_copying("round-0001.npz", lambda: sqlite_store.delete_run(1))
    sqlite_store.backup(tmp_path / "copy.db")
    with closing(opened(tmp_path / "copy.db")) as copy:
        assert copy.runs() == []
        assert copy.check(timedelta(0)) == []


def test_a_worker_may_go_on(sqlite_store: Store, tmp_path: Path) -> None:
    """Each round removes files of the one before."""
    add_round = add_whole_run(sqlite_store)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set() and len(sqlite_store.rounds(1)) < 8:
            add_round()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for i in range(4):
            sqlite_store.backup(tmp_path / f"copy{i}.db")
    finally:
        stop.set()
        worker.join()
    for i in range(4):
        with closing(opened(tmp_path / f"copy{i}.db")) as copy:
            assert copy.check(timedelta(0)) == []
            rounds = copy.rounds(1)
            assert rounds == sqlite_store.rounds(1)[: len(rounds)]
            assert len(copy.round_arrays(1, len(rounds) - 1).pool) == 20


def test_postgresql_has_its_own_tools(store: Store, tmp_path: Path) -> None:
    if store._database.path is None:
        with pytest.raises(UsageError, match=r"pg_dump and then a copy of .*-files; `alcore"):
            store.backup(tmp_path / "copy.db")
