"""What experiments in the store have shown so far.

Curves, labels saved against random, the ceiling of a full pool, and who may be compared.
"""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alcore.compare import (
    Curve,
    Difference,
    LabelsSaved,
    Metric,
    accuracy,
    final_difference,
    labels_saved,
    learning_curve,
)
from alcore.experiment import Claims
from alcore.rounds import RoundResult
from alcore.store import ExperimentRecord, RunRecord, Store

RANDOM = "uncertainty/random"
"""Qualified name of the baseline of every comparison."""

ONE_SPLIT = (
    "Every seed has the same split here, in the order of the source, so what a batch gains is "
    "partly luck; ten reshuffled splits give the honest average"
)

Rounds = Mapping[str, Mapping[int, Sequence[RoundResult]]]
"""Strategy -> seed -> rounds so far; random first, then as the runs were queued."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One strategy's curve, and what it saved.

    Attributes:
        curve: Its learning curve.
        saved: Labels saved against random; None for random itself and where no random run
            shares a seed.
    """

    curve: Curve
    saved: LabelsSaved | None

    @property
    def is_random(self) -> bool:
        """Whether this is the baseline."""
        return self.curve.strategy == RANDOM


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """What a model reaches with the whole pool labelled.

    Attributes:
        labels: Initial labels and pool together.
        value: Mean of the metric over the runs that got there.
        runs: How many these are.
    """

    labels: int
    value: float
    runs: int


def rounds_by_strategy(store: Store, experiment_id: int) -> Rounds:
    """Every round of an experiment, read at once."""
    rounds = store.rounds_of(experiment_id)
    grouped: dict[str, dict[int, Sequence[RoundResult]]] = {}
    for run in store.runs(experiment_id):
        grouped.setdefault(run.strategy, {})[run.seed] = rounds.get(run.id, [])
    return dict(sorted(grouped.items(), key=lambda item: item[0] != RANDOM))


def curves_of(rounds: Rounds, metric: Metric = accuracy) -> list[Curve]:
    """One curve per strategy that finished a round."""
    found = (learning_curve(strategy, runs, metric) for strategy, runs in rounds.items())
    return [curve for curve in found if curve is not None]


def curves(store: Store, experiment_id: int) -> list[Curve]:
    """The accuracy of every strategy that finished a round; random first."""
    return curves_of(rounds_by_strategy(store, experiment_id))


def outcomes(found: Sequence[Curve]) -> list[Outcome]:
    """Hold every curve of accuracy against random; the same answer at every call."""
    random = _random(found)
    return [Outcome(curve=curve, saved=_saved(curve, random)) for curve in found]


def differences(found: Sequence[Curve]) -> dict[str, Difference]:
    """How far each strategy ends above random, by its name; {} without random."""
    random = _random(found)
    if random is None:
        return {}
    rng = np.random.default_rng(0)
    held = {c.strategy: final_difference(c, random, rng) for c in found if c is not random}
    return {name: one for name, one in held.items() if one is not None}


def _random(found: Sequence[Curve]) -> Curve | None:
    return next((curve for curve in found if curve.strategy == RANDOM), None)


def _saved(curve: Curve, random: Curve | None) -> LabelsSaved | None:
    if random is None or curve is random:
        return None
    return labels_saved(curve, random, np.random.default_rng(0))


def saved_text(outcome: Outcome) -> str:
    """Labels saved in words: the baseline itself, a share with its interval, or never."""
    saved = outcome.saved
    if saved is None:
        return "baseline" if outcome.is_random else "no random run to compare with"
    if saved.fraction is None:
        return "never reaches random"
    if saved.seeds == 1:
        return f"{saved.fraction:.0%} (1 seed: no interval)"
    return f"{saved.fraction:.0%} [{share(saved.low)}, {share(saved.high)}]"


def share(fraction: float | None) -> str:
    """A fraction as percent; "never" for None."""
    return "never" if fraction is None else f"{fraction:.0%}"


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """The parts of a stored configuration that decide who may be compared with whom."""

    dataset: Mapping[str, object]
    model: Mapping[str, object]
    splits: Mapping[str, int | float | str]
    samples: int

    @property
    def final_labels(self) -> int:
        return int(self.splits.get("initial", 0)) + self.samples

    @property
    def taken(self) -> int:
        """Samples outside the pool."""
        return sum(size for size in self.splits.values() if isinstance(size, int))


@functools.lru_cache(maxsize=512)
def _setting(config: str) -> _Setting:
    table = tomllib.loads(config)
    return _Setting(
        dataset=table.get("dataset", {}),
        model=table.get("model", {}),
        splits=table.get("splits", {}),
        samples=table.get("budget", {}).get("samples", 0),
    )


def has_one_split(experiment: ExperimentRecord) -> bool:
    """Whether its splits are cut in the order of the source, alike for every seed."""
    return _setting(experiment.config).splits.get("order") == "source"


