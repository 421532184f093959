"""The wheel, installed in an environment of its own and used outside the checkout.

Installing TensorFlow and Streamlit once more would take minutes. So the new environment holds
alcore alone, as built, and finds its dependencies in the environment of the tests, through a
.pth file. That their locked versions install from nothing is what `make test` itself shows.
"""

import os
import socket
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    where = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    purelib = Path(subprocess.check_output(where, text=True).strip())
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


def run(command: Path, *arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [command, *arguments],
        cwd=folder, env=outside(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def outside() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_site_packages_get_only_names_that_begin_with_alcore(wheel: Path) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert names >= {"alcore", "alcore_dashboard", "alcore_digits", "alcore_uncertainty"}
    assert all(name.startswith("alcore") for name in names), names


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    parents = (CHECKOUT, CHECKOUT / "plugins", CHECKOUT / "dashboard")
    expected = {
        path.relative_to(parent).as_posix()
        for parent in parents
        for path in parent.glob("alcore*/**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    "name",
    [
        "alcore/py.typed",
        "alcore_uncertainty/py.typed",
        "alcore_digits/py.typed",
        "alcore/store/migrations/env.py",
        "alcore_dashboard/.streamlit/config.toml",
        "alcore_dashboard/screenshot.png",
    ],
)
def test_the_wheel_has(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_the_sdist_has_the_tests(distributions: Path) -> None:
    with tarfile.open(next(distributions.glob("alcore-*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/test_wheel.py"} <= names


def test_alcore_comes_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    code = "import alcore, alcore_digits; print(alcore.__file__, alcore_digits.__file__)"
    files = run(environment / "python", "-c", code, folder=tmp_path).split()
    assert all(Path(file).is_relative_to(environment.parent) for file in files), files


def test_version_and_plugins_from_another_folder(environment: Path, tmp_path: Path) -> None:
    assert "0.1.0" in run(environment / "alcore", "--version", folder=tmp_path)
    plugins = run(environment / "alcore", "plugins", folder=tmp_path)
    assert "uncertainty" in plugins
    assert "digits" in plugins


def test_the_dashboard_from_another_folder(environment: Path, tmp_path: Path) -> None:
    command = [environment / "alcore", "dashboard", "--port", str(free_port())]
    with subprocess.Popen(
        command, cwd=tmp_path, env=outside(), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        server.terminate()
    assert "http://127.0.0.1:" in line, line
    assert server.returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
