"""Where a budget cuts the ranking of a run's pool."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alcore.errors import AlcoreError
from alcore.rounds import RoundResult
from alcore.scoring import score, turned
from alcore.store import DatasetRecord, RunRecord, Store
from alcore.strategies import Criterion
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.naming import title_of
from alcore_dashboard.services.units import Units

CURVE_POINTS = 1000
USUAL_CUT = 50


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The pool of one round as its model saw it.

    Attributes:
        dataset: Where the samples come from.
        round: Number of the round.
        n_labelled: Labels its model was trained on.
        positions: Positions in the dataset, shape (n,), in the canonical order.
        probabilities: Class probabilities, shape (n, c), a memory map.
    """

    dataset: DatasetRecord
    round: int
    n_labelled: int
    positions: IntArray
    probabilities: FloatArray

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The pool in the order in which a criterion would label it.

    Attributes:
        criterion: By which it is ranked.
        values: The criterion's value of every pool sample, shape (n,), in the pool's order.
        order: Indices into the pool, the most uncertain first, shape (n,).
    """

    criterion: Criterion
    values: FloatArray
    order: IntArray

    @property
    def title(self) -> str:
        """Name of the criterion for people."""
        return title_of(self.criterion.name)


def last_pool(store: Store, run: RunRecord) -> Pool | None:
    """The pool of the run's newest round; None where `why_no_pool` says why."""
    rounds = store.rounds(run.id)
    if not rounds or run.dataset_id is None:
        return None
    newest = rounds[-1]
    arrays = store.round_arrays(run.id, newest.number)
    if not len(arrays.pool):
        return None
    return Pool(
        dataset=store.dataset(run.dataset_id),
        round=newest.number,
        n_labelled=newest.n_labelled,
        positions=arrays.pool,
        probabilities=arrays.probabilities,
    )


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


def rank(pool: Pool, criterion: Criterion) -> Ranking:
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
    return Ranking(criterion=criterion, values=values, order=order)


def curve(ranking: Ranking, n: int) -> pd.DataFrame:
    """Value by rank, thinned out for a chart: columns rank (from 1), value, chosen.

    The ranks 1, n, n + 1 and the last are always among at most CURVE_POINTS.
    """
    size = len(ranking.order)
    spread = np.linspace(0, size - 1, min(size, CURVE_POINTS - 2)).round().astype(np.int64)
    ranks = np.union1d(spread, np.clip([n - 1, n], 0, size - 1))
    return pd.DataFrame(
        {
            "rank": ranks + 1,
            "value": ranking.values[ranking.order[ranks]],
            "chosen": ranks < n,
        }
    )


def takeaway(ranking: Ranking, n: int, units: Units) -> str:
    """What the budget buys and where the cut lies, in one plain sentence."""
    size = len(ranking.order)
    costs = f" ({said})" if (said := units.said(min(n, size))) else ""
    if n >= size:
        return (
            f"The budget covers the whole pool of {size:,} samples{costs}: "
            "nothing is left to choose."
        )
    last, next_one = (ranking.values[ranking.order[i]] for i in (n - 1, n))
    buys = f"{n:,} labels{costs} are" if n > 1 else f"1 label{costs} is"
    return (
        f"{buys} {share(n / size)} of the pool; by {ranking.title} the last sample inside the "
        f"cut has {last:.3f}, the first one outside {next_one:.3f}."
    )


def share(fraction: float) -> str:
    """A fraction in percent, never rounded down to nothing: ``"7%"``, ``"0.2%"``."""
    if 0 < fraction < 0.00095:
        return "less than 0.1%"
    return f"{fraction:.1%}" if fraction < 0.0095 else f"{fraction:.0%}"
