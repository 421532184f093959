"""Keeping the notes that native libraries write at import away from people."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alcore.errors import AlcoreError


@contextmanager
def native_noise_to(log: Path) -> Iterator[None]:
    """Send what is written to file descriptor 2 to a log; Python's own stderr stays visible.

    TensorFlow writes there before any of its settings is read. The descriptor belongs to the
    whole process, so this is for processes that run experiments, not for a server.

    Raises:
        AlcoreError: The log cannot be written.
    """
    try:
        file = open(log, "ab")  # noqa: SIM115 -- closed below; only its opening may fail
    except OSError as error:
        raise AlcoreError(f"cannot write {log}: {error.strerror}") from error
    python = sys.stderr
    terminal = os.dup(2)
    with file, open(terminal, "w", encoding="utf-8", buffering=1) as visible:
        os.dup2(file.fileno(), 2)
        sys.stderr = visible
        try:
            yield
        finally:
            visible.flush()
            os.dup2(terminal, 2)
            sys.stderr = python
