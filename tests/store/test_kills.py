"""Ten kills; tests/kills.py does two hundred."""

import sys

import pytest

from alcore.store import Store
from kills import kill_often


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of a worker in /proc")
def test_a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened(
    sqlite_store: Store,
) -> None:
    counts = kill_often(sqlite_store, kills=10, seed=4)
    assert counts["runs"] >= 1
