"""What a fair comparison needs of each experiment, read from the store."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alcore.errors import AlcoreError, UsageError
from alcore.results import Rounds, rounds_by_strategy, why_not_comparable
from alcore.rounds import RoundResult
from alcore.store import ExperimentRecord, LabelEvent, Store
from alcore.types import IntArray


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What was labelled in one run.

    Attributes:
        batches: Positions of each batch, by how many labels there were before it.
        classes: Class of each label, the initial ones included, shape (n,), int64.
    """

    batches: Mapping[int, frozenset[int]]
    classes: IntArray


@dataclass(frozen=True, kw_only=True)
class Played:
    """An experiment as far as it got.

    Attributes:
        experiment: Its record.
        model: Qualified name and options of its model.
        selection: What surrounds its strategies, as its configuration has it.
        rounds: All its rounds.
        labels: Strategy -> seed -> what was labelled.
    """

    experiment: ExperimentRecord
    model: tuple[str, Mapping[str, object]]
    selection: Mapping[str, object]
    rounds: Rounds
    labels: Mapping[str, Mapping[int, Labels]]

    @property
    def spends(self) -> bool:
        """Whether it had a budget in money, so that equal rounds bought different numbers."""
        return "spend" in tomllib.loads(self.experiment.config).get("budget", {})

    @property
    def balanced(self) -> bool:
        """Whether all its strategies chose within predicted classes, random too."""
        return bool(self.selection.get("balance_classes"))


def read(store: Store, experiment_id: int) -> Played:
    """Everything a comparison needs of an experiment.

    Raises:
        AlcoreError: It has not finished a round.
    """
    rounds, runs = rounds_by_strategy(store, experiment_id), store.runs(experiment_id)
    if not any(each for seeds in rounds.values() for each in seeds.values()):
        raise AlcoreError(
            f"experiment {experiment_id} has not finished a round, so there is nothing to "
            "compare; watch it with `alcore runs`"
        )
    labels: dict[str, dict[int, Labels]] = {}
    for run in runs:
        events, results = store.labels(run.id), rounds[run.strategy][run.seed]
        labels.setdefault(run.strategy, {})[run.seed] = _labels(events, results)
    experiment = store.experiment(experiment_id)
    return Played(
        experiment=experiment,
        model=(runs[0].model, runs[0].model_options),
        selection=tomllib.loads(experiment.config).get("selection", {}),
        rounds=rounds,
        labels=labels,
    )


def _labels(events: Sequence[LabelEvent], results: Sequence[RoundResult]) -> Labels:
    batches: dict[int, set[int]] = {}
    for event in events:
        # A round that was committed after the results were read has labels already.
        if event.source == "initial" or event.round >= len(results):
            continue
        batches.setdefault(results[event.round].n_labelled, set()).add(event.position)
    return Labels(
        batches={labels: frozenset(batch) for labels, batch in batches.items()},
        classes=np.array([event.label for event in events], dtype=np.int64),
    )


def check_comparable(store: Store, records: Sequence[ExperimentRecord]) -> None:
    """Refuse experiments that differ in data or splits from the first.

    Raises:
        UsageError: The first that does, and why.
    """
    for other in records[1:]:
        if reason := why_not_comparable(store, records[0], other):
            raise UsageError(
                f"experiment {other.id} cannot be compared with {records[0].id}: {reason}"
            )
