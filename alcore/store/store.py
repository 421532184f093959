"""The store as the rest of alcore sees it: one object, short methods."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from alcore.options import Scalar
from alcore.rounds import RoundArrays, RoundResult
from alcore.store import arrays as array_files
from alcore.store import (
    backup,
    check,
    datasets,
    experiments,
    files,
    labels,
    leases,
    rounds,
    runs,
    schema,
    sizes,
)
from alcore.store.check import Finding
from alcore.store.connect import Database, connect
from alcore.store.known import KnownRounds
from alcore.store.records import (
    LEASE_SECONDS,
    DatasetRecord,
    ExperimentRecord,
    LabelEvent,
    NewRun,
    Order,
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

    def describe_experiment(
        self, experiment_id: int, note: str | None = None, tags: Sequence[str] | None = None
    ) -> None:
        """Change note and tags of an experiment; None leaves them as they are."""
        with self._database.write() as connection:
            experiments.describe(connection, experiment_id, note, tags)

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
        """Stop the waiting runs of an experiment at once and ask the running ones to stop.

        Asked a second time these end at once, in the middle of a step.
        """
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

    def list_runs(
        self,
        states: Sequence[RunState] = (),
        experiment_id: int | None = None,
        search: str = "",
        tag: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[RunRecord], int]:
        """Some runs, newest first, and how many there are in all.

        Args:
            states: In one of these; all where empty.
            experiment_id: Of this experiment.
            search: Words that must be in strategy, model, title or note, in any case.
            tag: With this tag.
            limit: At most as many.
            offset: Leave out as many of the newest.
        """
        with self._database.read() as connection:
            return runs.listed(connection, states, experiment_id, search, tag, limit, offset)

    def describe_run(
        self,
        run_id: int,
        title: str | None = None,
        note: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Change what people say of a run; None leaves as it is, UsageError where too long."""
        with self._database.write() as connection:
            runs.get(connection, run_id)
            runs.describe(connection, schema.runs, run_id, title, note, tags)

    def stop_run(self, run_id: int) -> None:
        """Like `request_stop`, for one run."""
        with self._database.write() as connection:
            runs.stop_one(connection, run_id)

    def resume_run(self, run_id: int) -> None:
        """Queue a run again that was stopped, interrupted or failed; its rounds stay."""
        with self._database.write() as connection:
            runs.resume(connection, run_id)

    def delete_run(self, run_id: int) -> None:
        """Delete a run that nobody works on: rounds, labels and files. There is no way back."""
        runs.delete(self._database, run_id)

    def traceback(self, run_id: int) -> str | None:
        """Where a failed run failed, for the author of what failed; None where unknown."""
        with self._database.read() as connection:
            return runs.traceback(connection, run_id)

    def log_file(self, run_id: int) -> Path:
        """The file of what the run's process printed; it may not exist."""
        return files.log_file(self.folder, run_id)

    def claim_run(
        self,
        experiment_id: int | None = None,
        *,
        process: str,
        lease_seconds: float = LEASE_SECONDS,
    ) -> RunRecord | None:
        """Take the oldest run that is queued or was interrupted; None where there is none.

        No run is ever given to two callers at a time. Its `token` goes with all that is written.

        Args:
            experiment_id: Only runs of this experiment.
            process: Who takes it, such as "host:pid".
            lease_seconds: How long it is the caller's without a beat.
        """
        with self._database.write() as connection:
            return leases.claim(connection, experiment_id, process, lease_seconds)

    def has_waiting(self, experiment_id: int | None = None) -> bool:
        """Whether `claim_run` would find a run."""
        with self._database.read() as connection:
            return leases.has_waiting(connection, experiment_id)

    def beat(
        self,
        run_id: int,
        token: int,
        round: int,
        step: str,
        fraction: float,
        eta_seconds: float | None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> Order:
        """Keep a run, note how far it is, and learn whether it should stop.

        One short transaction; the caller decides how often.

        Args:
            run_id: The run.
            token: As claimed.
            round: The round being worked on.
            step: What is being done, such as "train".
            fraction: How much of the whole run is done, 0 to 1.
            eta_seconds: Time left; None where unknown.
            lease_seconds: How long it stays the caller's from now.

        Raises:
            LeaseLost: It is somebody else's, or over.
        """
        with self._database.write() as connection:
            return leases.beat(
                connection, run_id, token, round, step, fraction, eta_seconds, lease_seconds
            )

    def expire_leases(self) -> None:
        """Take runs from workers that fell silent: interrupted, stopped, or failed too often."""
        with self._database.read() as connection:
            if not leases.has_late(connection):
                return  # pages ask often, and must not wait for who writes
        with self._database.write() as connection:
            leases.expire(connection)

    def interrupt(self, run_id: int, token: int, why: str) -> RunState:
        """Give up a run whose process died; gives the state it is in now."""
        with self._database.write() as connection:
            return leases.interrupt(connection, run_id, token, why)

    def change_state(self, run_id: int, state: RunState) -> None:
        """Move a run to a state that is not the end: QUEUED or AWAITING_LABELS."""
        with self._database.write() as connection:
            runs.change_state(connection, run_id, state)

    def finish(
        self,
        run_id: int,
        state: RunState,
        error: str | None = None,
        traceback: str | None = None,
        *,
        token: int,
    ) -> None:
        """End a run as STOPPED, FAILED or DONE; LeaseLost where it is not the caller's."""
        with self._database.write() as connection:
            leases.finish(connection, run_id, token, state, error, traceback)

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
        self, run_id: int, dataset_id: int, facts: Mapping[str, int] | None = None, *, token: int
    ) -> None:
        """Note which dataset a run uses, and the counts found in it."""
        with self._database.write() as connection:
            leases.check(connection, run_id, token)
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
        *,
        token: int,
        model: Path | None = None,
    ) -> None:
        """Add a finished round: all of it becomes visible at one moment, or nothing does.

        Pool, probabilities and model of the run's earlier rounds are removed.

        Args:
            run_id: A run that the caller has.
            result: The numbers; a number that is not finite is refused.
            arrays: The arrays.
            labels: The labels that came with it; an event the store knows is ignored.
            thumbnails: PNG by position in the run's dataset; those it has are kept as they are.
            token: As claimed.
            model: Folder of the saved model, where a next round goes on from it.

        Raises:
            AlcoreError: The run has this round already: a round never changes.
            LeaseLost: The run is somebody else's, or over.
        """
        rounds.commit(
            self._database, run_id, result, arrays, labels, thumbnails, token=token, model=model
        )

    def rewrite_arrays(self, run_id: int, number: int, arrays: RoundArrays) -> None:
        """Replace damaged files of a round by what they held; see `alcore.replay`."""
        array_files.rewrite(self._database, run_id, number, arrays)

    def load_model(self, run_id: int, number: int, folder: Path) -> bool:
        """Put the files of a round's model into an empty folder; False where none was kept."""
        return array_files.load_model(self._database, run_id, number, folder)

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
        return array_files.load(self._database, run_id, number)

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

    def check(self, older_than: timedelta = sizes.LEFTOVER_AGE) -> list[Finding]:
        """What is damaged or left over, after reading every row and file.

        Args:
            older_than: Younger files that no row names are left alone: they may get one.
        """
        return check.check(self._database, schema.now() - older_than)

    def repair(
        self, findings: Sequence[Finding], older_than: timedelta = sizes.LEFTOVER_AGE
    ) -> None:
        """Put right those of the findings that are repairable."""
        check.repair(self._database, findings, schema.now() - older_than)

    def backup(self, target: Path) -> None:
        """Copy a SQLite store to a new file, and its files beside it, while others write.

        Raises:
            UsageError: The target exists, or the store is not SQLite.
        """
        backup.backup(self._database, target)

    def vacuum(self) -> None:
        """Give the space of deleted rows back."""
        self._database.vacuum()
