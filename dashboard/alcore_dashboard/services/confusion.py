"""Which classes a model takes for which, in any round, and what changed since another one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alcore.rounds import RoundResult
from alcore.types import IntArray
from alcore_dashboard.services.csv_file import csv_file

MOST_SHOWN = 20


def counts_of(result: RoundResult) -> IntArray:
    """Counts (c, c) on the test split: row = true class, column = predicted class."""
    return np.array(result.test.confusion, dtype=np.int64)


def most_confused(counts: IntArray, limit: int = MOST_SHOWN) -> IntArray:
    """The classes with the most mistakes, as truth or prediction, in the order of the classes.

    All of them where there are no more than the limit.
    """
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    worst = np.argsort(-mistakes, kind="stable")[:limit]
    return np.sort(worst).astype(np.int64)


def cells(counts: IntArray, class_names: Sequence[str], shown: IntArray) -> pd.DataFrame:
    """One row per cell: columns true, predicted, count, share (of the true class)."""
    part, totals = counts[np.ix_(shown, shown)], counts[shown].sum(axis=1)
    names = [class_names[i] for i in shown]
    return pd.DataFrame(
        {
            "true": np.repeat(names, len(names)),
            "predicted": names * len(names),
            "count": part.ravel(),
            "share": (part / np.maximum(totals, 1)[:, None]).ravel(),
        }
    )


def change_cells(
    now: IntArray, before: IntArray, class_names: Sequence[str], shown: IntArray
) -> pd.DataFrame:
    """One row per cell: columns true, predicted, change, better.

    `better` is the change on the diagonal and its negative elsewhere: more right answers and
    fewer mistakes are both above 0.
    """
    change = (now - before)[np.ix_(shown, shown)]
    sign = 2 * np.eye(len(shown), dtype=np.int64) - 1
    table = cells(now, class_names, shown)[["true", "predicted"]]
    return table.assign(change=change.ravel(), better=(change * sign).ravel())


def csv_bytes(
    counts: IntArray, class_names: Sequence[str], before: IntArray | None = None
) -> bytes:
    """All classes as CSV: true, predicted, count and, with another round, change."""
    every = np.arange(len(counts))
    table = cells(counts, class_names, every).drop(columns="share")
    if before is not None:
        table = table.assign(change=(counts - before).ravel())
    return csv_file(table)


def takeaway(counts: IntArray, class_names: Sequence[str], number: int) -> str:
    """How many are right, and the most frequent mistake."""
    right, total = int(np.trace(counts)), int(counts.sum())
    sentence = f"Round {number}: {right} of {total} test samples are right"
    mistakes = counts - np.diag(np.diag(counts))
    if not mistakes.any():
        return f"{sentence}: not one mistake."
    pair, times = _largest(mistakes, class_names)
    return f"{sentence}; the most frequent mistake is {pair} ({_times(times)})."


def change_takeaway(
    now: IntArray, before: IntArray, class_names: Sequence[str], number: int, other: int
) -> str:
    """What got better and what got worse since another round."""
    gain = int(np.trace(now) - np.trace(before))
    how = f"{abs(gain)} {'more' if gain > 0 else 'fewer'} are right"
    sentence = f"Round {number} against round {other}: {how if gain else 'as many are right'}"
    change = now - before
    mistakes = change - np.diag(np.diag(change))
    parts = []
    if mistakes.min() < 0:
        pair, fewer = _largest(-mistakes, class_names)
        parts.append(f"the mistake that went back most is {pair} ({fewer} fewer)")
    if mistakes.max() > 0:
        pair, more = _largest(mistakes, class_names)
        parts.append(f"the one that grew most is {pair} ({more} more)")
    return "; ".join([sentence, *parts]) + "."


def _largest(counts: IntArray, class_names: Sequence[str]) -> tuple[str, int]:
    row, column = divmod(int(counts.argmax()), len(counts))
    return f"{class_names[row]} taken for {class_names[column]}", int(counts[row, column])


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"
