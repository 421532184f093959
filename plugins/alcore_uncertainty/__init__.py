"""Uncertainty sampling: label where the model is least sure. Random is here to compare with."""

from collections.abc import Iterable

from alcore.components import StrategySpec
from alcore.hookspecs import hookimpl
from alcore.strategies import Criterion
from alcore_uncertainty.criteria import entropy, least_confidence, smallest_margin
from alcore_uncertainty.random_sampling import random_spec


@hookimpl
def alcore_strategies() -> Iterable[StrategySpec | Criterion]:
    """The three criteria, and random."""
    return [least_confidence, smallest_margin, entropy, random_spec]
