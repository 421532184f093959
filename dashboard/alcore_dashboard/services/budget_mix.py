"""What is in a batch: its classes, and what it shares with other batches and with chance."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alcore.types import IntArray

SHOWN_CLASSES = 12


def class_mix(labels: IntArray, chosen: IntArray, class_names: Sequence[str]) -> pd.DataFrame:
    """How often each class stands in the batch, in the pool, and in a batch drawn at random.

    Args:
        labels: Class index of every pool sample, shape (n,); -1 where unknown, left out then.
        chosen: Indices of the batch.
        class_names: The c classes.

    Returns:
        One row per class: class, batch and pool (counts), batch_share and pool_share, and low
        and high, between which a random batch has its share 19 times out of 20.
    """
    pool, batch = _counts(labels, len(class_names)), _counts(labels[chosen], len(class_names))
    size, drawn = int(pool.sum()), int(batch.sum())
    ranges = np.array([random_range(size, int(n), drawn) for n in pool]).reshape(-1, 2)
    return pd.DataFrame(
        {
            "class": list(class_names),
            "batch": batch,
            "pool": pool,
            "batch_share": batch / max(drawn, 1),
            "pool_share": pool / max(size, 1),
            "low": ranges[:, 0] / max(drawn, 1),
            "high": ranges[:, 1] / max(drawn, 1),
        }
    )


def _counts(labels: IntArray, n_classes: int) -> IntArray:
    return np.bincount(labels[labels >= 0], minlength=n_classes).astype(np.int64)


def most_different(mix: pd.DataFrame) -> pd.DataFrame:
    """The classes whose share differs most from the pool's, at most SHOWN_CLASSES, in order."""
    difference = (mix["batch_share"] - mix["pool_share"]).abs().to_numpy()
    return mix.iloc[np.sort(np.argsort(-difference, kind="stable")[:SHOWN_CLASSES])]


def mix_takeaway(mix: pd.DataFrame, by: str) -> str:
    """Which class the batch has more or less of than chance explains, in one sentence.

    Args:
        mix: As `class_mix` gives it.
        by: "predicted class" or "true class".
    """
    parts, beyond = [], 0
    for word, outside in (
        ("more", mix["batch_share"] > mix["high"]),
        ("fewer", mix["batch_share"] < mix["low"]),
    ):
        rows = mix[outside].to_dict("records")
        beyond += len(rows)
        if rows:
            row = max(rows, key=lambda row: abs(row["batch_share"] - row["pool_share"]))
            parts.append(
                f"{word} of {row['class']} ({row['batch_share']:.0%} against "
                f"{row['pool_share']:.0%} of the pool)"
            )
    if not parts:
        return f"By {by} the batch looks like a random one: no class is beyond chance."
    return (
        f"By {by} the batch has {' and '.join(parts)} than a random one would; "
        f"{beyond} of {len(mix)} classes {'is' if beyond == 1 else 'are'} beyond chance."
    )


def overlap_table(order: IntArray, others: Mapping[str, IntArray], n: int) -> pd.DataFrame:
    """How many of the first n samples other rankings have among their first n, and chance has.

    Args:
        order: Indices into the pool by the chosen criterion.
        others: The same by other criteria, by title.
        n: The cut.

    Returns:
        Columns criterion, shared (expected for random), share, low, high (shares, equal but
        for random) and random, which is the last row.
    """
    size, cut = len(order), min(n, len(order))
    picked = np.zeros(size, dtype=bool)
    picked[order[:cut]] = True
    counts = {title: float(picked[other[:cut]].sum()) for title, other in others.items()}
    low, high = random_range(size, cut, cut)
    table = pd.DataFrame(
        {
            "criterion": [*counts, "random"],
            "shared": [*counts.values(), cut * cut / size],
            "low": [*counts.values(), low],
            "high": [*counts.values(), high],
            "random": [*[False] * len(counts), True],
        }
    )
    table.insert(2, "share", table["shared"] / cut)
    return table.assign(low=table["low"] / cut, high=table["high"] / cut)


def overlap_takeaway(table: pd.DataFrame, title: str, n: int) -> str:
    """How much the choice of the criterion matters at this cut, in one sentence."""
    *others, random = table.to_dict("records")
    low, high = round(random["low"] * n), round(random["high"] * n)
    chance = f"a random batch would share about {random['shared']:,.3g} ({low:,} to {high:,})"
    if not others:
        return f"No other criterion to compare {title} with; {chance} of its {n:,} samples."
    closest = max(others, key=lambda row: float(row["shared"]))
    return (
        f"Of the {n:,} samples {title} picks, {closest['criterion']} picks "
        f"{closest['shared']:,.0f} as well; {chance}."
    )


def random_range(size: int, marked: int, drawn: int) -> tuple[int, int]:
    """Between which numbers of marked samples a random batch lies, 19 times out of 20.

    The hypergeometric distribution's quantiles at 2.5 and 97.5 %: `drawn` of `size` samples
    are drawn without putting back, `marked` of them are marked.
    """
    least, most = max(0, drawn + marked - size), min(drawn, marked)
    if least == most:
        return least, most
    k = np.arange(least, most, dtype=np.float64)
    ratios = np.log((marked - k) * (drawn - k)) - np.log((k + 1) * (size - marked - drawn + k + 1))
    weights = np.concatenate([[0.0], np.cumsum(ratios)])
    chances = np.exp(weights - weights.max())
    cumulated = np.cumsum(chances / math.fsum(chances))
    # Sums that should be exactly 1/40 may lack the last bits.
    low, high = np.searchsorted(cumulated, np.array([0.025, 0.975]) - 1e-12)
    return least + int(low), least + min(int(high), most - least)
