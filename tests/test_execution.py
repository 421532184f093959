"""From a queued experiment to stored rounds; stops, failures, determinism."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcore.errors import UsageError
from alcore.execution import Step, _Progress
from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import RunState, Store, open_store
from carry_out import carry_out
from fakes import EXPERIMENT, NearestCentre, Points, registry


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/alcore.db")


def queued(store: Store, made: Registry, *overrides: str) -> int:
    return queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=overrides), made)


def test_an_experiment_is_queued_played_and_kept(store: Store) -> None:
    made = registry()
    number = queued(store, made)
    assert [run.state for run in store.runs(number)] == [RunState.QUEUED] * 4
    assert [(run.seed, run.strategy) for run in store.runs(number)] == [
        (0, "uncertainty/random"),
        (0, "uncertainty/smallest_margin"),
        (1, "uncertainty/random"),
        (1, "uncertainty/smallest_margin"),
    ]
    assert carry_out(store, made) == {RunState.DONE: 4}
    points = Points()
    for run in store.runs(number):
        rounds = store.rounds(run.id)
        assert [result.n_labelled for result in rounds] == [6, 16, 26, 31]
        assert run.dataset_id is not None
        assert store.dataset_ids(run.dataset_id) == list(points.ids)
        events = store.labels(run.id)
        assert len(events) == 31
        assert all(event.label == points.known_labels[event.position] for event in events)
        assert [sum(event.source == "initial" for event in events)] == [6]
        picks = store.round_arrays(run.id, 1).picks
        assert {event.position for event in events if event.round == 1} == set(picks.tolist())
        assert store.thumbnail(run.dataset_id, int(picks[0])) is not None
        assert run.versions["fake/points"] == "fake 1"


def test_full_probabilities_are_kept_for_the_last_round_alone(store: Store) -> None:
    made = registry()
    number = queued(store, made)
    carry_out(store, made)
    run = store.runs(number)[0]
    assert store.round_arrays(run.id, 3).probabilities.shape == (74 - 25, 3)
    assert store.round_arrays(run.id, 2).probabilities.shape[0] == 0
    assert len(store.round_arrays(run.id, 2).worst) == 74 - 20


class Raises(NearestCentre):
    def fit(self, labelled: Any, *args: Any, **kwargs: Any) -> None:
        if len(labelled.labels) > 10:
            raise MemoryError("no room for 2 TB")
        super().fit(labelled, *args, **kwargs)


class Exits(NearestCentre):
    def predict_proba(self, samples: Any) -> Any:
        sys.exit("goodbye")


class Unwritable(NearestCentre):
    def fit(self, *args: Any, **kwargs: Any) -> None:
        raise ValueError("cannot read caf\udce9\0.png")


class Lost(NearestCentre):
    def fit(self, *args: Any, **kwargs: Any) -> None:
        kwargs["progress"]("train", float("nan"))


@pytest.mark.parametrize(
    ("model", "sentence", "rounds"),
    [
        (Raises, "MemoryError: no room for 2 TB", 1),
        (Exits, "SystemExit: goodbye", 0),
        (Unwritable, r"ValueError: cannot read caf\udce9\0.png", 0),
        (Lost, "the progress of 'train' must be between 0 and 1, not nan", 0),
    ],
)
def test_a_failing_model_ends_its_run_with_a_sentence_and_keeps_its_rounds(
    store: Store, model: type, sentence: str, rounds: int
) -> None:
    broken = registry(lambda options: model())
    number = queued(store, broken, "seeds=1")
    assert carry_out(store, broken) == {RunState.FAILED: 2}
    for run in store.runs(number):
        assert (run.state, run.error) == (RunState.FAILED, sentence)
        assert len(store.rounds(run.id)) == rounds


def test_progress_is_a_fraction_also_where_money_buys_more_rounds_than_planned() -> None:
    steps: list[Step] = []
    progress = _Progress(rounds=2, report=steps.append)
    for number, fraction in ((0, 0.5), (1, 7.0), (2, -1.0), (3, 1.0)):
        progress.round = number
        progress("train", fraction)
    assert all(0 <= step.fraction <= 1 for step in steps)
    assert [step.rounds for step in steps] == [2, 2, 3, 4]
    assert all(step.eta_seconds is None or step.eta_seconds >= 0 for step in steps)


def test_a_component_that_vanished_fails_its_runs(store: Store) -> None:
    number = queued(store, registry())
    assert carry_out(store, Registry.load(built_in_only=True)) == {RunState.FAILED: 4}
    assert "unknown dataset 'fake/points'" in str(store.runs(number)[0].error)


def test_a_stop_is_honoured_between_rounds(store: Store) -> None:
    number = 0

    class Slow(NearestCentre):
        def fit(self, labelled: Any, *args: Any, **kwargs: Any) -> None:
            super().fit(labelled, *args, **kwargs)
            if len(labelled.labels) > 10:
                store.request_stop(number)

    slow = registry(lambda options: Slow())
    number = queued(store, slow)
    assert carry_out(store, slow) == {RunState.STOPPED: 1}
    record = store.runs(number)[0]
    assert len(store.rounds(record.id)) == 1
    assert {run.state for run in store.runs(number)} == {RunState.STOPPED}
    assert carry_out(store, slow) == {}


def test_a_dataset_that_does_not_fit_is_refused_before_anything_is_written(store: Store) -> None:
    made = registry()
    with pytest.raises(UsageError, match="model 'cnn' needs images but dataset 'points' offers"):
        queued(store, made, "model.name=cnn")
    assert store.experiments() == []


def test_labels_that_are_unknown_are_refused(store: Store) -> None:
    made = registry()
    points = Points()
    points.known_labels = None  # type: ignore[assignment]
    spec = made.dataset("points")
    object.__setattr__(spec, "make", lambda options: points)
    number = queued(store, made)
    carry_out(store, made)
    assert "has no labels to simulate an oracle" in str(store.runs(number)[0].error)


def test_a_pool_without_all_labels_is_refused(store: Store) -> None:
    made = registry()
    points = Points()
    points.known_labels[[3, 5]] = -1
    object.__setattr__(made.dataset("points"), "make", lambda options: points)
    number = queued(store, made)
    carry_out(store, made)
    assert "has 2 samples without a label" in str(store.runs(number)[0].error)


PICKS = """
import json, sys
from alcore.loading import load_dataset, make_run
from alcore.experiment import parse_experiment
from alcore.presets import experiment_text
from alcore.plugins import Registry
registry = Registry.load()
experiment = parse_experiment(experiment_text(sys.argv[1]), registry, overrides=sys.argv[2:])
loaded = load_dataset(experiment, registry)
for part in experiment.strategies:
    run = make_run(experiment, loaded, registry, strategy=part.name, seed=3,
                   progress=lambda step, fraction: None)
    truth = dict(zip(loaded.dataset.ids, loaded.labels.tolist()))
    while (asked := run.ask()) is not None:
        print(json.dumps(asked))
        run.tell({name: truth[name] for name in asked})
    print(run.rounds[-1].result.test.accuracy)
