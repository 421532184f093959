"""From an experiment to runs waiting in the store. The dashboard does this, and no more."""

import platform
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata

from alcore import __version__
from alcore.components import DatasetSpec, ModelSpec, Spec, StrategySpec
from alcore.errors import AlcoreError, UsageError
from alcore.experiment import Component, Experiment, resolved
from alcore.options import Scalar, build, to_dict
from alcore.plugins import Registry
from alcore.preparation import check_ready
from alcore.store import NewRun, RunState, Store
from alcore.strategies import NEEDS_MODEL

_FRAMEWORKS = ("numpy", "scikit-learn", "tensorflow", "keras")


def queue_experiment(store: Store, experiment: Experiment, registry: Registry) -> int:
    """Put every strategy with every seed into the store, to be carried out by a worker.

    Runs of one seed follow each other, so that a comparison is fair at any moment.

    Returns:
        The experiment's id.

    Raises:
        AlcoreError: A component needs something that is not installed, or the model asks
            for content that the dataset does not have.
    """
    full = resolved(experiment, registry)
    check_components(full, registry)
    runs = [
        _new_run(full, strategy, seed, registry)
        for seed in full.seeds
        for strategy in full.strategies
    ]
    return store.add_experiment(full.title, full.to_toml(), runs, state=RunState.QUEUED)


def check_components(experiment: Experiment, registry: Registry) -> None:
    """Refuse an experiment that cannot run here.

    Raises:
        AlcoreError: Something is not installed, model and dataset do not fit, or the dataset
            must be fetched first.
    """
    dataset, model = (
        registry.dataset(experiment.dataset.name),
        registry.model(experiment.model.name),
    )
    _check_content(dataset, model)
    strategies = [registry.strategy(part.name) for part in experiment.strategies]
    for spec in (dataset, model, *strategies):
        _check_installed(spec)
    if not experiment.initial:
        _check_cold_start(strategies, registry)
    check_ready(dataset, build(dataset.options, experiment.dataset.options, where="dataset"))


def _check_content(dataset: DatasetSpec, model: ModelSpec) -> None:
    if model.consumes not in dataset.provides:
        offered = " and ".join(sorted(dataset.provides))
        raise UsageError(
            f"model {model.name!r} needs {model.consumes} but dataset {dataset.name!r} "
            f"offers {offered}; choose another of the two"
        )


def _check_installed(spec: Spec) -> None:
    if missing := spec.missing():
        wanted = " ".join(f'"{package}"' for package in missing)
        raise AlcoreError(f"{spec.name!r} needs {', '.join(missing)}; pip install {wanted}")


def _check_cold_start(strategies: Sequence[StrategySpec], registry: Registry) -> None:
    """Without a label there is no model to ask."""
    asking = [spec.name for spec in strategies if NEEDS_MODEL & spec.needs]
    if asking:
        others = [s.name for s in registry.strategies.values() if not NEEDS_MODEL & s.needs]
        raise UsageError(
            f"splits.initial is 0, and without a label there is no model whose answers "
            f"{', '.join(asking)} could choose by; begin with some labels, or with "
            f"{' or '.join(sorted(others))}, which need none"
        )


def _new_run(experiment: Experiment, strategy: Component, seed: int, registry: Registry) -> NewRun:
    model = experiment.model
    return NewRun(
        strategy=strategy.name,
        strategy_options=_options(registry.strategy(strategy.name), strategy),
        model=model.name,
        model_options=_options(registry.model(model.name), model),
        seed=seed,
        versions=versions_of(registry, (strategy.name, model.name, experiment.dataset.name)),
    )


def _options(spec: Spec, component: Component) -> dict[str, Scalar]:
    return to_dict(build(spec.options, component.options, where=spec.name))


def versions_of(registry: Registry, components: tuple[str, ...]) -> dict[str, str]:
    """What a run depends on: the plugins of these qualified names, and what they stand on."""
    sources = {name: registry.source(name) for name in components}
    versions = {"alcore": __version__, "python": platform.python_version()}
    for name in _FRAMEWORKS:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions | sources
