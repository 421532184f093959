"""The lock files fit pyproject.toml: `make lock` was not forgotten."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).parents[1]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUNTIME = [*PROJECT["dependencies"], *EXTRAS["tensorflow"], *EXTRAS["dashboard"]]


def locked(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (CHECKOUT / file).read_text(), re.MULTILINE))


def unmet(requirements: list[str], versions: dict[str, str]) -> list[str]:
    return [text for text in requirements if not is_met(Requirement(text), versions)]


def is_met(wanted: Requirement, versions: dict[str, str]) -> bool:
    version = versions.get(wanted.name.replace("_", "-").lower())
    return version is not None and wanted.specifier.contains(version)


def test_the_runtime_lock_meets_every_requirement() -> None:
    assert unmet(RUNTIME, locked("requirements.lock")) == []


def test_both_locks_meet_the_requirements_of_the_tests() -> None:
    both = locked("requirements.lock") | locked("requirements-dev.lock")
    assert unmet(EXTRAS["dev"], both) == []


def test_a_requirement_outside_the_lock_is_seen() -> None:
    assert unmet(["numpy>=999", "nowhere"], {"numpy": "2.4"}) == ["numpy>=999", "nowhere"]


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes_and_no_address(file: str) -> None:
    text = (CHECKOUT / file).read_text()
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    packages = [entry for entry in entries if "==" in entry]
    assert len(packages) == len(locked(file)) > 0
    assert all("--hash=sha256:" in entry for entry in packages)
    assert "://" not in text