def is_long_tail(experiment: ExperimentRecord) -> bool:
    """Whether samples were left out so that some classes are rarer than in the dataset."""
    return "imbalance" in _setting(experiment.config).splits


def claims_of(experiment: ExperimentRecord) -> Claims | None:
    """What somebody else says of the same experiment, where its configuration has it."""
    claims = tomllib.loads(experiment.config).get("claims")
    return Claims(**claims) if claims else None


def duplicates_text(runs: Sequence[RunRecord]) -> str:
    """What loading the dataset found of near-identical samples; "" where nobody looked."""
    facts = [run.facts for run in runs if "near_pairs" in run.facts]
    if not facts:
        return ""
    across = np.mean([one["pairs_across_test"] for one in facts])
    return (
        f"The dataset has {facts[0]['identical_pairs']} identical and {facts[0]['near_pairs']} "
        f"near-identical pairs of samples; {across:.1f} of them have one side in the test split, "
        f"mean of {len(facts)} runs"
    )


def left_out_text(runs: Sequence[RunRecord]) -> str:
    """How many files the dataset could not read; "" where it read all."""
    most = max((run.facts.get("left_out", 0) for run in runs), default=0)
    return f"{most} files of the dataset are left out; the log of a run says why" if most else ""


def dataset_id_of(runs: Sequence[RunRecord]) -> int | None:
    """The dataset of an experiment's runs; None while none of them has loaded it."""
    return next((run.dataset_id for run in runs if run.dataset_id is not None), None)


def pool_size(store: Store, experiment_id: int) -> int | None:
    """How many samples an experiment could label beyond the initial ones; None while unknown."""
    dataset_id = dataset_id_of(store.runs(experiment_id))
    if dataset_id is None:
        return None
    experiment = store.experiment(experiment_id)
    if is_long_tail(experiment):  # how many are left out depends on the labels of each split
        return None
    return store.dataset(dataset_id).n - _setting(experiment.config).taken


def whole_pool_experiments(store: Store, experiment_id: int) -> list[ExperimentRecord]:
    """Experiments with the same dataset, model and splits whose budget is the whole pool."""
    pool = pool_size(store, experiment_id)
    here = _setting(store.experiment(experiment_id).config)
    wanted = (here.dataset, here.model, here.splits, pool)
    return [record for record in store.experiments() if _parts(record) == wanted]


def _parts(record: ExperimentRecord) -> tuple[object, ...]:
    setting = _setting(record.config)
    return setting.dataset, setting.model, setting.splits, setting.samples


def ceiling(store: Store, experiment_id: int, metric: Metric = accuracy) -> Ceiling | None:
    """What the experiment's model reaches with its whole pool labelled, where that is known.

    It is known where runs with the same dataset, model and splits used up their pool, in this
    experiment or another one; by which strategy does not matter, for in the end all labels
    are there.
    """
    dataset_id = dataset_id_of(store.runs(experiment_id))
    ends = [
        rounds[-1]
        for record in whole_pool_experiments(store, experiment_id)
        if dataset_id_of(store.runs(record.id)) == dataset_id
        for rounds in store.rounds_of(record.id).values()
        if rounds and rounds[-1].n_labelled == _setting(record.config).final_labels
    ]
    values = [value for end in ends if (value := metric(end.test)) is not None]
    if not values:
        return None
    return Ceiling(labels=ends[0].n_labelled, value=float(np.mean(values)), runs=len(values))


def why_not_comparable(store: Store, one: ExperimentRecord, other: ExperimentRecord) -> str | None:
    """Why two experiments must not share a chart, as a clause; None where they may.

    They may where dataset and splits are the same: then equal seeds start from the same labels
    and are measured on the same test samples. Strategies and budget may differ, and the model
    where it has no say in the splits.
    """
    ids = [dataset_id_of(store.runs(record.id)) for record in (one, other)]
    if None in ids:
        return "its runs have not loaded their dataset yet"
    if ids[0] != ids[1]:
        names = [store.dataset(i).name for i in ids if i is not None]
        if names[0] == names[1]:
            return f"it uses another version or other options of the dataset {names[0]}"
        return f"it uses the dataset {names[1]}, not {names[0]}"
    return _why_other_splits(_setting(one.config), _setting(other.config))


def _why_other_splits(one: _Setting, other: _Setting) -> str | None:
    mine, theirs = one.splits, other.splits
    differing = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    if not differing and "together" in mine.values() and one.model != other.model:
        return "its splits keep together what is alike to another model"
    if not differing:
        return None
    name = differing[0]
    if name in ("order", "duplicates", "imbalance"):
        return f"its splits were made with another {name!r}"
    return f"its {name} split has {theirs.get(name)} samples, not {mine.get(name)}"
