"""A full disk ends a run with a sentence; with room again it goes on as if nothing had happened."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alcore.store import RunState, open_store
from test_resume import assert_equal, story
from workers import finished, queued, wait_until, worker


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:  # noqa: PLW1510
        pytest.skip("nobody may mount a small file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """A file that leaves this many bytes."""
    filler = folder / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(folder).free - leave))
    return filler


@pytest.mark.parametrize("leave", [0, 60_000])
def test_a_run_on_a_full_disk_fails_with_a_sentence_and_is_resumed(
    small_disk: Path, leave: int
) -> None:
    with closing(open_store(f"sqlite:///{small_disk}/alcore.db")) as store:
        queued(store)
        finished(worker(store))
        queued(store, seconds=0.02)
        cramped = worker(store, lease=3.0)
        wait_until(lambda: len(store.rounds(2)) >= 1)
        filler = fill(small_disk, leave)
        # With no room at all not even that the run has failed can be written down.
        wait_until(lambda: cramped.poll() is not None or _is_stuck(store.run(2).state))
        if cramped.poll() is None:
            cramped.kill()
        cramped.communicate()
        filler.unlink()
        wait_until(lambda: (store.expire_leases(), store.run(2).state)[1] is not RunState.RUNNING)
        run = store.run(2)
        if run.state is RunState.FAILED:
            assert any(
                w in str(run.error) for w in ("No space left", "disk is full", "is the disk full?")
            ), run.error
            store.resume_run(2)
        finished(worker(store))
        assert store.run(2).state is RunState.DONE
        assert_equal(story(store, 1), story(store, 2))
        assert [finding for finding in store.check() if finding.damage] == []


def _is_stuck(state: RunState) -> bool:
    return state in (RunState.FAILED, RunState.INTERRUPTED)
