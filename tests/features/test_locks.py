"""What may go, and what is at work."""

import os
import time
from pathlib import Path

from alcore.features.locks import locked, prune

ALL = float("inf")


def place(folder: Path) -> Path:
    """A folder of features with a leftover of two hours ago and one of now."""
    made = folder / "key"
    with locked(made, waiting=lambda: None):
        for name in ("tmp-old", "tmp-new"):
            (made / name).mkdir()
        (made / "shard-0000-x.npy").write_bytes(b"rows")
    two_hours_ago = time.time() - 7200
    os.utime(made / "tmp-old", (two_hours_ago, two_hours_ago))
    return made


def test_old_leftovers_go_and_features_stay(tmp_path: Path) -> None:
    made = place(tmp_path)
    prune(tmp_path, everything=False, oldest=time.time() - 3600)
    assert sorted(path.name for path in made.iterdir()) == ["shard-0000-x.npy", "tmp-new"]


def test_everything_goes_but_what_is_not_ours(tmp_path: Path) -> None:
    made = place(tmp_path)
    (tmp_path / "mine").mkdir()
    prune(tmp_path, everything=True, oldest=0)
    assert not made.exists() and (tmp_path / "mine").exists()


def test_a_live_computation_is_left_alone(tmp_path: Path) -> None:
    made = place(tmp_path)
    with locked(made, waiting=lambda: None):
        prune(tmp_path, everything=True, oldest=ALL)
        assert len(list(made.iterdir())) == 3
    prune(tmp_path, everything=True, oldest=ALL)
    assert not made.exists()
    prune(tmp_path, everything=True, oldest=ALL)


def test_without_features_there_is_nothing_to_do(tmp_path: Path) -> None:
    prune(tmp_path / "none", everything=True, oldest=ALL)
    assert list(tmp_path.iterdir()) == []
