"""Where a budget cuts the ranking of a run's pool, and which samples that means."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alcore.csvcell import csv_cell
from alcore.store import DatasetRecord, RunRecord, Store
from alcore.strategies import Criterion
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.criteria import criterion_values
from alcore_dashboard.services.naming import thumbnail_path, title_of

CURVE_POINTS = 400


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The pool of one round as its model saw it.

    Attributes:
        dataset: Where the samples come from.
        round: Number of the round.
        n_labelled: Labels its model was trained on.
        positions: Positions in the dataset, shape (n,), in the canonical order.
        ids: Ids of these samples.
        probabilities: Class probabilities, shape (n, c).
    """

    dataset: DatasetRecord
    round: int
    n_labelled: int
    positions: IntArray
    ids: tuple[str, ...]
    probabilities: FloatArray


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


def last_pool(store: Store, run: RunRecord) -> Pool | None:
    """The pool of the run's newest round; None before the first or after pruning."""
    rounds = store.rounds(run.id)
    if not rounds or run.dataset_id is None:
        return None
    newest = rounds[-1]
    arrays = store.round_arrays(run.id, newest.number)
    if not len(arrays.pool):
        return None
    ids = store.dataset_ids(run.dataset_id)
    return Pool(
        dataset=store.dataset(run.dataset_id),
        round=newest.number,
        n_labelled=newest.n_labelled,
        positions=arrays.pool,
        ids=tuple(ids[position] for position in arrays.pool),
        probabilities=arrays.probabilities,
    )


def rank(pool: Pool, criterion: Criterion) -> Ranking:
    """Rank the pool; of equals the one earlier in the dataset comes first."""
    values = criterion_values(criterion, pool.probabilities)
    utilities = values if criterion.direction == "max" else -values
    order = np.argsort(-utilities, kind="stable").astype(np.int64)
    return Ranking(criterion=criterion, values=values, order=order)


def curve(ranking: Ranking, n: int) -> pd.DataFrame:
    """Value by rank, thinned out for a chart: columns rank (from 1), value, chosen.

    The ranks 1, n, n + 1 and the last are always among them.
    """
    size = len(ranking.order)
    spread = np.linspace(0, size - 1, min(size, CURVE_POINTS)).round().astype(np.int64)
    ranks = np.union1d(spread, np.clip([n - 1, n], 0, size - 1))
    return pd.DataFrame(
        {
            "rank": ranks + 1,
            "value": ranking.values[ranking.order[ranks]],
            "chosen": ranks < n,
        }
    )


def takeaway(ranking: Ranking, n: int) -> str:
    """Where the cut lies, in one plain sentence."""
    size = len(ranking.order)
    if n >= size:
        return f"The budget covers the whole pool of {size} samples: nothing is left to choose."
    last, next_one = (ranking.values[ranking.order[i]] for i in (n - 1, n))
    name = title_of(ranking.criterion.name)
    return (
        f"{n} labels are {n / size:.0%} of the pool; by {name} the last sample inside the cut "
        f"has {last:.3f}, the first one outside {next_one:.3f}."
    )


def to_label(pool: Pool, ranking: Ranking, n: int, store: Store) -> pd.DataFrame:
    """The first n samples of the ranking.

    Returns:
        Columns rank, id, value, predicted, probability (of the predicted class) and picture
        (a path, None where the store keeps none).
    """
    first = ranking.order[:n]
    predicted = pool.probabilities[first].argmax(axis=1)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(first) + 1),
            "id": [pool.ids[i] for i in first],
            "value": ranking.values[first],
            "predicted": [pool.dataset.class_names[i] for i in predicted],
            "probability": pool.probabilities[first, predicted].astype(np.float64),
            "picture": [_picture(pool, i, store) for i in first],
        }
    )


def _picture(pool: Pool, index: int, store: Store) -> str | None:
    position = int(pool.positions[index])
    if store.thumbnail(pool.dataset.id, position) is None:
        return None
    return thumbnail_path(pool.dataset, position)


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The list as CSV, without pictures; no text in it can be read as a formula."""
    plain = table.drop(columns="picture")
    for column in ("id", "predicted"):
        plain[column] = plain[column].map(csv_cell)
    return plain.to_csv(index=False).encode()
