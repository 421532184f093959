"""Carrying out one stored run: play rounds, ask the simulated oracle, commit each round."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from alcore.errors import RunStopped, sentence
from alcore.experiment import Experiment, parse_experiment
from alcore.features import FeatureCache
from alcore.loading import LoadedDataset, duplicate_facts, load_dataset, make_run
from alcore.models import Progress
from alcore.plugins import Registry
from alcore.rounds import within_round
from alcore.runs import Round, Run
from alcore.store import LabelEvent, RunRecord, RunState, Store
from alcore.thumbnails import png_bytes

SECONDS_BETWEEN_REPORTS = 0.5
_EVENTS = uuid.UUID("3c1d5a1e-6f0b-4a52-9a55-0f2f3d8f7a10")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a run is: round of rounds, step, and the fraction of the whole run."""

    run: RunRecord
    round: int
    rounds: int
    step: str
    fraction: float


Watch = Callable[[Step], None]


@dataclass(kw_only=True)
class Executor:
    """Carries out claimed runs in this process; keeps datasets in memory between runs."""

    store: Store
    registry: Registry
    watch: Watch = lambda step: None
    _loaded: dict[tuple[str, ...], tuple[LoadedDataset, int]] = field(default_factory=dict)
    _pictured: dict[int, set[int]] = field(default_factory=dict)

    def execute(self, record: RunRecord) -> RunState:
        """Play a claimed run to its end and write how it ended.

        A failure of the dataset, model or strategy ends this run alone.
        """
        try:
            self._play(record)
        except RunStopped:
            return self._finish(record, RunState.STOPPED)
        except KeyboardInterrupt:
            self._finish(record, RunState.STOPPED)
            raise
        except BaseException as error:  # plugin code may raise anything, SystemExit included
            return self._finish(record, RunState.FAILED, sentence(error))
        return self._finish(record, RunState.DONE)

    def _finish(self, record: RunRecord, state: RunState, error: str | None = None) -> RunState:
        self.store.finish(record.id, state, error=error)
        return state

    def _play(self, record: RunRecord) -> None:
        stored = self.store.experiment(record.experiment_id)
        experiment = parse_experiment(stored.config, self.registry)
        reporter = _Reporter(
            store=self.store, run=record, rounds=experiment.rounds, watch=self.watch
        )
        loaded, dataset_id = self._dataset(experiment, reporter)
        run = make_run(
            experiment,
            loaded,
            self.registry,
            strategy=record.strategy,
            seed=record.seed,
            progress=reporter,
        )
        facts = duplicate_facts(loaded, run.plan.splits)
        self.store.attach_dataset(record.id, dataset_id, facts)
        journal = _Journal(
            store=self.store,
            run_id=record.id,
            loaded=loaded,
            run=run,
            pictured=self._pictured.setdefault(dataset_id, set()),
        )
        while (asked := run.ask()) is not None:
            run.tell({name: journal.truth[name] for name in asked})
            journal.commit()
            reporter.round = len(run.rounds)
        journal.commit()

    def _dataset(self, experiment: Experiment, progress: Progress) -> tuple[LoadedDataset, int]:
        part = experiment.dataset
        key = (str(part), str(experiment.model), experiment.duplicates)
        if key not in self._loaded:
            cache = FeatureCache(self.store.folder / "features")
            loaded = load_dataset(experiment, self.registry, cache=cache, progress=progress)
            dataset_id = self.store.add_dataset(
                name=part.name,
                options=dict(part.options),
                fingerprint=loaded.dataset.fingerprint,
                ids=list(loaded.dataset.ids),
                class_names=loaded.class_names,
                known_labels=loaded.labels,
            )
            self._loaded[key] = loaded, dataset_id
        return self._loaded[key]


@dataclass(kw_only=True)
class _Reporter:
    """Writes progress to the store now and then, and hears there that it shall stop."""

    store: Store
    run: RunRecord
    rounds: int
    watch: Watch
    round: int = 0
    _started: float = field(default_factory=time.monotonic)
    _reckoned: bool = True
    _reported: float = float("-inf")

    def __call__(self, step: str, fraction: float) -> None:
        if step == "features":
            whole, self._reckoned = fraction, False
        else:
            if not self._reckoned:  # features come once, and say nothing of a round's time
                self._started, self._reckoned = time.monotonic(), True
            whole = (self.round + within_round(step, fraction)) / self.rounds
        self.watch(
            Step(run=self.run, round=self.round, rounds=self.rounds, step=step, fraction=whole)
        )
        now = time.monotonic()
        if now - self._reported < SECONDS_BETWEEN_REPORTS:
            return
        self._reported = now
        eta = (now - self._started) * (1 - whole) / whole if whole else None
        if self.store.progress(self.run.id, self.round, step, whole, eta):
            raise RunStopped(f"run {self.run.id} was asked to stop")


@dataclass(kw_only=True)
class _Journal:
    """Commits the newest round of a run: numbers, arrays, labels, pictures."""

    store: Store
    run_id: int
    loaded: LoadedDataset
    run: Run
    pictured: set[int]

    @cached_property
    def truth(self) -> Mapping[str, int]:
        """The simulated oracle: the dataset's own labels by id."""
        known = zip(self.loaded.dataset.ids, self.loaded.labels.tolist(), strict=True)
        return {name: label for name, label in known if label >= 0}

    def commit(self) -> None:
        latest = self.run.rounds[-1]
        pictures = self._thumbnails(latest)
        self.store.commit_round(
            self.run_id, latest.result, latest.arrays, self._labels(latest), pictures
        )
        self.pictured.update(pictures)

    def _labels(self, latest: Round) -> list[LabelEvent]:
        number = latest.result.number
        bought = [self._event(int(i), number, "oracle") for i in latest.arrays.picks]
        if number:
            return bought
        return [self._event(int(i), 0, "initial") for i in self.run.plan.splits.initial] + bought

    def _event(self, position: int, number: int, source: str) -> LabelEvent:
        # Derived, not drawn: the same label committed again is the same row.
        event = uuid.uuid5(_EVENTS, f"{self.run_id}/{number}/{position}")
        return LabelEvent(
            event_id=event.hex,
            position=position,
            sample_id=self.loaded.dataset.ids[position],
            label=int(self.loaded.labels[position]),
            source=source,
            round=number,
        )

    def _thumbnails(self, latest: Round) -> dict[int, bytes]:
        shown = np.union1d(latest.arrays.picks, latest.arrays.worst).tolist()
        fresh = [i for i in shown if i not in self.pictured]
        images = {i: self.loaded.dataset.thumbnail(i) for i in fresh}
        return {i: png_bytes(image) for i, image in images.items() if image is not None}
