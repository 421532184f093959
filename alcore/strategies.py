"""The contract of query strategies, and criteria: strategies that are one formula.

A strategy chooses a batch from the pool. The commonest kind scores every sample by a
criterion and takes the best; its author writes the formula alone, under `@criterion`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from alcore.errors import UsageError
from alcore.types import FloatArray, IntArray

Direction = Literal["max", "min"]
Formula = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a strategy may look at: the pool, as the model sees it.

    Attributes:
        probabilities: Class probabilities of the n pool samples, shape (n, c), float32 or
            float64, rows summing to 1. May be a read-only memory map; do not write to it.
        rank: Canonical order of the pool samples, shape (n,), int64, all different. Of two
            samples that are equally useful the one with the lower rank comes first.
    """

    probabilities: FloatArray
    rank: IntArray


@dataclass(frozen=True, kw_only=True)
class Request:
    """How much to choose: `n` samples, at least 1 and at most the size of the pool."""

    n: int


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A strategy's answer.

    Attributes:
        positions: Indices into the pool in the order of picking, shape (request.n,), int64,
            all different.
        utilities: Utility of *every* pool sample, shape (n,), larger means "label this
            first"; None where the strategy has no such number (random, batch strategies).
    """

    positions: IntArray
    utilities: FloatArray | None = None


class Strategy(Protocol):
    """Chooses a batch. Same query, request and rng state: same answer. Inputs are not changed."""

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """Choose exactly `request.n` different samples of the pool."""


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A formula from class probabilities to one value per sample, and which end is uncertain.

    Attributes:
        name: Name of the strategy it becomes.
        direction: "max" where a large value means uncertain (entropy), "min" where a small
            one does (largest probability, margin).
        formula: From probabilities (n, c) to values (n,). Called with blocks of rows, so a
            value may depend on its own row only.

    Raises:
        UsageError: Another direction.
    """

    name: str
    direction: Direction
    formula: Formula

    def __post_init__(self) -> None:
        if self.direction not in ("max", "min"):
            raise UsageError(
                f"the direction of criterion {self.name!r} must be 'max' or 'min', "
                f"not {self.direction!r}"
            )

    def __call__(self, probabilities: FloatArray) -> FloatArray:
        """The criterion's values for probabilities (n, c), shape (n,)."""
        return self.formula(probabilities)

    @property
    def documentation(self) -> str:
        """The formula's docstring: meaning, equation, source."""
        return (self.formula.__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """First line of the documentation."""
        return self.documentation.partition("\n")[0]


def criterion(*, direction: Direction, name: str | None = None) -> Callable[[Formula], Criterion]:
    """Turn a formula into a criterion, ready to be returned from `alcore_strategies`.

    Args:
        direction: "max" where a large value means uncertain, "min" where a small one does.
        name: Name of the strategy; the function's own name by default.
    """
    return lambda formula: Criterion(
        name=name or formula.__name__, direction=direction, formula=formula
    )
