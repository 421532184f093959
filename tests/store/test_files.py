"""Files that are written whole or not at all."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from alcore.errors import AlcoreError
from alcore.store.files import publish, staged


def test_a_published_file_replaces_a_leftover(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "1"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(b"left over from a crash")
    with staged(tmp_path, {"a": lambda file: file.write(b"new")}) as files:
        assert (files[0].bytes, files[0].sha256) == (3, hashlib.sha256(b"new").hexdigest())
        publish(files, folder)
    assert (folder / "a").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_a_file_that_is_not_published_is_removed(tmp_path: Path) -> None:
    with suppress(RuntimeError), staged(tmp_path, {"a": lambda file: file.write(b"new")}):
        assert len(list(tmp_path.rglob("a"))) == 1
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_is_one_sentence(tmp_path: Path) -> None:
    def disk_full(_file: BinaryIO) -> None:
        raise OSError(28, "No space left on device")

    with (
        pytest.raises(AlcoreError, match="cannot be written to .*: No space left"),
        staged(tmp_path, {"a": disk_full}),
    ):
        pytest.fail("there is nothing to publish")
    assert list(tmp_path.iterdir()) == []


def test_content_is_synced_before_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        steps.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append(f"name {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    with staged(tmp_path, {"a": lambda file: file.write(b"new")}) as files:
        publish(files, tmp_path / "runs" / "1")
    parents = [f"sync {tmp_path.name}", "sync runs"]
    assert steps == ["sync a", *parents, "name a", "sync 1"]
