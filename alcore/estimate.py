"""What an experiment will take, said before it starts."""

import statistics
import time
from dataclasses import dataclass, field
from importlib import import_module

from alcore.errors import AlcoreError, RunStopped, sentence
from alcore.experiment import Experiment
from alcore.features import FeatureCache
from alcore.loading import load_dataset, make_run
from alcore.plugins import Registry
from alcore.rounds import WORST_KEPT, within_round
from alcore.store import Store

TRIAL_SECONDS = 10.0
_SECONDS_A_RUN = 0.4
"""To start a process, open the store in it, and end."""
_ROW_BYTES = 300
_ROUND_BYTES = 6_000


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Time and disk of an experiment.

    Attributes:
        runs: Strategies x seeds.
        rounds: Rounds of each run.
        seconds: Wall time of all runs one after the other; None where nothing is known.
        basis: Where the time comes from, in words.
        disk_bytes: What the store will grow by; None where nothing is known.
    """

    runs: int
    rounds: int
    seconds: float | None
    basis: str
    disk_bytes: int | None


def estimate_from_history(
    experiment: Experiment, store: Store, *, n_samples: int, n_classes: int
) -> Estimate:
    """Estimate from earlier rounds of the same model and dataset in the store."""
    earlier = store.round_seconds(experiment.model.name, experiment.dataset.name)
    # Not the median: the first round of each run also has what is imported and compiled once.
    per_round = statistics.mean(earlier) if earlier else None
    basis = f"from {len(earlier)} earlier rounds" if earlier else "no earlier round to go by"
    disk_bytes = _disk_bytes(experiment, n_samples, n_classes)
    return _estimate(experiment, per_round, basis, disk_bytes)


def estimate_by_trial(
    experiment: Experiment, registry: Registry, *, cache: FeatureCache | None = None
) -> Estimate:
    """Estimate by playing two rounds of the first run, without storing anything but features.

    What the first one takes longer than the second is imported and compiled once in each run.
    After TRIAL_SECONDS the trial is broken off, and the rest reckoned from how far it got.

    Raises:
        AlcoreError: Dataset, model or strategy failed, as they would in the first run.
    """
    trial = _Trial()
    try:
        return _tried(experiment, registry, cache, trial)
    except RunStopped:
        return trial.reckoned(experiment)
    except (AlcoreError, KeyboardInterrupt):
        raise
    except BaseException as error:  # plugin code may raise anything, SystemExit included
        raise AlcoreError(f"the trial before the run failed: {sentence(error)}") from error


@dataclass(kw_only=True)
class _Trial:
    """Watches a trial, breaks it off when it takes long, and knows how far it came."""

    step: str = ""
    done: float = 0.0
    began: float = field(default_factory=time.perf_counter)
    at_first: float = 0.0

    def __call__(self, step: str, fraction: float) -> None:
        """Features are measured from their first batch on, which loads the framework."""
        features = step == "features"
        done = fraction if features else within_round(step, fraction)
        if done < self.done or (features and not self.at_first):
            self.began, self.at_first = time.perf_counter(), done
        self.step, self.done = step, done
        if time.perf_counter() - self.began > TRIAL_SECONDS and done > self.at_first:
            raise RunStopped("the trial is long enough")

    def reckoned(self, experiment: Experiment) -> Estimate:
        whole = (time.perf_counter() - self.began) / (self.done - self.at_first)
        if self.step == "features":
            basis = f"after about {whole:.0f} s for the features of its images"
            return _estimate(experiment, None, basis)
        return _estimate(experiment, whole, "from a part of a round")


def _tried(
    experiment: Experiment, registry: Registry, cache: FeatureCache | None, trial: _Trial
) -> Estimate:
    from alcore.worker import PRELOADED

    for name in PRELOADED:  # which a worker's runs find imported
        import_module(name)
    start = time.perf_counter()
    loaded = load_dataset(experiment, registry, cache=cache, progress=trial)
    if trial.at_first:  # features were computed, which later runs find
        start = time.perf_counter()
    run = make_run(
        experiment,
        loaded,
        registry,
        strategy=experiment.strategies[0].name,
        seed=experiment.seeds[0],
        progress=trial,
    )
    truth = dict(zip(loaded.dataset.ids, loaded.labels.tolist(), strict=True))
    asked = run.ask() or ()
    run.tell({name: truth[name] for name in asked})
    second = time.perf_counter()
    run.ask()
    seconds = time.perf_counter() - second
    once = max(0.0, second - start - seconds)
    disk_bytes = _disk_bytes(experiment, len(loaded.dataset.ids), len(loaded.class_names))
    return _estimate(experiment, seconds, "from a trial of two rounds", disk_bytes, once)


def _estimate(
    experiment: Experiment,
    per_round: float | None,
    basis: str,
    disk_bytes: int | None = None,
    once: float = 0.0,
) -> Estimate:
    runs, rounds = _runs(experiment), experiment.rounds
    each = None if per_round is None else _SECONDS_A_RUN + once + per_round * rounds
    return Estimate(
        runs=runs,
        rounds=rounds,
        seconds=None if each is None else each * runs,
        basis=basis,
        disk_bytes=disk_bytes,
    )


def _disk_bytes(experiment: Experiment, n_samples: int, n_classes: int) -> int:
    row = 4 * n_classes + 8
    rounds = experiment.rounds
    kept = rounds * (_ROUND_BYTES + WORST_KEPT * row) + experiment.samples * (row + _ROW_BYTES)
    return _runs(experiment) * (kept + n_samples * row)


def _runs(experiment: Experiment) -> int:
    return len(experiment.strategies) * len(experiment.seeds)
