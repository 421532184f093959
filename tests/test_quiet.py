"""Native noise goes to the log, Python's own words stay on the terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from alcore.cli.quiet import native_noise_to
from alcore.errors import AlcoreError

PROGRAM = """
import os, sys
from pathlib import Path
from alcore.cli.quiet import native_noise_to
print("before", file=sys.stderr)
with native_noise_to(Path(sys.argv[1])):
    os.write(2, b"noise of a library\\n")
    print("during", file=sys.stderr)
os.write(2, b"after\\n")
"""


def test_only_the_noise_is_moved(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", PROGRAM, str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.split() == ["before", "during", "after"]
    assert log.read_text() == "noise of a library\n"


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(AlcoreError, match="cannot write .*log: No such file"):  # noqa: SIM117
        with native_noise_to(tmp_path / "nowhere" / "log"):
            pass
