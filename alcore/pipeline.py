"""What surrounds every strategy of a run: candidates, then the strategy, then constraints.

These are options of a run and not strategies around strategies, so that they mean the same
whatever is between them and a comparison of strategies shares them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from alcore.errors import AlcoreError
from alcore.near_duplicates import first_of_equals
from alcore.options import option
from alcore.strategies import Need, Query, Request, Selection, Strategy
from alcore.types import FloatArray, IntArray

Draw = Callable[[str], np.random.Generator]
"""From a purpose to a generator of its own, derived from the run's seed and round."""


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Options of a run's selection.

    Attributes:
        candidates: The strategy looks at no more than so many samples, drawn anew each round;
            0: at all, or at what it can look at (StrategySpec.exact_up_to).
        collapse_duplicates: Of samples with equal embeddings only the first is a candidate, and
            none where one of them has its label already.
        balance_classes: The strategy chooses within each predicted class, as many as bring the
            labels of the rarest classes up together.
        random_share: Share of each batch drawn at random from the pool; the model's accuracy on
            these, before it learns them, is an unbiased estimate of its accuracy on the pool;
            there is none in a round in which money does not reach for every sample.
        committee: Members of a committee, for strategies that ask one.
    """

    candidates: int = option(
        0, help="the strategy looks at so many samples, drawn each round; 0: at all", minimum=0
    )
    collapse_duplicates: bool = option(False, help="equal samples are one candidate")
    balance_classes: bool = option(False, help="choose within each predicted class, rarest first")
    random_share: float = option(
        0.0,
        help="share of each batch drawn at random; gives an unbiased estimate of the accuracy",
        minimum=0.0,
        maximum=1.0,
    )
    committee: int = option(
        5, help="members of a committee, for strategies that ask one", minimum=2, maximum=100
    )

    def needs(self, strategy: frozenset[Need]) -> frozenset[Need]:
        """What a query must have for a strategy with these needs."""
        more: set[Need] = set()
        if self.collapse_duplicates:
            more |= {"embeddings", "labelled_embeddings"}
        if self.balance_classes:
            more.add("probabilities")
        return strategy | more


@dataclass(frozen=True, kw_only=True)
class Purse:
    """A hard budget in money.

    Attributes:
        costs: What the label of each pool sample costs, shape (n,), above 0.
        left: What may still be spent.
    """

    costs: FloatArray
    left: float


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A batch, and what was looked at for it.

    Attributes:
        positions: Positions in the pool, the strategy's in its order, then those at random.
        n_random: How many of them, the last ones, are a random sample of the whole pool; 0
            where the purse had a say in which.
        utilities: Of the candidates; None where the strategy has none.
        candidates: How many samples the strategy looked at; None where at all that differ.
    """

    positions: IntArray
    n_random: int
    utilities: FloatArray | None
    candidates: int | None


def choose(
    strategy: Strategy,
    query: Query,
    n: int,
    *,
    pipeline: Pipeline,
    draw: Draw,
    exact_up_to: int | None = None,
    known: IntArray | None = None,
    purse: Purse | None = None,
) -> Chosen:
    """Choose n samples of the pool, or as many as the purse pays for.

    Args:
        strategy: Asked about the candidates.
        query: Of the whole pool, with what `Pipeline.needs` names.
        n: From 1 to the size of the pool.
        pipeline: What surrounds the strategy.
        draw: Gives the generators.
        exact_up_to: The most candidates the strategy can look at.
        known: Labels per class so far, shape (c,), for `balance_classes`.
        purse: What labels cost; None where all cost the same.

    Raises:
        AlcoreError: The strategy does not do what strategies must.
    """
    pool = np.arange(len(query.rank), dtype=np.int64)
    if purse is not None:
        pool = pool[purse.costs <= purse.left]
    n = min(n, len(pool))
    n_random = int(n * pipeline.random_share + 0.5)
    random = _drawn(pool, n_random, query.rank, draw("random share"))
    rest = np.setdiff1d(pool, random, assume_unique=True)
    rows, utilities = np.empty(0, np.int64), None
    candidates = rest
    if wanted := n - n_random:
        limit = min(pipeline.candidates or len(rest), exact_up_to or len(rest))
        if pipeline.collapse_duplicates:
            rest = _distinct(query, rest, wanted)
        candidates = np.sort(_drawn(rest, max(limit, wanted), query.rank, draw("candidates")))
        quotas = _quotas(query, candidates, wanted, known) if pipeline.balance_classes else None
        rows, utilities = _ask(strategy, query, candidates, wanted, quotas, draw("select"))
    if purse is not None:
        fair = len(pool) == len(query.rank)
        random, drawn = _affordable(random, purse), len(random)
        n_random = len(random) if fair and len(random) == drawn else 0
        left = purse.left - float(purse.costs[random].sum())
        rows = _affordable(rows, Purse(costs=purse.costs, left=left))
    return Chosen(
        positions=np.concatenate([rows, random]),
        n_random=n_random,
        utilities=utilities,
        candidates=len(candidates) if len(candidates) < len(rest) else None,
    )


