"""Carrying out one stored run: play rounds, ask the simulated oracle, commit each round."""

import logging
import math
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from alcore.errors import AlcoreError, RunStopped, StoreAway, sentence, storable
from alcore.experiment import Component, Experiment, parse_experiment
from alcore.features import FeatureCache
from alcore.loading import LoadedDataset, facts_of, load_dataset, make_run
from alcore.models import Model, Progress
from alcore.plugins import Registry
from alcore.queueing import versions_of
from alcore.rounds import within_round
from alcore.runs import Round, Run
from alcore.store import LabelEvent, RunRecord, RunState, Store
from alcore.thumbnails import png_bytes

_EVENTS = uuid.UUID("3c1d5a1e-6f0b-4a52-9a55-0f2f3d8f7a10")
_LOGGER = logging.getLogger(__name__)
_LONGEST_TRACEBACK = 20_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a run is: round of rounds, step, fraction of the whole run, seconds left if known."""

    round: int
    rounds: int
    step: str
    fraction: float
    eta_seconds: float | None


Report = Callable[[Step], None]
"""Told of every step; may raise RunStopped."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: its state, one sentence where it failed, and where in the code.

    INTERRUPTED where the store was away: it goes on from its last round when the store is back.
    """

    state: RunState
    error: str | None = None
    traceback: str | None = None


def perform(store: Store, registry: Registry, record: RunRecord, report: Report) -> Outcome:
    """Play a claimed run from its last committed round to its end.

    A failure of the dataset, model or strategy is an outcome. The caller writes it down.
    """
    try:
        _play(store, registry, record, report)
    except RunStopped:
        return Outcome(state=RunState.STOPPED)
    except StoreAway as error:
        return Outcome(state=RunState.INTERRUPTED, error=sentence(error))
    except BaseException as error:  # plugin code may raise anything, SystemExit included
        told = storable("".join(traceback.format_exception(error))[-_LONGEST_TRACEBACK:])
        return Outcome(state=RunState.FAILED, error=sentence(error), traceback=told)
    return Outcome(state=RunState.DONE)


def _play(store: Store, registry: Registry, record: RunRecord, report: Report) -> None:
    experiment = parse_experiment(store.experiment(record.experiment_id).config, registry)
    progress = _Progress(rounds=experiment.rounds, report=report, round=record.round or 0)
    progress("load", 0.0)
    loaded, run = prepared(store, registry, record, experiment, progress)
    dataset_id = _stored_dataset(store, record, experiment.dataset, loaded)
    threads = _threads()
    began = {"threads": record.facts.get("threads", threads)}
    facts = facts_of(loaded, run.plan.splits) | began
    store.attach_dataset(record.id, dataset_id, facts, token=record.token)
    journal = _Journal(store=store, record=record, loaded=loaded, run=run, dataset_id=dataset_id)
    if journal.resume():
        now = versions_of(registry, (record.strategy, record.model, experiment.dataset.name))
        _tell_what_differs(record.id, {**record.versions, **began}, {**now, "threads": threads})
    progress.round = run.number
    while (asked := run.ask()) is not None:
        run.tell({name: journal.truth[name] for name in asked})
        journal.commit()
        progress.round = run.number
    if run.rounds:
        journal.commit()


def prepared(
    store: Store, registry: Registry, record: RunRecord, experiment: Experiment, progress: Progress
) -> tuple[LoadedDataset, Run]:
    """The dataset of a stored run, and the run at its beginning."""
    cache = FeatureCache(store.folder / "features")
    loaded = load_dataset(experiment, registry, cache=cache, progress=progress)
    run = make_run(
        experiment,
        loaded,
        registry,
        strategy=record.strategy,
        seed=record.seed,
        progress=progress,
    )
    return loaded, run


def _tell_what_differs(run_id: int, began: Mapping[str, object], now: Mapping[str, object]) -> None:
    other = [
        f"{name} {then}, now {now.get(name, 'missing')}"
        for name, then in began.items()
        if now.get(name) != then
    ]
    if other:
        _LOGGER.warning(
            "run %s goes on with other versions or threads than it began with, so its rounds may "
            "differ from those of an uninterrupted run: %s",
            run_id,
            "; ".join(other),
        )


def _threads() -> int:
    """Of the linear algebra: sums in another order differ in their last digit."""
    return max((pool["num_threads"] for pool in threadpool_info()), default=1)


def _stored_dataset(
    store: Store, record: RunRecord, dataset: Component, loaded: LoadedDataset
) -> int:
    dataset_id = store.add_dataset(
        name=dataset.name,
        options=dict(dataset.options),
        fingerprint=loaded.dataset.fingerprint,
        ids=list(loaded.dataset.ids),
        class_names=loaded.class_names,
        known_labels=loaded.labels,
    )
    if record.dataset_id not in (None, dataset_id) and store.rounds(record.id):
        raise AlcoreError(
            f"the content of dataset {dataset.name!r} has changed since run {record.id} began, so "
            "its rounds cannot be continued; start a new experiment"
        )
    return dataset_id


def labels_by_round(
    store: Store, run_id: int, rounds: int
) -> tuple[list[int], list[dict[int, int]]]:
    """The initially labelled positions, and each round's labels by position, as they came."""
    initial: list[int] = []
    batches: list[dict[int, int]] = [{} for _ in range(rounds)]
    for event in store.label_events(run_id):
        if event.source == "initial":
            initial.append(event.position)
        elif event.label is not None:
            batches[event.round][event.position] = event.label
    return initial, batches


