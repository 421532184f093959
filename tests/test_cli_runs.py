"""`alcore runs`: lists, one run, stop and resume."""

import pytest
from click.testing import CliRunner, Result

from alcore.cli import cli
from alcore.errors import UsageError
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.store import RunState, Store, open_store
from carry_out import carry_out
from fakes import EXPERIMENT, NearestCentre, registry


class Fails(NearestCentre):
    def predict_proba(self, samples: object) -> None:  # type: ignore[override]
        raise RuntimeError("no luck")


def store_of(model: type = NearestCentre) -> Store:
    store, made = open_store(), registry(lambda options: model())
    queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=["seeds=1"]), made)
    return store


def said(*arguments: str) -> str:
    done: Result = CliRunner().invoke(cli, ["runs", *arguments], catch_exceptions=False)
    return done.output


def test_runs_are_listed_newest_first_and_filtered() -> None:
    store = store_of()
    carry_out(store, registry())
    store.describe_run(1, title="the first", tags=["paper"])
    lines = said().splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["2", "1"]
    assert "done" in lines[1] and "31" in lines[1] and lines[2].endswith("the first")
    assert len(said("--tag", "paper").splitlines()) == 2
    assert len(said("--state", "failed").splitlines()) == 1
    assert "1 more" in said("--limit", "1")
    with pytest.raises(UsageError, match="no state 'dead'; states are created, queued"):
        said("--state", "dead")


def test_a_failed_run_shows_why_and_where() -> None:
    store = store_of(Fails)
    carry_out(store, registry(lambda options: Fails()))
    assert "why          RuntimeError: no luck" in said("show", "1")
    assert "predict_proba" in said("show", "1", "--traceback")
    assert "Traceback" not in said("show", "1")


def test_a_run_is_stopped_and_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of()
    assert said("stop", "1") == "run 1 is stopped\n"
    asked = []
    monkeypatch.setattr("alcore.worker.ensure_worker", asked.append)
    assert said("resume", "1") == "run 1 is queued\n"
    assert len(asked) == 1 and store.run(1).state is RunState.QUEUED
