"""Checks as pytest tests, run by a pytest of its own as a plugin author would."""

import subprocess
import sys
from pathlib import Path

MINE = """
from alcore.testing import strategy_tests
from alcore import criterion

@criterion(direction="max")
def first_class(probabilities):
    return probabilities[:, 0].round(6)

test_mine = strategy_tests(first_class, expected={
    "check_order_of_the_classes": "the first class is the one looked for",
    "check_pool_is_blue": "a check that passes",
    "check_the_uncertain_one_is_chosen": "it is not about doubt",
})
"""


def pytest(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_each_check_is_a_test_and_some_may_fail(tmp_path: Path) -> None:
    known = MINE.replace("check_pool_is_blue", "check_ties_go_by_rank")
    (tmp_path / "test_mine.py").write_text(known)
    told = pytest(tmp_path)
    assert "PASSED test_mine.py::test_mine[check_seed_is_honoured]" in told
    order = "XFAIL test_mine.py::test_mine[check_order_of_the_classes]"
    assert f"{order} - the first class is the one looked for" in told
    assert "FAILED test_mine.py::test_mine[check_ties_go_by_rank]" in told
    assert told.count("FAILED test_mine.py") == 1


def test_a_check_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(MINE)
    assert "there is no 'check_pool_is_blue' to fail; the checks are" in pytest(tmp_path)


def test_an_installed_plugin_is_checked_without_a_test_file(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("1 / 0")
    plugin = ("-p", "alcore.testing.pytest_plugin", "--alcore")
    told = pytest(tmp_path, *plugin, "uncertainty/random")
    assert "PASSED uncertainty/random[check_seed_is_honoured]" in told
    assert "failed" not in told and "error" not in told
    assert "no plugin 'nobody' offers anything" in pytest(tmp_path, *plugin, "nobody")