@dataclass(kw_only=True)
class _Progress:
    """From steps of a round to fractions of the whole run."""

    rounds: int
    report: Report
    round: int = 0
    _began: tuple[float, float] | None = None

    def __call__(self, step: str, fraction: float) -> None:
        if not math.isfinite(fraction):
            raise AlcoreError(f"the progress of {step!r} must be between 0 and 1, not {fraction}")
        now, eta, fraction = time.monotonic(), None, min(max(fraction, 0.0), 1.0)
        rounds = max(self.rounds, self.round + 1)  # money may buy smaller batches, so more
        if step in ("load", "features"):  # they come once, and say nothing of a round's time
            whole = max(fraction, self.round / rounds)
        else:
            whole = (self.round + within_round(step, fraction)) / rounds
            if self._began is None:
                self._began = now, whole
            began, at = self._began
            if whole > at:
                eta = (now - began) * (1 - whole) / (whole - at)
        place = {"round": self.round, "rounds": rounds}
        self.report(Step(**place, step=step, fraction=whole, eta_seconds=eta))


@dataclass(kw_only=True)
class _Journal:
    """Commits the newest round of a run: numbers, arrays, labels, pictures, model."""

    store: Store
    record: RunRecord
    loaded: LoadedDataset
    run: Run
    dataset_id: int

    @cached_property
    def truth(self) -> Mapping[str, int]:
        """The simulated oracle: the dataset's own labels by id."""
        known = zip(self.loaded.dataset.ids, self.loaded.labels.tolist(), strict=True)
        return {name: label for name, label in known if label >= 0}

    @cached_property
    def pictured(self) -> set[int]:
        """The samples of which the store has a picture."""
        return set(self.store.thumbnail_positions(self.dataset_id))

    def resume(self) -> bool:
        """Bring the run to where its committed rounds end; whether there are any."""
        committed = self.store.rounds(self.record.id)
        if not committed:
            return False
        initial, batches = labels_by_round(self.store, self.record.id, len(committed))
        if initial != self.run.plan.splits.initial.tolist():
            raise AlcoreError(
                f"the splits of run {self.record.id} are drawn differently than when it began; "
                "start a new experiment"
            )
        self.run.resume(batches, is_over=committed[-1].batch is None, load=self._load_model)
        return True

    def _load_model(self, model: Model) -> bool:
        number = len(self.store.rounds(self.record.id)) - 1
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = self.store.load_model(self.record.id, number, Path(folder))
            except AlcoreError as damage:
                _LOGGER.warning("%s; the earlier rounds are trained again", damage)
                return False
            if found:
                model.load(Path(folder))
        return found

    def commit(self) -> None:
        latest = self.run.rounds[-1]
        pictures = self._thumbnails(latest)
        with tempfile.TemporaryDirectory() as folder:
            if keeps := self.run.has_model and not self.run.is_over:
                self.run.save_model(Path(folder))
            self.store.commit_round(
                self.record.id,
                latest.result,
                latest.arrays,
                self._labels(latest),
                pictures,
                token=self.record.token,
                model=Path(folder) if keeps else None,
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
        event = uuid.uuid5(_EVENTS, f"{self.record.id}/{number}/{position}")
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
