"""A worker's patience with its store, and whom it stands for."""

import pytest

from alcore.errors import AlcoreError
from alcore.store import Store, open_store
from alcore.worker import Worker, worker_alive


def failing(times: int) -> object:
    """A store's answer: it cannot be used so many times, then nothing waits."""
    left = iter(range(times))

    def has_waiting(*_: object) -> bool:
        if next(left, None) is not None:
            raise AlcoreError("the store cannot be used: the server is restarting")
        return False

    return has_waiting


def test_a_store_that_is_away_for_a_moment_does_not_end_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Store, "has_waiting", failing(2))
    assert Worker(store=open_store()).work(once=True) == {}
    assert caplog.text.count("the server is restarting") == 2


def test_a_store_that_stays_away_for_longer_than_a_lease_ends_an_idle_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Store, "has_waiting", failing(100))
    with pytest.raises(AlcoreError, match="the server is restarting"):
        Worker(store=open_store(), lease_seconds=0.1).work(once=True)


def test_a_worker_for_one_experiment_does_not_keep_others_from_starting_one() -> None:
    store, seen = open_store(), []

    def look() -> None:
        seen.append(worker_alive(store))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Worker(store=store, experiment_id=5, check=look).work(once=False)
    assert seen == [None, None]
