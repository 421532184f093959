"""What all views of an experiment are drawn from."""

from dataclasses import dataclass

from alcore.results import RANDOM, Rounds
from alcore.store import DatasetRecord, ExperimentRecord, RunRecord, Store
from alcore_dashboard.services.classes import short_names


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An experiment at one moment.

    Attributes:
        store: Where it is.
        experiment: Its record.
        runs: Its runs.
        rounds: Their rounds.
        dataset: None until a run has loaded it.
        running: Whether more is to come.
    """

    store: Store
    experiment: ExperimentRecord
    runs: tuple[RunRecord, ...]
    rounds: Rounds
    dataset: DatasetRecord | None
    running: bool

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the dataset, in full."""
        return self.dataset.class_names if self.dataset else ()

    @property
    def short_class_names(self) -> tuple[str, ...]:
        """Those that fit into charts and sentences."""
        return short_names(self.class_names)

    @property
    def strategies(self) -> list[str]:
        """Those that finished a round, random last."""
        found = [name for name, runs in self.rounds.items() if any(runs.values())]
        return sorted(found, key=lambda name: name == RANDOM)
