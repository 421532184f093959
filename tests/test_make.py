"""The Makefile's installation, with stand-ins for Python and pip that write down their calls."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]

# Called as Python it answers all questions with yes; `-m venv` puts a copy of it into .venv/bin
# under the names that the Makefile calls. It fails at pip while a file `offline` exists.
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> calls
case "$*" in
    --version) echo Python 3.12.1 ;;
    *venv\\ --clear*)
        rm -rf .venv
        mkdir -p .venv/bin
        cp "$0" .venv/bin/python
        cp "$0" .venv/bin/alcore ;;
    *pip*) test ! -e offline ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(CHECKOUT / name, tmp_path)
    return tmp_path


def make(
    checkout: Path, *arguments: str, python: str = STAND_IN
) -> "subprocess.CompletedProcess[str]":
    stand_in = checkout / "python-stand-in"
    stand_in.write_text(python)
    stand_in.chmod(0o755)
    command = ["make", f"PYTHON=./{stand_in.name}", *arguments]
    # Also when these tests were started by make: it hands its own state down.
    environment = {name: v for name, v in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def calls(checkout: Path) -> list[str]:
    """What was called since the last time one looked."""
    lines = (checkout / "calls").read_text().splitlines()
    (checkout / "calls").unlink()
    return lines


def test_demo_installs_the_lock_then_runs(checkout: Path) -> None:
    assert make(checkout, "demo", "PORT=8600").returncode == 0
    installs = [line for line in calls(checkout) if "install" in line or line.startswith("alcore")]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--editable ." in installs[1]
    assert installs[2:] == ["alcore demo --port 8600"]


def test_a_second_demo_installs_nothing(checkout: Path) -> None:
    make(checkout, "demo")
    calls(checkout)
    make(checkout, "demo")
    assert calls(checkout) == ["alcore demo"]


def test_an_interrupted_installation_is_repeated(checkout: Path) -> None:
    (checkout / "offline").touch()
    assert make(checkout, "demo").returncode != 0
    assert not any(line.startswith("alcore") for line in calls(checkout))
    (checkout / "offline").unlink()
    assert make(checkout, "demo").returncode == 0
    assert any("requirements.lock" in line for line in calls(checkout))


def test_a_changed_lock_is_installed(checkout: Path) -> None:
    make(checkout, "demo")
    calls(checkout)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("\n")
    make(checkout, "demo")
    assert any("requirements.lock" in line for line in calls(checkout))


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (
            "#!/bin/sh\necho Python 3.10.4\nexit 1",
            'needs Python 3.11, 3.12 or 3.13, but ./python-stand-in is "Python 3.10.4"',
        ),
        ('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac', "has no venv module; install it"),
    ],
)  # fmt: skip
def test_an_unfit_python_gets_one_sentence(checkout: Path, python: str, sentence: str) -> None:
    done = make(checkout, "demo", python=python)
    assert done.returncode != 0
    first, *rest = done.stderr.splitlines()
    assert sentence in first
    assert all(line.startswith("make: ***") for line in rest)
    assert not (checkout / ".venv").exists()


def test_help_names_every_target(checkout: Path) -> None:
    listed = {line.split()[1] for line in make(checkout, "help").stdout.splitlines()}
    assert {"demo", "test", "bench", "lock", "clean", "help"} <= listed
