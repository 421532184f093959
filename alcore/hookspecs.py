"""The hooks a plugin may implement. These three are the whole plugin interface.

A plugin is an installed package with an entry point in the group ``alcore`` that names a
module; the module implements one or more of these functions under `@alcore.hookimpl`.
Each returns descriptors, cheap to make: nothing heavy is imported until one is used.
"""

from collections.abc import Iterable

import pluggy

from alcore.components import DatasetSpec, ModelSpec, StrategySpec
from alcore.strategies import Criterion

hookspec = pluggy.HookspecMarker("alcore")
hookimpl = pluggy.HookimplMarker("alcore")


@hookspec
def alcore_strategies() -> Iterable[StrategySpec | Criterion]:  # type: ignore[empty-body]
    """Query strategies; a criterion alone becomes the strategy that takes its best samples."""


@hookspec
def alcore_models() -> Iterable[ModelSpec]:  # type: ignore[empty-body]
    """Models."""


@hookspec
def alcore_datasets() -> Iterable[DatasetSpec]:  # type: ignore[empty-body]
    """Datasets."""
