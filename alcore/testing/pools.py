"""Made-up pools for the checks of strategies, and asking a strategy about one."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from alcore.components import StrategySpec
from alcore.pipeline import check_selection
from alcore.strategies import Need, Query, Request, Selection
from alcore.types import FloatArray, IntArray

SEEDS = range(3)
"""Different enough that a strategy which draws at random shows it."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """All that a query can have, for n samples; the fields are those of `Query`."""

    rank: IntArray
    probabilities: FloatArray
    embeddings: FloatArray
    labelled_embeddings: FloatArray
    members: FloatArray

    def query(self, needs: Collection[Need] = get_args(Need)) -> Query:
        """The query with these arrays."""
        return Query(rank=self.rank, **{need: getattr(self, need) for need in needs})

    def rows(self, rows: IntArray) -> "Pool":
        """The pool of these samples, in this order; a row may come twice."""
        return replace(
            self,
            rank=self.rank[rows],
            probabilities=self.probabilities[rows],
            embeddings=self.embeddings[rows],
            members=self.members[:, rows],
        )

    def copies(self, rows: IntArray) -> "Pool":
        """The same, where rows that come twice are samples of their own."""
        return replace(self.rows(rows), rank=np.arange(len(rows), dtype=np.int64))


def make_pool(
    n: int = 41,
    *,
    classes: int = 4,
    width: int = 6,
    members: int = 5,
    labelled: int = 8,
    seed: int = 7,
) -> Pool:
    """Independent samples, float32, ranked as they come.

    Args:
        n: How many; the default is a prime, so that no block size divides it.
        classes: c.
        width: d of the embeddings, which are normally distributed.
        members: k.
        labelled: Rows of the labelled embeddings.
        seed: Another seed, other samples.
    """
    rng = np.random.default_rng(seed)
    return Pool(
        rank=np.arange(n, dtype=np.int64),
        probabilities=rng.dirichlet(np.ones(classes), size=n).astype(np.float32),
        embeddings=rng.normal(size=(n, width)).astype(np.float32),
        labelled_embeddings=rng.normal(size=(labelled, width)).astype(np.float32),
        members=rng.dirichlet(np.ones(classes), size=(members, n)).astype(np.float32),
    )


def ask(spec: StrategySpec, query: Query, n: int, *, seed: int = 0) -> Selection:
    """What it chooses, by its default options; a numerical warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        chosen: Selection = spec.create(spec.options()).select(
            query, Request(n=n), np.random.default_rng(seed)
        )
    return chosen


def picks(spec: StrategySpec, pool: Pool, n: int, *, seed: int = 0) -> list[int]:
    """The positions that it chooses."""
    positions: list[int] = np.asarray(ask(spec, pool.query(), n, seed=seed).positions).tolist()
    return positions


def require_batches(spec: StrategySpec, pool: Pool) -> None:
    """It chooses one sample, some and the whole pool: as many, all different, all in the pool.

    Raises:
        AlcoreError: It does not, or a utility is not finite.
    """
    for n in (1, 7, len(pool.rank)):
        check_selection(ask(spec, pool.query(), n), n=n, pool=len(pool.rank))


def draws(spec: StrategySpec, pool: Pool, n: int) -> bool:
    """Whether its answer depends on the generator."""
    first, *others = (picks(spec, pool, n, seed=seed) for seed in SEEDS)
    return any(other != first for other in others)
