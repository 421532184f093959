"""The store as the rest of alcore sees it: one object, short methods."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from alcore.options import Scalar
from alcore.rounds import RoundArrays, RoundResult
from alcore.store import arrays, datasets, experiments, labels, rounds, runs, sizes
from alcore.store.connect import Database, connect
from alcore.store.known import KnownRounds
from alcore.store.records import (
    DatasetRecord,
    ExperimentRecord,
    LabelEvent,
    NewRun,
    RunRecord,
    RunState,
    StoreSize,
)
from alcore.types import IntArray


def open_store(url: str | None = None) -> "Store":
    """Open a store; a new one is created, an older one is brought up to date.

    Args:
        url: Such as ``sqlite:///folder/alcore.db`` or ``postgresql://user@host/name``. None
            means the environment variable ALCORE_STORE, else a file in the user's data folder.
            Arrays lie beside a SQLite file; for PostgreSQL ALCORE_FILES names their folder.

    Raises:
        AlcoreError: The URL, the database or the folder cannot be used.
    """
    return Store(connect(url))


class Store:
    """Experiments, runs, rounds and labels. May be shared by threads; a process opens its own.

    Every method raises AlcoreError for an id that does not exist and for a database or file
    that cannot be used. Methods that write do all of it or nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known_rounds = KnownRounds()
        self._known_pictures: dict[int, frozenset[int]] = {}

    @property
    def url(self) -> str:
        """What opens it again from anywhere, password included: show `place` instead."""
        return self._database.url

    @property
    def place(self) -> str:
        """For people: where it is, without password, and for SQLite how it writes."""
        return self._database.place

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self._database.files

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def add_experiment(
        self,
        title: str,
        config: str,
        runs: Sequence[NewRun],
        state: RunState = RunState.QUEUED,
    ) -> int:
        """Add an experiment with its runs, all in one state (CREATED or QUEUED); gives its id."""
        with self._database.write() as connection:
            return experiments.add(connection, title, config, runs, state)

    def experiments(self) -> list[ExperimentRecord]:
        """All experiments, newest first."""
        with self._database.read() as connection:
            return experiments.every(connection)

    def experiment(self, experiment_id: int) -> ExperimentRecord:
        """One experiment."""
        with self._database.read() as connection:
            return experiments.get(connection, experiment_id)

    def rename_experiment(self, experiment_id: int, title: str) -> None:
        """Give an experiment another title, 1 to 200 characters; UsageError otherwise."""
        with self._database.write() as connection:
            experiments.rename(connection, experiment_id, title)

    def set_experiment_settings(self, experiment_id: int, settings: Mapping[str, Scalar]) -> None:
        """Replace what people entered for an experiment, such as the cost of a label.

        Raises:
            UsageError: A value is no text, number or truth value, or not finite.
        """
        with self._database.write() as connection:
            experiments.set_settings(connection, experiment_id, settings)

    def delete_experiment(self, experiment_id: int) -> None:
        """Delete an experiment: its runs, rounds, labels and files. There is no way back."""
        experiments.delete(self._database, experiment_id)

    def request_stop(self, experiment_id: int) -> None:
        """Stop the waiting runs of an experiment at once and ask the running ones to stop."""
        with self._database.write() as connection:
            experiments.request_stop(connection, experiment_id)

    def runs(self, experiment_id: int | None = None) -> list[RunRecord]:
        """The runs of one experiment, or all, oldest first."""
        with self._database.read() as connection:
            return runs.every(connection, experiment_id)

    def run(self, run_id: int) -> RunRecord:
        """One run."""
        with self._database.read() as connection:
            return runs.get(connection, run_id)

    def claim_run(self, experiment_id: int | None = None, *, process: str) -> RunRecord | None:
        """Take the oldest queued run, which is running from now on; None where there is none.

        No run is ever given to two callers.

        Args:
            experiment_id: Only runs of this experiment.
            process: Who takes it, such as "host:pid".
        """
        with self._database.write() as connection:
            return runs.claim(connection, experiment_id, process)

    def progress(
        self, run_id: int, round: int, step: str, fraction: float, eta_seconds: float | None
    ) -> bool:
        """Note how far a running run is, and learn whether it should stop.

        One short transaction; the caller decides how often.

        Args:
            run_id: The run.
            round: The round being worked on.
            step: What is being done, such as "train".
            fraction: How much of the whole run is done, 0 to 1.
            eta_seconds: Time left; None where unknown.
        """
        with self._database.write() as connection:
            return runs.progress(connection, run_id, round, step, fraction, eta_seconds)

    def change_state(self, run_id: int, state: RunState) -> None:
        """Move a run to a state that is not the end: QUEUED or AWAITING_LABELS."""
        with self._database.write() as connection:
            runs.change_state(connection, run_id, state)

    def finish(self, run_id: int, state: RunState, error: str | None = None) -> None:
        """End a run as STOPPED, INTERRUPTED, FAILED or DONE."""
        with self._database.write() as connection:
            runs.finish(connection, run_id, state, error)

    def add_dataset(
        self,
        name: str,
        options: Mapping[str, Scalar],
        fingerprint: str,
        ids: Sequence[str],
        class_names: Sequence[str],
        known_labels: IntArray | None,
    ) -> int:
        """Note a dataset and give its id; the same name and fingerprint give the same id.

        Args:
            name: Qualified name, "plugin/name".
            options: Options it was made with.
            fingerprint: Hash of its content.
            ids: One id per sample, in the canonical order.
            class_names: Names of the c classes.
            known_labels: Class index per sample, shape (n,), -1 where unknown; None without any.
        """
        return datasets.add(
            self._database, name, options, fingerprint, ids, class_names, known_labels
        )

    def attach_dataset(
        self, run_id: int, dataset_id: int, facts: Mapping[str, int] | None = None
    ) -> None:
        """Note which dataset a run uses, and the counts found in it."""
        with self._database.write() as connection:
            runs.attach_dataset(connection, run_id, dataset_id, facts or {})

    def dataset(self, dataset_id: int) -> DatasetRecord:
        """One dataset."""
        with self._database.read() as connection:
            return datasets.get(connection, dataset_id)

    def dataset_ids(self, dataset_id: int) -> list[str]:
        """Its sample ids in the canonical order."""
        return datasets.ids(self._database, dataset_id)

    def dataset_labels(self, dataset_id: int) -> IntArray | None:
        """Its known labels, shape (n,), -1 where unknown; None where it has none at all."""
        return datasets.known_labels(self._database, dataset_id)

    def thumbnail(self, dataset_id: int, position: int) -> bytes | None:
        """The PNG of one sample; None where there is none."""
        with self._database.read() as connection:
            return datasets.thumbnail(connection, dataset_id, position)

    def thumbnail_positions(self, dataset_id: int) -> frozenset[int]:
        """The positions of the samples of which there is a picture."""
        known = self._known_pictures.get(dataset_id, frozenset())
        with self._database.read() as connection:
            found = datasets.thumbnail_positions(connection, dataset_id, known)
        self._known_pictures[dataset_id] = found
        return found

    def commit_round(
        self,
        run_id: int,
        result: RoundResult,
        arrays: RoundArrays,
        labels: Sequence[LabelEvent],
        thumbnails: Mapping[int, bytes],
    ) -> None:
        """Add a finished round: all of it becomes visible at one moment, or nothing does.

        Pool and probabilities of the run's earlier rounds are removed.

        Args:
            run_id: A run that is not over.
            result: The numbers; a number that is not finite is refused.
            arrays: The arrays.
            labels: The labels that came with it; an event the store knows is ignored.
            thumbnails: PNG by position in the run's dataset; those it has are kept as they are.

        Raises:
            AlcoreError: The run has this round already (a round never changes), or is over.
        """
        rounds.commit(self._database, run_id, result, arrays, labels, thumbnails)

    def rounds(self, run_id: int) -> list[RoundResult]:
        """The rounds of a run in order."""
        with self._database.read() as connection:
            return rounds.of_run(connection, run_id, self._known_rounds)

    def round_seconds(self, model: str, dataset: str) -> list[float]:
        """Seconds of each finished round of a model on a dataset (qualified names), newest first.

        At most 1,000.
        """
        with self._database.read() as connection:
            return rounds.seconds(connection, model, dataset)

    def rounds_of(self, experiment_id: int) -> dict[int, list[RoundResult]]:
        """The rounds of every run of an experiment by run id; those read before are not again."""
        with self._database.read() as connection:
            return rounds.of_experiment(connection, experiment_id, self._known_rounds)

    def round_arrays(self, run_id: int, number: int) -> RoundArrays:
        """The arrays of a round; probabilities are a read-only memory map.

        Where pool and probabilities are no longer kept their shapes are (0,) and (0, c).
        """
        return arrays.load(self._database, run_id, number)

    def labels(self, run_id: int) -> list[LabelEvent]:
        """The labels that hold now, one per labelled sample, in the order they were given."""
        with self._database.read() as connection:
            return labels.current(connection, run_id)

    def label_events(self, run_id: int) -> list[LabelEvent]:
        """Every label event of a run in the order of arrival."""
        with self._database.read() as connection:
            return labels.events(connection, run_id)

    def size(self) -> StoreSize:
        """How large the store is."""
        return sizes.measure(self._database)

    def prune(
        self,
        keep_probabilities: bool = False,
        older_than: timedelta = sizes.LEFTOVER_AGE,
        features: bool = False,
    ) -> int:
        """Remove what nobody needs and give the bytes freed; picks and labels always stay.

        That is: pool and probabilities of runs that are over, datasets without a run (with
        their thumbnails), files that no row names, temporary files.

        Args:
            keep_probabilities: Leave pool and probabilities where they are.
            older_than: Younger datasets and files are left alone: somebody may be writing them.
            features: Remove the features of backbones too, but for those being computed.
        """
        return sizes.prune(self._database, keep_probabilities, older_than, features)
