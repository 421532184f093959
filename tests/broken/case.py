"""A broken strategy, the same without its fault, and the check meant for the fault."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from alcore.components import StrategySpec
from alcore.strategies import Need, Query, Request, Selection
from alcore.types import FloatArray, IntArray

Choose = Callable[[Query, int, np.random.Generator], Any]


@dataclass(frozen=True)
class Case:
    check: str
    broken: StrategySpec
    good: StrategySpec


def spec(choose: Choose, *needs: Need, exact_up_to: int | None = None) -> StrategySpec:
    """A strategy that is one function, from query, n and rng to positions or a Selection."""

    def select(query: Query, request: Request, rng: np.random.Generator) -> Selection:
        chosen = choose(query, request.n, rng)
        return chosen if isinstance(chosen, Selection) else Selection(positions=chosen)

    made = type("Made", (), {"select": staticmethod(select)})()
    return StrategySpec(
        name=choose.__name__,
        summary="",
        make=lambda options: made,
        needs=frozenset(needs),
        exact_up_to=exact_up_to,
    )


def highest(utilities: FloatArray, query: Query, n: int) -> IntArray:
    """The n highest, ties by rank."""
    return np.lexsort((query.rank, -utilities))[:n]


def squared_distances(rows: FloatArray, centre: FloatArray) -> FloatArray:
    return ((rows.astype(np.float64) - centre) ** 2).sum(axis=1)
