"""What every test shares: a store of its own, the data for trying things, the built wheel."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

CHECKOUT = Path(__file__).parents[1]

# Two busy cores make single examples slow now and then; the time of a whole test is bounded.
hypothesis.settings.register_profile("alcore", deadline=None)
hypothesis.settings.load_profile("alcore")

# A shell that starts tests in the background lets them, and all they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _no_store_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALCORE_STORE", _url(tmp_path_factory.mktemp("session-store")))
        patch.delenv("ALCORE_FILES", raising=False)
        # No dataset that the user has prepared, no weights that the user has fetched.
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("TFDS_DATA_DIR", str(tmp_path_factory.mktemp("tfds")))
        yield


@pytest.fixture(autouse=True)
def _store_per_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCORE_STORE", _url(tmp_path))


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'alcore.db'}"


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of this checkout and the wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), "."]
    done = subprocess.run(build, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    return next(distributions.glob("alcore-*.whl"))
