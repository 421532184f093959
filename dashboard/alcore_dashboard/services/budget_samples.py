"""The samples on both sides of the cut, and the list to label."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from alcore.types import IntArray
from alcore_dashboard.services.budget import Pool, Ranking
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.naming import thumbnail_path

NEAR = 4


def samples_at(
    pool: Pool,
    ranking: Ranking,
    ranks: IntArray,
    ids: Sequence[str],
    pictures: Collection[int] = (),
) -> pd.DataFrame:
    """The samples at these places of the ranking.

    Args:
        pool: The pool.
        ranking: Its ranking.
        ranks: Places, from 0.
        ids: Of all samples of the dataset.
        pictures: Positions in the dataset of the samples of which there is a thumbnail.

    Returns:
        Columns order (from 1), id, value, predicted, probability (of the predicted class) and
        picture (a path, None where there is none).
    """
    rows = ranking.order[ranks]
    probabilities = pool.probabilities[rows]
    predicted = probabilities.argmax(axis=1)
    positions = pool.positions[rows].tolist()
    return pd.DataFrame(
        {
            "order": ranks + 1,
            "id": [ids[position] for position in positions],
            "value": ranking.values[rows],
            "predicted": [pool.dataset.class_names[i] for i in predicted],
            "probability": probabilities.max(axis=1).astype(np.float64),
            "picture": [
                thumbnail_path(pool.dataset, position) if position in pictures else None
                for position in positions
            ],
        }
    )


def inside(n: int, size: int) -> IntArray:
    """The last places inside the cut, at most NEAR."""
    return np.arange(max(0, min(n, size) - NEAR), min(n, size))


def outside(n: int, size: int) -> IntArray:
    """The first places outside the cut, at most NEAR."""
    return np.arange(min(n, size), min(n + NEAR, size))


def list_csv(pool: Pool, ranking: Ranking, n: int, ids: Sequence[str]) -> bytes:
    """The first n samples as CSV, without pictures; no text in it can be read as a formula."""
    ranks = np.arange(min(n, len(pool)))
    return csv_file(samples_at(pool, ranking, ranks, ids).drop(columns="picture"))
