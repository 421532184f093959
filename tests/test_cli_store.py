"""`alcore store`: what it prints, its exit codes, and that what is deleted is gone."""

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from alcore.cli import cli
from alcore.store import RunState, Store, open_store
from store.examples import running
from store.whole import add_whole_run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The one of the environment, with a finished run."""
    with closing(open_store()) as opened:
        add_whole_run(opened)
        opened.finish(1, RunState.DONE, token=1)
        return opened


def alcore(*arguments: str, answer: str = "") -> tuple[object, str]:
    """What the command returns, or the error it ends with, and what it prints."""
    done = CliRunner().invoke(cli, ["store", *arguments], input=answer, standalone_mode=False)
    return done.return_value if done.exception is None else str(done.exception), done.output


def test_check_counts_and_repairs(store: Store) -> None:
    assert alcore("check") == (0, "all is well\n")
    for name in ("round-0000.npz", "round-0001-pool.npy"):
        (store.folder / "runs" / "1" / name).write_bytes(b"torn")
    code, printed = alcore("check")
    assert code == 1
    assert re.search(r"^array +round 0 of run 1: the file .*round-0000\.npz", printed, re.MULTILINE)
    assert printed.endswith("damages: 2, leftovers: 0\n")
    code, printed = alcore("check", "--repair")
    assert code == 1
    assert "repairing  round 1 of run 1: the file" in printed
    assert re.search("^failed     ", printed, re.MULTILINE)  # no experiment to play again
    assert printed.endswith("damages: 1, leftovers: 0\n")


def test_backup_says_how_to_open_it(store: Store, tmp_path: Path) -> None:
    code, printed = alcore("backup", str(tmp_path / "b.db"))
    assert code is None
    assert f"--store sqlite:///{tmp_path}/b.db" in printed
    assert alcore("--store", f"sqlite:///{tmp_path}/b.db", "check") == (0, "all is well\n")


def test_vacuum_says_what_it_gave_back(store: Store) -> None:
    printed = alcore("vacuum")[1]
    assert re.fullmatch(r"database  \d\.\d MB before, \d\.\d MB after\n", printed)


def test_delete_asks_and_refuses_a_run_at_work(store: Store) -> None:
    _, printed = alcore("delete", "1", answer="n\n")
    assert "delete run 1 (uncertainty/entropy, seed 0, done)?" in printed
    assert store.run(1).state is RunState.DONE
    at_work = running(store)
    assert alcore("delete", str(at_work), "--yes")[0] == (
        f"run {at_work} is at work; stop it, then delete it"
    )
    assert "run 77 does not exist" in str(alcore("delete", "77", "--yes")[0])


def test_what_is_deleted_is_in_no_file_any_more(store: Store, tmp_path: Path) -> None:
    """Labels and pictures too, of a dataset that no other run uses."""
    words = [b"PNG of sample 20", b"sample-20"]

    def found() -> list[bytes]:
        contents = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        return [word for word in words if any(word in content for content in contents)]

    assert found() == words
    assert alcore("delete", "1", "--yes")[1] == "deleted run 1\n"
    assert found() == []
    assert store.check(timedelta(0)) == []


def test_a_dataset_of_another_run_stays(store: Store) -> None:
    add_whole_run(store)
    alcore("delete", "1", "--yes")
    assert store.thumbnail(1, 20) == b"\x89PNG of sample 20"
    assert len(store.dataset_ids(1)) == 60
