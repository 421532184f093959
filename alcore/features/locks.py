"""Who computes, and what may go: one lock beside each folder of features."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from alcore.errors import AlcoreError

SECONDS_BETWEEN_LOOKS = 0.5


@contextmanager
def locked(place: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only process at work on a folder; a holder that dies lets go.

    Args:
        place: The folder; made when needed.
        waiting: Called again and again while another process is at work; may raise.

    Raises:
        AlcoreError: The folder cannot be made or locked.
    """
    lock = _lock(place)
    try:
        place.mkdir(parents=True, exist_ok=True)
        while not _taken(lock, SECONDS_BETWEEN_LOOKS):
            waiting()
    except OSError as error:
        raise AlcoreError(f"features cannot be kept in {place}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def prune(folder: Path, *, everything: bool, oldest: float) -> None:
    """Remove leftovers of killed computations, or all features; none of a live computation.

    Args:
        folder: Where the features lie.
        everything: Whether finished and half-finished features go too.
        oldest: Temporary files changed since are left alone, in seconds since 1970.
    """
    for lock_file in folder.glob("*.lock"):
        place = lock_file.with_suffix("")
        lock = _lock(place)
        if not _taken(lock, 0):
            continue
        try:
            left = [place] if everything else list(place.glob("tmp-*"))
            for path in left:
                if everything or path.stat().st_mtime < oldest:
                    shutil.rmtree(path, ignore_errors=True)
        finally:
            lock.release()


def _lock(place: Path) -> FileLock:
    return FileLock(f"{place}.lock")


def _taken(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    return True