def _drawn(rows: IntArray, n: int, rank: IntArray, rng: np.random.Generator) -> IntArray:
    """So many rows at random, or all of them; the order of the pool changes nothing."""
    if n >= len(rows):
        return rows
    by_rank = rows[np.argsort(rank[rows])]
    return np.asarray(rng.choice(by_rank, size=n, replace=False))


def _distinct(query: Query, rows: IntArray, least: int) -> IntArray:
    """The first of equal rows by rank, without those that have a label; at least so many."""
    rows = rows[np.argsort(query.rank[rows])]
    labelled = query.labelled_embeddings
    first = first_of_equals(np.concatenate([labelled, query.embeddings[rows]])) - len(labelled)
    is_first = first == np.arange(-len(labelled), len(rows))
    fresh, copies = rows[is_first[len(labelled) :]], rows[~is_first[len(labelled) :]]
    return np.concatenate([fresh, copies[: max(0, least - len(fresh))]])


def _quotas(
    query: Query, candidates: IntArray, n: int, known: IntArray | None
) -> list[tuple[IntArray, int]]:
    """The candidates predicted to be of each class, and how many of them to choose."""
    probabilities = query.probabilities
    predicted = probabilities[candidates].argmax(axis=1)
    available = np.bincount(predicted, minlength=probabilities.shape[1])
    counts = np.zeros_like(available) if known is None else known
    shares = fill_up(counts, available, n)
    return [(candidates[predicted == k], int(q)) for k, q in enumerate(shares) if q]


def fill_up(counts: IntArray, available: IntArray, n: int) -> IntArray:
    """How many to add to each class so that the smallest rise together, as far as there are any.

    Args:
        counts: What each class has, shape (c,).
        available: What it can get, shape (c,); n in sum, at least.
        n: To be added.
    """
    added = np.zeros_like(counts)
    for _ in range(n):
        level = np.where(added < available, counts + added, np.iinfo(np.int64).max)
        added[level.argmin()] += 1
    return added


def _ask(
    strategy: Strategy,
    query: Query,
    candidates: IntArray,
    n: int,
    quotas: list[tuple[IntArray, int]] | None,
    rng: np.random.Generator,
) -> tuple[IntArray, FloatArray | None]:
    whole = len(candidates) == len(query.rank)
    if quotas is None:
        part = query if whole else query.part(candidates)
        selection = asked(strategy, part, n, rng)
        return candidates[selection.positions], selection.utilities
    picks, utilities = np.empty(0, np.int64), []
    for rows, quota in quotas:
        selection = asked(strategy, query.part(rows, labelled=picks), quota, rng)
        picks = np.concatenate([picks, rows[selection.positions]])
        utilities.append(selection.utilities)
    known = [values for values in utilities if values is not None]
    return picks, np.concatenate(known) if known else None


def _affordable(rows: IntArray, purse: Purse) -> IntArray:
    """The rows in their order, leaving out each that what is left does not pay for."""
    left, paid = purse.left, []
    for row in rows.tolist():
        if purse.costs[row] <= left:
            left -= float(purse.costs[row])
            paid.append(row)
    return np.array(paid, dtype=np.int64)


def asked(strategy: Strategy, query: Query, n: int, rng: np.random.Generator) -> Selection:
    """What a strategy chooses, held against its contract.

    Raises:
        AlcoreError: No Selection, not exactly n positions, one twice, one outside the pool, or
            utilities for another number of samples or not finite.
    """
    selection = strategy.select(query, Request(n=n), rng)
    check_selection(selection, n=n, pool=len(query.rank))
    return selection


def check_selection(selection: Selection, *, n: int, pool: int) -> None:
    """Refuse what a strategy must not return; `asked` says what."""
    if not isinstance(selection, Selection):
        raise AlcoreError(f"the strategy gave {type(selection).__name__}, not a Selection")
    positions = np.asarray(selection.positions)
    if positions.shape != (n,) or not np.issubdtype(positions.dtype, np.integer):
        raise AlcoreError(
            f"the strategy chose {positions.shape} positions; asked were {n} integers"
        )
    if len(np.unique(positions)) != n:
        raise AlcoreError("the strategy chose the same sample more than once")
    if positions.min() < 0 or positions.max() >= pool:
        raise AlcoreError(f"the strategy chose a position outside the pool of {pool}")
    if selection.utilities is not None:
        _check_utilities(selection.utilities, pool)


def _check_utilities(utilities: FloatArray, pool: int) -> None:
    if utilities.shape != (pool,):
        raise AlcoreError(f"the strategy gave {utilities.shape} utilities for {pool} samples")
    finite = np.isfinite(utilities)
    if not finite.all():
        row = int(finite.argmin())
        raise AlcoreError(
            f"the strategy gave the utility {utilities[row]} to position {row} of the pool; "
            "utilities must be finite"
        )
