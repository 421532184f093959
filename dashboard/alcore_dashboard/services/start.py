"""From the fields of a form, a file or a ready-made one to an experiment, and what it will take."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alcore import presets as ready
from alcore.components import Spec
from alcore.errors import AlcoreError, UsageError
from alcore.estimate import estimate_from_history
from alcore.experiment import Component, Experiment, parse_experiment, resolved
from alcore.plugins import Registry
from alcore.queueing import check_components
from alcore.results import RANDOM, dataset_id_of
from alcore.store import DatasetRecord, Store
from alcore_dashboard.services.naming import duration, titles

MOST_BYTES = 100_000
_LINE = re.compile(r"^line \d+: ")


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A ready-made experiment.

    Attributes:
        name: Of its file.
        experiment: What it does.
        obstacle: What must be installed or fetched first; "" when ready.
    """

    name: str
    experiment: Experiment
    obstacle: str


def labels(specs: Mapping[str, Spec]) -> dict[str, str]:
    """How components stand in a list of choices, with what they still need."""
    known = titles(specs)
    needs = {name: ", ".join(spec.missing()) for name, spec in specs.items()}
    return {name: f"{known[name]} (needs {n})" if n else known[name] for name, n in needs.items()}


def ready_first(specs: Mapping[str, Spec]) -> list[str]:
    """Qualified names, those that can be used at once before the others."""
    return sorted(specs, key=lambda name: bool(specs[name].missing()))


def models_for(registry: Registry, dataset: str) -> dict[str, Spec]:
    """The models that can read what the dataset provides."""
    provides = registry.dataset(dataset).provides
    return {name: spec for name, spec in registry.models.items() if spec.consumes in provides}


def suggested_strategies(registry: Registry) -> list[str]:
    """Random and the criteria, the comparison of the article."""
    return [
        name
        for name, spec in registry.strategies.items()
        if (name == RANDOM or spec.criterion is not None) and not spec.missing()
    ]


def make_experiment(
    registry: Registry,
    *,
    title: str,
    dataset: Component,
    model: Component,
    strategies: Sequence[Component],
    n_seeds: int,
    sizes: Mapping[str, Any],
) -> Experiment:
    """The experiment that a filled form stands for.

    Raises:
        UsageError: One sentence, without the line numbers of the TOML that nobody wrote.
    """
    if not strategies:
        raise UsageError("no strategy is chosen; choose random and at least one other")
    draft = Experiment(
        title=title.strip() or "Untitled experiment",
        dataset=dataset,
        model=model,
        strategies=tuple(strategies),
        seeds=tuple(range(n_seeds)),
        **sizes,
    )
    try:
        return parse_experiment(draft.to_toml(), registry)
    except UsageError as error:
        raise UsageError(_LINE.sub("", str(error))) from error


def read_upload(data: bytes, registry: Registry) -> Experiment:
    """The experiment in an uploaded TOML file.

    Raises:
        UsageError: One sentence: too large, not UTF-8, or what `parse_experiment` says, with
            the line.
    """
    if len(data) > MOST_BYTES:
        raise UsageError(
            f"the file has {len(data):,} bytes; an experiment file has at most {MOST_BYTES:,}"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("the file is not UTF-8 text; an experiment is a TOML file") from error
    return parse_experiment(text, registry)


def presets(registry: Registry) -> list[Preset]:
    """The ready-made experiments whose components are there."""
    found = []
    for name in ready.NAMES:
        try:
            experiment = resolved(parse_experiment(ready.experiment_text(name), registry), registry)
        except UsageError:  # its plugin is blocked
            continue
        found.append(
            Preset(name=name, experiment=experiment, obstacle=_obstacle(experiment, registry))
        )
    return found


def _obstacle(experiment: Experiment, registry: Registry) -> str:
    try:
        check_components(experiment, registry)
    except AlcoreError as error:
        return str(error)
    return ""


def ceiling_experiment(experiment: Experiment, pool: int) -> Experiment:
    """The experiment that measures the ceiling of another one: the whole pool in one batch."""
    return dataclasses.replace(
        experiment,
        title=f"Whole pool: {experiment.title}"[:200],
        strategies=(Component(name=RANDOM),),
        samples=pool,
        batch=pool,
        spend=0.0,
        claims=None,
    )


def stored_dataset(store: Store, dataset: Component) -> DatasetRecord | None:
    """The newest stored dataset of that qualified name and these options; None without one."""
    for record in store.experiments():
        if dataset.name in record.config:
            dataset_id = dataset_id_of(store.runs(record.id))
            found = None if dataset_id is None else store.dataset(dataset_id)
            if found and (found.name, found.options) == (dataset.name, dict(dataset.options)):
                return found
    return None


def expectation(experiment: Experiment, store: Store) -> str:
    """What an experiment with qualified names will take, in one sentence.

    Raises:
        UsageError: It asks for more samples than its dataset is known to have.
    """
    runs = len(experiment.strategies) * len(experiment.seeds)
    size = f"{_count(runs, 'run')} of {_count(experiment.rounds, 'round')}"
    known = stored_dataset(store, experiment.dataset)
    if known is None:
        return f"{size}; how long they take is unknown: no earlier run to go by."
    _check_size(experiment, known.n)
    guess = estimate_from_history(
        experiment, store, n_samples=known.n, n_classes=len(known.class_names)
    )
    assert guess.disk_bytes is not None  # the size of the dataset is known here
    disk = f"about {guess.disk_bytes / 1e6:.1f} MB of disk"
    if guess.seconds is None:
        return f"{size}, {disk}; how long they take is unknown: no earlier run to go by."
    return f"{size}: about {duration(guess.seconds)} ({guess.basis}) and {disk}."


def _check_size(experiment: Experiment, n: int) -> None:
    splits = experiment.initial + experiment.validation + experiment.test
    if splits + experiment.samples > n:
        raise UsageError(
            f"splits ({splits}) and budget ({experiment.samples}) together ask for "
            f"{splits + experiment.samples} samples, but the dataset has {n}; ask for fewer"
        )


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
