"""What the store takes and gives: frozen records, and the states a run may pass through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alcore.options import Scalar


class RunState(StrEnum):
    """Where a run stands; `NEXT` says what may follow."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    AWAITING_LABELS = "awaiting_labels"
    STOPPING = "stopping"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DONE = "done"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run unless somebody asks for it."""
        return self in _OVER


_OVER = frozenset({RunState.STOPPED, RunState.FAILED, RunState.DONE})
HELD = (RunState.RUNNING, RunState.STOPPING)
"""The states in which a worker has the run."""
NEXT: Mapping[RunState, frozenset[RunState]] = {
    RunState.CREATED: frozenset({RunState.QUEUED, RunState.STOPPED}),
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.STOPPED}),
    RunState.RUNNING: _OVER | {RunState.AWAITING_LABELS, RunState.STOPPING, RunState.INTERRUPTED},
    RunState.AWAITING_LABELS: frozenset({RunState.QUEUED, RunState.STOPPED}),
    RunState.STOPPING: _OVER,
    # A worker takes an interrupted run up by itself, but only so many times.
    RunState.INTERRUPTED: frozenset(
        {RunState.QUEUED, RunState.RUNNING, RunState.STOPPED, RunState.FAILED}
    ),
    RunState.STOPPED: frozenset({RunState.QUEUED}),
    RunState.FAILED: frozenset({RunState.QUEUED}),
    RunState.DONE: frozenset(),
}
"""The legal moves; every other one is refused."""

LEASE_SECONDS = 60.0
"""A run whose worker was silent for longer is taken from it."""
MAX_RESUMES = 2
"""How many times an interrupted run is taken up again before somebody must ask for it."""


class Order(StrEnum):
    """What a worker is to do with a run it has."""

    GO_ON = "go_on"
    STOP = "stop"
    STOP_NOW = "stop_now"


def states_before(state: RunState) -> tuple[RunState, ...]:
    """The states from which a run may move to this one."""
    return tuple(before for before, following in NEXT.items() if state in following)


@dataclass(frozen=True, kw_only=True)
class DatasetRecord:
    """A dataset as some run used it.

    Attributes:
        id: Key in this store.
        name: Qualified name, "plugin/name".
        options: Options it was made with the first time.
        fingerprint: Hash of the content.
        n: Number of samples.
        class_names: Names of the c classes.
    """

    id: int
    name: str
    options: Mapping[str, Scalar]
    fingerprint: str
    n: int
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExperimentRecord:
    """A set of runs to be compared.

    Attributes:
        id: Key in this store.
        title: For people.
        config: The configuration, TOML text.
        created_at: UTC.
        states: How many runs are in each state; states without a run are absent.
        settings: What people entered for it, such as the cost of a label.
        note: Of people, for people.
        tags: Words to find it by.
    """

    id: int
    title: str
    config: str
    created_at: datetime
    states: Mapping[RunState, int]
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    note: str = ""
    tags: tuple[str, ...] = ()

    @property
    def n_runs(self) -> int:
        """Number of runs in any state."""
        return sum(self.states.values())


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run to be added.

    Attributes:
        strategy: Qualified name, "plugin/name".
        strategy_options: Plain values.
        model: Qualified name, "plugin/name".
        model_options: Plain values.
        seed: From which every random choice of the run derives.
        versions: What it ran with, such as {"alcore/uncertainty": "alcore 0.1.0"}.
    """

    strategy: str
    strategy_options: Mapping[str, Scalar]
    model: str
    model_options: Mapping[str, Scalar]
    seed: int
    versions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RunRecord(NewRun):
    """A run as it stands now.

    Attributes:
        id: Key in this store.
        experiment_id: The experiment it belongs to.
        dataset_id: None until it has loaded its dataset.
        state: Where it stands.
        error: One sentence where it failed.
        round: The round being worked on; None before the first.
        step: What it is doing there, such as "train"; "" before the first.
        fraction: How much of the whole run is done, 0 to 1.
        eta_seconds: Time left; None where unknown.
        stop_requested: Whether someone asked it to stop.
        stop_now: Whether someone asked twice.
        token: Who takes the run gets the next number; only the newest one may write.
        attempts: How many times it was taken up again since its last round, after its worker
            had died.
        process: Who took it from the queue, as given to `Store.claim_run`.
        created_at: UTC.
        started_at: UTC; None until taken from the queue.
        finished_at: UTC; None until over.
        facts: Numbers that hold for all its rounds, as `alcore.execution` found them when it
            loaded the dataset: "threads", "left_out", "identical_pairs", "near_pairs",
            "pairs_across_test".
        best_accuracy: The best on the test split of all rounds; None before the first.
        n_labelled: Labels that its newest round learnt from.
        title: What somebody called it; "" where nobody did.
        note: Of people, for people.
        tags: Words to find it by.
    """

    id: int
    experiment_id: int
    dataset_id: int | None
    state: RunState
    error: str | None
    round: int | None
    step: str
    fraction: float
    eta_seconds: float | None
    stop_requested: bool
    process: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stop_now: bool = False
    token: int = 0
    attempts: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)
    best_accuracy: float | None = None
    n_labelled: int | None = None
    title: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()

    @property
    def began_with(self) -> str:
        """Versions and threads, in words; the same ones give the same rounds again."""
        parts = [f"{name} {version}" for name, version in self.versions.items()]
        if threads := self.facts.get("threads"):
            parts.append(f"{threads} thread{'s' * (threads > 1)}")
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class LabelEvent:
    """Somebody gave, changed or withdrew a label. Events are added, never changed.

    Attributes:
        event_id: uuid4 hex made by whoever labelled; the same event sent twice is one event.
        position: Position of the sample in the dataset.
        sample_id: Id of that sample.
        label: Class index; None withdraws the label given before.
        source: "oracle" or a person.
        round: The round whose batch it answers; 0 for the initial labels.
    """

    event_id: str
    position: int
    sample_id: str
    label: int | None
    source: str
    round: int


@dataclass(frozen=True, kw_only=True)
class StoreSize:
    """How large the store is.

    Attributes:
        database_bytes: The database with its journal.
        array_bytes: The files beside it, leftovers included.
        feature_bytes: The features of backbones, which can be computed again.
        thumbnails: Number of thumbnails.
        runs: Number of runs.
    """

    database_bytes: int
    array_bytes: int
    feature_bytes: int
    thumbnails: int
    runs: int
