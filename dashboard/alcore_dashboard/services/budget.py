"""Where a budget cuts the ranking of a run's pool."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alcore.errors import AlcoreError
from alcore.rounds import RoundResult
from alcore.scoring import score, turned
from alcore.store import RunRecord, Store
from alcore.strategies import Criterion
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.criteria_sources import Source, from_round
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.units import Units

CURVE_POINTS = 1000
USUAL_CUT = 50


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The pool in the order in which a criterion would label it.

    Attributes:
        values: The criterion's value of every pool sample, shape (n,), in the pool's order.
        order: Indices into the pool, the most uncertain first, shape (n,).
    """

    values: FloatArray
    order: IntArray


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A pool, its ranking, and how many of it are bought.

    Attributes:
        pool: The pool of a run's newest round.
        ranking: By the chosen criterion.
        n: Samples inside the cut, 1 to the size of the pool.
        title: Name of the criterion.
    """

    pool: Source
    ranking: Ranking
    n: int
    title: str

    @property
    def chosen(self) -> IntArray:
        """Indices into the pool of the samples inside, shape (n,)."""
        return self.ranking.order[: self.n]

    def rows(self, first: int, last: int) -> pd.DataFrame:
        """The samples at the places first .. last-1 of the ranking, counted from 0.

        Returns:
            Columns order (from 1), id, and those of `Source.table` but sample.
        """
        rows = self.ranking.order[first:last]
        table = self.pool.table(rows, self.ranking.values[rows]).rename(columns={"sample": "id"})
        table.insert(0, "order", np.arange(first, first + len(rows)) + 1)
        return table

    def list_csv(self) -> bytes:
        """The list to label as CSV, without pictures; no text in it is read as a formula."""
        listed = self.rows(0, self.n)[["order", "id", "value", "predicted", "probability"]]
        return csv_file(listed)


def last_pool(store: Store, run: RunRecord) -> Source | None:
    """The pool of the run's newest round; None where `why_no_pool` says why."""
    rounds = store.rounds(run.id)
    pool = from_round(store, run, rounds[-1].number) if rounds else None
    return pool if pool and not pool.note else None


def why_no_pool(store: Store, run: RunRecord) -> str:
    """Why a run has no pool to choose from, and what to do next, in one sentence."""
    rounds = store.rounds(run.id)
    if not rounds and run.state.is_over:
        return "This run ended before its first round: choose another run, or start a new one."
    if not rounds:
        return "This run has not finished a round yet: watch it, or choose another run."
    if not len(store.round_arrays(run.id, rounds[-1].number).worst):
        return (
            f"Everything is labelled: the pool of this run was empty after "
            f"{rounds[-1].n_labelled} labels. Choose another run, or add samples to the dataset."
        )
    return (
        "The probabilities of this run were pruned to save space, so its pool cannot be ranked: "
        "choose another run, or start the experiment again."
    )


def usual_cut(results: Sequence[RoundResult]) -> int:
    """As many labels as the newest batch of a run had; USUAL_CUT before the first."""
    return next((r.batch.n for r in reversed(results) if r.batch is not None), USUAL_CUT)


def rank(pool: Source, criterion: Criterion) -> Ranking:
    """Rank the pool; of equals the one earlier in the dataset comes first.

    Raises:
        AlcoreError: The criterion fails, or does not give one finite value per sample.
    """
    try:
        values = score(criterion, pool.probabilities)
    except AlcoreError:
        raise
    except Exception as error:  # whatever a plugin's formula raises
        raise AlcoreError(
            f"criterion {criterion.name!r} failed with {type(error).__name__}: {error}; "
            "choose another one"
        ) from error
    order = np.argsort(-turned(criterion, values), kind="stable").astype(np.int64)
    for array in (values, order):
        array.flags.writeable = False  # shared between sessions
    return Ranking(values=values, order=order)


def curve(cut: Cut) -> pd.DataFrame:
    """Value by rank, thinned out for a chart: columns rank (from 1), value, chosen.

    The ranks 1, n, n + 1 and the last are always among at most CURVE_POINTS.
    """
    order, n = cut.ranking.order, cut.n
    size = len(order)
    spread = np.linspace(0, size - 1, min(size, CURVE_POINTS - 2)).round().astype(np.int64)
    ranks = np.union1d(spread, np.clip([n - 1, n], 0, size - 1))
    return pd.DataFrame(
        {
            "rank": ranks + 1,
            "value": cut.ranking.values[order[ranks]],
            "chosen": ranks < n,
        }
    )


def takeaway(cut: Cut, units: Units) -> str:
    """What the budget buys and where the cut lies, in one plain sentence."""
    n, size = cut.n, len(cut.pool)
    costs = f" ({said})" if (said := units.said(n)) else ""
    if n == size:
        return (
            f"The budget covers the whole pool of {size:,} samples{costs}: "
            "nothing is left to choose."
        )
    last, next_one = cut.ranking.values[cut.ranking.order[n - 1 : n + 1]]
    buys = f"{n:,} labels{costs} are" if n > 1 else f"1 label{costs} is"
    return (
        f"{buys} {share(n / size)} of the pool; by {cut.title} the last sample inside the "
        f"cut has {last:.3f}, the first one outside {next_one:.3f}."
    )


def share(fraction: float) -> str:
    """A fraction in percent, never rounded to nothing or all: ``"7%"``, ``"0.2%"``, ``"99.8%"``."""
    if 0 < fraction < 0.00095:
        return "less than 0.1%"
    if 0.9995 <= fraction < 1:
        return "more than 99.9%"
    return f"{fraction:.0%}" if 0.0095 <= fraction < 0.995 or fraction == 1 else f"{fraction:.1%}"
