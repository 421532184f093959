"""What starting up imports, seen from a fresh Python."""

import subprocess
import sys

import pytest

FRAMEWORKS = {"keras", "pandas", "scipy", "sklearn", "streamlit", "tensorflow"}
PROBE = """
import sys
{code}
print(*{{name.partition(".")[0] for name in sys.modules}}, file=sys.__stderr__)
"""


def modules_after(code: str) -> set[str]:
    """Top-level modules that are loaded after the code has run."""
    command = [sys.executable, "-W", "error", "-c", PROBE.format(code=code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_the_probe_sees_what_is_loaded() -> None:
    assert "pandas" in modules_after("import pandas")


def test_import_alcore_loads_numpy_and_pluggy_only() -> None:
    added = modules_after("import alcore") - modules_after("import numpy.random, pluggy")
    assert {name for name in added if name not in sys.stdlib_module_names} == {"alcore"}


@pytest.mark.parametrize("arguments", [["plugins"], ["plugins", "--json"], ["--help"]])
def test_listing_loads_no_framework(arguments: list[str]) -> None:
    code = f"from alcore.cli import cli\ncli.main({arguments!r}, standalone_mode=False)"
    assert modules_after(code).isdisjoint(FRAMEWORKS)


def test_the_dashboard_starts_without_tensorflow() -> None:
    assert modules_after("import alcore_dashboard.server").isdisjoint({"keras", "tensorflow"})