"""


@pytest.mark.parametrize(
    "experiment",
    [
        ("digits", "budget.samples=60", "budget.batch=20"),
        ("digits_cnn", "model.epochs=2", "budget.samples=40", "budget.batch=20"),
        (
            "digits_cnn",
            "model.epochs=2",
            "model.continue_training=true",
            "budget.samples=40",
            "budget.batch=20",
        ),
    ],
)
def test_two_processes_pick_the_same(experiment: tuple[str, ...]) -> None:
    if "cnn" in experiment[0]:
        pytest.importorskip("tensorflow")
    command = [sys.executable, "-c", PICKS, *experiment]
    # Different hash seeds: nothing may hang on the order of a set.
    outputs = [
        subprocess.run(
            command, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert outputs[0] == outputs[1]
    assert len([line for line in outputs[0].splitlines() if line.startswith("[")]) >= 4


def test_cli_and_worker_in_processes_of_their_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/alcore.db"
    file = tmp_path / "experiment.toml"
    file.write_text(
        'strategies = ["random", "entropy"]\n[dataset]\nname = "digits"\n'
        '[model]\nname = "logistic"\n[budget]\nsamples = 40\nbatch = 20\n'
    )
    command = [sys.executable, "-m", "alcore", "run", str(file), "--json", "--store", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [row["strategy"] for row in answer["strategies"]] == [
        "uncertainty/random",
        "uncertainty/entropy",
    ]
    assert "2 runs x 3 rounds: about" in done.stderr
    store = open_store(url)
    accuracy = store.rounds(store.runs(answer["experiment"])[0].id)[-1].test.accuracy
    assert answer["strategies"][0]["accuracy"] == pytest.approx(accuracy)

    made = Registry.load()
    queue_experiment(store, parse_experiment(file.read_text(), made), made)
    worker = [sys.executable, "-m", "alcore", "worker", "--once", "--store", url]
    assert "2 done" in subprocess.run(worker, capture_output=True, text=True, check=True).stdout
    picks = [store.round_arrays(run.id, 0).picks for run in store.runs()]
    assert np.array_equal(picks[0], picks[2]) and np.array_equal(picks[1], picks[3])


def test_a_run_in_a_dataset_too_small_for_its_splits_fails_with_the_sizes(store: Store) -> None:
    made = registry()
    number = queued(store, made, "splits.test=110")
    carry_out(store, made)
    assert "splits take 126 samples" in str(store.runs(number)[0].error)
