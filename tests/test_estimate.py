"""The estimate before a run: from history, from a trial, and of the right size."""

import time
from pathlib import Path
from typing import Any

import pytest

from alcore.errors import AlcoreError
from alcore.estimate import estimate_by_trial, estimate_from_history
from alcore.experiment import parse_experiment, resolved
from alcore.queueing import queue_experiment
from alcore.store import open_store
from carry_out import carry_out
from fakes import EXPERIMENT, NearestCentre, registry


def test_history_is_used_where_there_is_one(tmp_path: Path) -> None:
    made, store = registry(), open_store()
    experiment = resolved(parse_experiment(EXPERIMENT, made), made)
    before = estimate_from_history(experiment, store, n_samples=120, n_classes=3)
    assert (before.runs, before.rounds, before.seconds) == (4, 4, None)
    assert before.basis == "no earlier round to go by"
    queue_experiment(store, experiment, made)
    carry_out(store, made)
    after = estimate_from_history(experiment, store, n_samples=120, n_classes=3)
    per_round = store.round_seconds("fake/centre", "fake/points")
    assert len(per_round) == 16 and after.basis == "from 16 earlier rounds"
    assert after.seconds == pytest.approx(sum(per_round) + 4 * 0.4)


def test_a_trial_that_fails_says_why_in_one_sentence() -> None:
    def fails(options: object) -> object:
        raise ValueError("no\nmodel today")

    made = registry(fails)
    experiment = parse_experiment(EXPERIMENT, made)
    with pytest.raises(AlcoreError, match="trial before the run failed: ValueError: no model tod"):
        estimate_by_trial(experiment, made)


def test_a_trial_stores_nothing_and_the_disk_is_about_right(tmp_path: Path) -> None:
    made = registry()
    experiment = resolved(parse_experiment(EXPERIMENT, made, overrides=["seeds=8"]), made)
    guess = estimate_by_trial(experiment, made)
    assert guess.seconds is not None and guess.seconds > 0
    store = open_store()
    assert store.experiments() == []
    empty = store.size()
    queue_experiment(store, experiment, made)
    carry_out(store, made)
    full = store.size()
    grown = full.database_bytes + full.array_bytes - empty.database_bytes - empty.array_bytes
    assert guess.disk_bytes is not None and grown / 3 < guess.disk_bytes < grown * 3


def test_what_is_done_once_in_each_run_counts_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [time.perf_counter()]
    monkeypatch.setattr("alcore.estimate.time.perf_counter", lambda: clock[0])

    class Compiled(NearestCentre):
        def fit(self, labelled: Any, validation: Any, *, progress: Any, **kwargs: Any) -> None:
            clock[0] += 1.0 if kwargs.get("previous") else 6.0
            super().fit(labelled, validation, progress=progress, **kwargs)

    made = registry(lambda options: Compiled())
    guess = estimate_by_trial(parse_experiment(EXPERIMENT, made), made)
    assert guess.seconds == pytest.approx(4 * (0.4 + 5.0 + 4 * 1.0))  # four runs of four rounds


def test_a_long_trial_is_broken_off_and_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [time.perf_counter()]
    began = clock[0]
    monkeypatch.setattr("alcore.estimate.time.perf_counter", lambda: clock[0])

    class Slow(NearestCentre):
        def fit(self, labelled: Any, validation: Any, *, progress: Any, **kwargs: Any) -> None:
            for tenth in range(10):
                progress("epoch", tenth / 10)
                clock[0] += 9.0

    made = registry(lambda options: Slow())
    guess = estimate_by_trial(parse_experiment(EXPERIMENT, made), made)
    assert guess.basis == "from a part of a round" and guess.disk_bytes is None
    assert guess.seconds == pytest.approx(16 * 100, rel=0.05)  # training is nine tenths of a round
    assert clock[0] - began < 30
