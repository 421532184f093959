"""The worst samples as a table: what a card says, what a filter asks, what the CSV holds."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from alcore.scoring import score
from alcore.strategies import Criterion
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.worst import NONE, UNKNOWN, Worst

ALL, SHARED = "all", "shared"
Mask = npt.NDArray[np.bool_]


def matching(
    worst: Worst,
    *,
    predicted: int | None = None,
    truth: int | None = None,
    verdict: str = ALL,
    batch: str = ALL,
    pictures: str = ALL,
) -> IntArray:
    """Indices of the samples to show, in order; by default all of them.

    Args:
        worst: The samples.
        predicted: Class index of the prediction; None is any.
        truth: Class index of the truth; None is any.
        verdict: "right" or "wrong" in the round; "corrected" is wrong there and right in the
            newest later prediction that is kept.
        batch: "picked" by the round for labelling, or "left" in the pool.
        pictures: SHARED for samples whose picture another one shares.
    """
    let_through = np.ones(len(worst.ids), dtype=bool)
    if predicted is not None:
        let_through &= worst.predicted == predicted
    if truth is not None:
        let_through &= worst.truth == truth
    if verdict != ALL:
        let_through &= {"right": is_right, "wrong": is_wrong, "corrected": corrected}[verdict](
            worst
        )
    if batch != ALL:
        let_through &= worst.picked == (batch == "picked")
    if pictures == SHARED:
        let_through &= np.array(same_picture(worst)) > 0
    return np.flatnonzero(let_through)


def is_right(worst: Worst) -> Mask:
    """Where the model of the round was right, as far as anybody knows, shape (k,)."""
    right: Mask = worst.predicted == worst.truth
    return right


def is_wrong(worst: Worst) -> Mask:
    """Where it was wrong, as far as anybody knows, shape (k,)."""
    wrong: Mask = (worst.truth != UNKNOWN) & (worst.predicted != worst.truth)
    return wrong


def corrected(worst: Worst) -> Mask:
    """Wrong in the round, right in the newest later prediction that is kept, shape (k,)."""
    now_right: Mask = is_wrong(worst) & (worst.later.predicted_last == worst.truth)
    return now_right


def same_picture(worst: Worst) -> tuple[int, ...]:
    """Number of the group of equal thumbnails, from 1; 0 for a picture that stands alone."""
    first: dict[str, int] = {}
    repeated: dict[str, int] = {}
    for index, picture in enumerate(worst.pictures):
        if picture is not None and first.setdefault(picture, index) != index:
            repeated.setdefault(picture, len(repeated) + 1)
    return tuple(repeated.get(picture or "", 0) for picture in worst.pictures)


def criterion_values(
    worst: Worst, criteria: Mapping[str, Criterion]
) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """The values of each criterion, shape (k,), and why the others could not be computed."""
    values: dict[str, FloatArray] = {}
    errors: dict[str, str] = {}
    for title, criterion in criteria.items():
        try:
            values[title] = score(criterion, worst.probabilities, ids=worst.ids)
        except Exception as error:  # whatever a plugin's formula raises is its own matter
            errors[title] = f"{type(error).__name__}: {error}"
    return values, errors


def worst_table(worst: Worst, values: Mapping[str, FloatArray]) -> pd.DataFrame:
    """One row per sample, for the table view and, with `csv_bytes`, for files.

    Returns:
        Columns rank, id, predicted, probability, true, verdict and picked, one per criterion,
        later round, later predicted, later probability, later verdict, labelled in round, same
        picture. What nobody knows, or what is not kept, is missing; columns are absent where
        there is no later round and no equal picture.
    """
    names = np.array([*worst.dataset.class_names, None], dtype=object)
    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(worst.ids) + 1),
            "id": worst.ids,
            "predicted": names[worst.predicted],
            "probability": worst.probabilities.max(axis=1).astype(np.float64),
            "true": names[worst.truth],
            "verdict": _verdicts(worst.predicted, worst.truth),
            "picked": worst.picked,
        }
    )
    for title, column in values.items():
        table[f"{title} (criterion)" if title in table else title] = column.astype(np.float64)
    later, place, last = worst.later, worst.later.newest, worst.later.predicted_last
    kept = place != NONE
    if len(later.rounds):
        top = later.top[place, np.arange(len(place))]
        table["later round"] = _nullable(np.where(kept, later.rounds[place], NONE), NONE)
        table["later predicted"] = names[last]
        table["later probability"] = np.where(kept, top, np.nan)
        table["later verdict"] = _verdicts(last, np.where(kept, worst.truth, UNKNOWN))
        table["labelled in round"] = _nullable(later.labelled_in, NONE)
    if any(groups := same_picture(worst)):
        table["same picture"] = _nullable(np.array(groups), 0)
    return table


def _verdicts(predicted: IntArray, truth: IntArray) -> npt.NDArray[np.object_]:
    words = np.array([None, "wrong", "right"], dtype=object)
    return words[np.where(truth == UNKNOWN, 0, 1 + (predicted == truth))]


def _nullable(numbers: IntArray, missing: int) -> pd.Series:
    column = pd.Series(numbers, dtype="Int64")
    return column.mask(column == missing)


def csv_bytes(worst: Worst, table: pd.DataFrame) -> bytes:
    """Rows of the table with the probability of every class; no text is read as a formula."""
    rows = table.index.to_numpy()
    names = [f"p({name})" for name in worst.dataset.class_names]
    classes = pd.DataFrame(worst.probabilities[rows], columns=names, index=table.index)
    return csv_file(pd.concat([table, classes], axis=1))
