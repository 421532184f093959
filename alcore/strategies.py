"""The contract of query strategies, and criteria: strategies that are one formula.

A strategy chooses a batch from the pool. The commonest kind scores every sample by a
criterion and takes the best; its author writes the formula alone, under `@criterion`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from alcore.errors import AlcoreError, UsageError
from alcore.types import FloatArray, IntArray

Direction = Literal["max", "min"]
Formula = Callable[[FloatArray], FloatArray]
Need = Literal["probabilities", "embeddings", "labelled_embeddings", "members"]
NEEDS_MODEL: frozenset[Need] = frozenset({"probabilities", "members"})
"""What only a trained model gives; without labels there is none."""


class Query:
    """What a strategy may look at: the pool, as the model sees it.

    A run gives the arrays that the strategy's StrategySpec declares in `needs`, and no others.
    They may be read-only memory maps; do not write to them.

    Args:
        rank: Canonical order of the n pool samples, shape (n,), int64, all different. Of two
            samples that are equally useful the one with the lower rank comes first.
        probabilities: Class probabilities, shape (n, c), float32 or float64, rows summing to 1.
        embeddings: Shape (n, d), float32 or float64, finite.
        labelled_embeddings: Those of the samples that have a label, shape (m, d); m may be 0.
        members: Class probabilities by each of k members of a committee, shape (k, n, c).
        n_classes: Number of classes, where it is known.
    """

    def __init__(
        self,
        *,
        rank: IntArray,
        probabilities: FloatArray | None = None,
        embeddings: FloatArray | None = None,
        labelled_embeddings: FloatArray | None = None,
        members: FloatArray | None = None,
        n_classes: int | None = None,
    ) -> None:
        self.rank = rank
        self.n_classes = n_classes
        self._arrays: dict[Need, FloatArray | None] = {
            "probabilities": probabilities,
            "embeddings": embeddings,
            "labelled_embeddings": labelled_embeddings,
            "members": members,
        }

    @property
    def probabilities(self) -> FloatArray:
        """Shape (n, c)."""
        return self._given("probabilities")

    @property
    def embeddings(self) -> FloatArray:
        """Shape (n, d)."""
        return self._given("embeddings")

    @property
    def labelled_embeddings(self) -> FloatArray:
        """Shape (m, d)."""
        return self._given("labelled_embeddings")

    @property
    def members(self) -> FloatArray:
        """Shape (k, n, c)."""
        return self._given("members")

    def _given(self, name: Need) -> FloatArray:
        array = self._arrays[name]
        if array is None:
            raise AlcoreError(
                f"this query has no {name}: a strategy gets what its StrategySpec declares in "
                "needs, and a call of alcore.select what it is given"
            )
        return array

    def part(self, rows: IntArray, *, labelled: IntArray | None = None) -> "Query":
        """The query of some pool samples.

        Args:
            rows: Which, positions in the pool, shape (p,).
            labelled: Further pool samples that count as labelled, shape (l,).
        """
        parts: dict[str, FloatArray] = {}
        for name, array in self._arrays.items():
            if array is None:
                continue
            if name == "labelled_embeddings":
                more = () if labelled is None else (self.embeddings[labelled],)
                parts[name] = np.concatenate([array, *more])
            else:
                parts[name] = array[:, rows] if name == "members" else array[rows]
        return Query(rank=self.rank[rows], n_classes=self.n_classes, **parts)


@dataclass(frozen=True, kw_only=True)
class Request:
    """How much to choose: `n` samples, at least 1 and at most the size of the pool.

    Raises:
        UsageError: n below 1.
    """

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise UsageError(f"a request must be for at least 1, not {self.n} samples")


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


def check_cold_start(needs: frozenset[Need]) -> None:
    """Refuse a strategy that needs a model where there is no label to train one with.

    Raises:
        UsageError: It needs probabilities or members.
    """
    if missing := sorted(needs & NEEDS_MODEL):
        raise UsageError(
            f"the strategy needs {' and '.join(missing)} of a model, and without a label there "
            "is none; begin with some labels, or with a strategy that needs only embeddings"
        )
