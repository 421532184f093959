"""All samples of three classes there can be: a triangle of probabilities, coloured by a criterion.

A corner is a sample of which the model is sure, the middle one of which it knows nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from alcore.scoring import score, turned
from alcore.strategies import Criterion
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.criteria_sources import Source

SIDE = 30
"""Cells along a side; there are SIDE * SIDE."""

DOTS_SHOWN = 200

EXAMPLE = Source(
    key=(),
    subtitle="n = 3 samples",
    ids=("A", "B", "C"),
    class_names=("dandelion", "daisy", "tulips"),
    probabilities=np.array([[0.49, 0.48, 0.03], [0.42, 0.30, 0.28], [0.80, 0.12, 0.08]]),
)


def cells() -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The centres of the small triangles, and whether each points up.

    Returns:
        Probabilities, shape (SIDE * SIDE, 3), rows summing to 1, and booleans.
    """
    i, j = (grid.ravel() for grid in np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"))
    up = np.stack([i, j], axis=1)[i + j < SIDE] + 1 / 3
    down = np.stack([i, j], axis=1)[i + j < SIDE - 1] + 2 / 3
    two = np.concatenate([up, down]) / SIDE
    three = np.column_stack([two, 1 - two.sum(axis=1)])
    return three, np.arange(len(three)) < len(up)


def place(probabilities: FloatArray) -> FloatArray:
    """Where samples of three classes lie, shape (n, 2), x from 0 to 1, y from 0 to 1.

    The first class is the corner at the left, the second at the right, the third on top.
    """
    return np.column_stack([probabilities[:, 1] + probabilities[:, 2] / 2, probabilities[:, 2]])


def heat(criterion: Criterion) -> pd.DataFrame:
    """How a criterion ranks the whole triangle: columns x, y, up, value, share.

    `share` is the part of the triangle that would be labelled later (ties: half of them), so
    criteria of different scales can be compared.
    """
    centres, up = cells()
    values = score(criterion, centres)
    ranks = pd.Series(turned(criterion, values).round(9)).rank()
    x, y = place(centres).T
    share = (ranks - 0.5) / len(ranks)
    return pd.DataFrame({"x": x, "y": y, "up": up, "value": values, "share": share})


def dots(
    names: Sequence[str], probabilities: FloatArray, picked: Sequence[int] | IntArray
) -> pd.DataFrame:
    """Samples as dots: columns sample, x, y, picked and the label to write beside."""
    x, y = place(probabilities).T
    chosen = np.isin(np.arange(len(names)), picked)
    table = pd.DataFrame({"sample": list(names), "x": x, "y": y, "picked": chosen})
    return table.assign(label=table["sample"] + np.where(chosen, " ▲", ""))


def moved(samples: Source, index: int, first: float, share: float) -> Source:
    """The samples with one of them elsewhere.

    Args:
        samples: Of three classes.
        index: Which one.
        first: Its probability of the first class, 0 to 1.
        share: Part of the rest that the second class gets, 0 to 1.
    """
    probabilities = samples.probabilities.copy()
    second = (1 - first) * share
    probabilities[index] = first, second, max(0.0, 1 - first - second)
    return replace(samples, probabilities=probabilities)


def sliders(probabilities: FloatArray) -> tuple[float, float]:
    """What `moved` must be given to put a sample where it is, shape (3,)."""
    rest = float(probabilities[1] + probabilities[2])
    return float(probabilities[0]), float(probabilities[1]) / rest if rest else 0.5
