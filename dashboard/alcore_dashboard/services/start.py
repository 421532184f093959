"""From the fields of a form to an experiment, checked as its TOML file would be."""

import re
from collections.abc import Mapping, Sequence

from alcore.components import Spec
from alcore.errors import UsageError
from alcore.experiment import Component, Experiment, parse_experiment
from alcore.options import Scalar
from alcore.plugins import Registry
from alcore.results import RANDOM
from alcore_dashboard.services.naming import titles

_LINE = re.compile(r"^line \d+: ")


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
    strategies: Sequence[str],
    n_seeds: int,
    sizes: Mapping[str, Scalar],
) -> Experiment:
    """The experiment that a filled form stands for.

    Raises:
        UsageError: One sentence, without the line numbers of the TOML that nobody wrote.
    """
    if not strategies:
        raise UsageError("no strategy is chosen; choose random and at least one other")
    draft = Experiment(
        title=title or "Untitled experiment",
        dataset=dataset,
        model=model,
        strategies=tuple(Component(name=name) for name in strategies),
        seeds=tuple(range(n_seeds)),
        **{name: int(value) for name, value in sizes.items()},
    )
    try:
        return parse_experiment(draft.to_toml(), registry)
    except UsageError as error:
        raise UsageError(_LINE.sub("", str(error))) from error
