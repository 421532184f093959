"""Which classes a model was weak in, and whether a strategy picked them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alcore.compare import furthest
from alcore.rounds import RoundResult
from alcore.store import Store
from alcore.types import FloatArray
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.naming import title_of

LONGEST = 32
MOST_WEAK = 3
_AS_CHANCE = 0.1


def short_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """Names that fit into a chart, all different: of long ones the beginning."""
    cut = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in class_names]
    twice = {name for name, n in Counter(cut).items() if n > 1}
    return tuple(f"{name} ({i})" if name in twice else name for i, name in enumerate(cut))


def data_shares(store: Store, dataset_id: int, n_classes: int) -> FloatArray:
    """Share of each class in the labels a dataset knows, shape (c,); NaN where it knows none."""
    labels = store.dataset_labels(dataset_id)
    known = np.empty(0, dtype=np.int64) if labels is None else labels[labels >= 0]
    if not len(known):
        return np.full(n_classes, np.nan)
    return np.asarray(np.bincount(known, minlength=n_classes) / len(known))


def class_table(
    runs: Mapping[int, Sequence[RoundResult]], class_names: Sequence[str], shares: FloatArray
) -> pd.DataFrame:
    """The classes of one strategy's runs, those the first model was weakest in first.

    Args:
        runs: Seed -> rounds, at least one of them with a round.
        class_names: Names of the c classes.
        shares: Share of each class in the data, shape (c,), as `data_shares` gives it.

    Returns:
        Columns index, class, first and last (recall in the first and the newest round, mean over
        seeds, NaN for a class without a test sample), picked (share of the class in the
        batches, NaN without a batch), data (share in the data) and times (picked / data).
    """
    whole = list(furthest(runs).values())
    counts = np.sum([_picked(rounds, len(class_names)) for rounds in whole], axis=0)
    picked = counts / counts.sum() if counts.sum() else np.full(len(class_names), np.nan)
    table = pd.DataFrame(
        {
            "index": np.arange(len(class_names)),
            "class": list(class_names),
            "first": _mean_recall([rounds[0] for rounds in whole]),
            "last": _mean_recall([rounds[-1] for rounds in whole]),
            "picked": picked,
            "data": shares,
        }
    )
    table["times"] = (table["picked"] / table["data"]).where(table["data"] > 0)
    return table.sort_values("first", kind="stable", ignore_index=True)


def _picked(rounds: Sequence[RoundResult], n_classes: int) -> FloatArray:
    given = [r.batch_classes for r in rounds if r.batch_classes]
    return np.asarray(np.array(given, dtype=np.float64).reshape(-1, n_classes).sum(axis=0))


def _mean_recall(results: Sequence[RoundResult]) -> pd.Series:
    return pd.DataFrame([r.test.recall for r in results], dtype=np.float64).mean()


def weakest(table: pd.DataFrame) -> pd.DataFrame:
    """The classes the first model was weakest in: a third of them, at most MOST_WEAK."""
    known = table.dropna(subset=["first"])
    return known.head(min(MOST_WEAK, max(1, len(known) // 3)))


def takeaway(table: pd.DataFrame, strategy: str) -> str:
    """Which classes were weak, whether they were picked, and what became of them."""
    weak = weakest(table)
    if not len(weak):
        return "No class has a test sample, so no recall is known."
    names = ", ".join(weak["class"])
    verb = "class was" if len(weak) == 1 else "classes were"
    start = f"At first the weakest {verb} {names} (recall {weak['first'].mean():.0%}"
    if weak["picked"].isna().any():
        return f"{start}). No batch is labelled yet."
    end = f"now {weak['last'].mean():.0%})"
    return f"{start}, {end}; {title_of(strategy)} {_frequency(weak)}."


def _frequency(weak: pd.DataFrame) -> str:
    picked, data = weak["picked"].sum(), weak["data"].sum()
    if np.isnan(data) or not data:
        return f"took {picked:.0%} of its labels from them"
    times = picked / data
    how = f"{times:.1f} times as often as chance"
    if abs(times - 1) <= _AS_CHANCE:
        how = "about as often as chance"
    return f"picked them {how} ({picked:.0%} of its labels, {data:.0%} of the data)"


def csv_bytes(table: pd.DataFrame, strategy: str, class_names: Sequence[str]) -> bytes:
    """The table as CSV with the full names; no text in it can be read as a formula."""
    full = [class_names[i] for i in table["index"]]
    plain = table.drop(columns="index").assign(**{"class": full, "strategy": strategy})
    names = {"first": "recall_first_round", "last": "recall_last_round"}
    shares = {"picked": "share_in_batches", "data": "share_in_data"}
    return csv_file(plain.rename(columns=names | shares))
