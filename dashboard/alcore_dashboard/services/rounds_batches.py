"""How right the models were on the batches they chose, against the test split."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from alcore.chosen import Row
from alcore.compare import Curve, furthest, learning_curve
from alcore.results import RANDOM, Rounds
from alcore.rounds import RoundResult
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.naming import title_of
from alcore_dashboard.services.rounds import curve_frame

TEST, BATCH, OF_RANDOM = "test split", "its batches", "random's batches"


def batch_curves(rounds: Rounds, strategy: str) -> dict[str, Curve]:
    """Accuracy on the test split, on the chosen batches, and on those of random.

    A batch is measured by the model that chose it, before any training on it. Without a
    labelled batch only the test split is there.
    """
    whole = furthest(rounds[strategy])  # so that both are over the same seeds
    found = {TEST: learning_curve(strategy, whole), BATCH: _on_batches(strategy, whole)}
    if strategy != RANDOM:
        found[OF_RANDOM] = _on_batches(RANDOM, rounds.get(RANDOM, {}))
    return {name: curve for name, curve in found.items() if curve is not None}


def _on_batches(strategy: str, runs: Mapping[int, Sequence[RoundResult]]) -> Curve | None:
    """A learning curve whose "test split" is the batch of each round; the last one has none."""
    batches = {
        seed: [replace(r, test=r.batch) for r in rounds if r.batch is not None]
        for seed, rounds in runs.items()
    }
    return learning_curve(strategy, batches)


def batch_table(found: Mapping[str, Curve]) -> pd.DataFrame:
    """The curves as one table, with the columns of `services.rounds.curve_table`."""
    frames = [
        curve_frame(one, name).assign(random=name == OF_RANDOM) for name, one in found.items()
    ]
    return pd.concat(frames, ignore_index=True)


def csv_bytes(table: pd.DataFrame, strategy: str) -> bytes:
    """The table as CSV; no text in it can be read as a formula."""
    plain = table.drop(columns="random").rename(columns={"strategy": "measured on"})
    return csv_file(plain.assign(strategy=strategy))


def takeaway(found: Mapping[str, Curve], strategy: str) -> str:
    """How much harder than the test split the batches were, at first and at last."""
    if BATCH not in found:
        return "No batch is labelled yet."
    test, batch = found[TEST].mean, found[BATCH].mean
    last = len(batch) - 1
    name = title_of(strategy)
    sentence = (
        f"The first batch of {name} was right in {batch[0]:.0%} where the test split was in "
        f"{test[0]:.0%}, the last in {batch[last]:.0%} against {test[last]:.0%}: "
    )
    gap = float((test[: last + 1] - batch).mean())
    return sentence + _meaning(gap, name)


def _meaning(gap: float, name: str) -> str:
    if gap >= 0.05:
        return f"{name} picks what the model does not know yet."
    if gap <= -0.05:
        return f"{name} picks what the model knows already."
    return "the batches are about as hard as the data at large."


def first_batch_table(rows: Sequence[Row]) -> pd.DataFrame:
    """The first batch as a table of texts; what somebody claims stands beside it."""
    table = pd.DataFrame(
        {
            "measured on": [row.what for row in rows],
            "accuracy": [f"{row.accuracy:.1%}" for row in rows],
            "difference": [row.points for row in rows],
            "claimed": [
                "" if row.claimed is None else f"{row.claimed:+.1f} points" for row in rows
            ],
        }
    )
    return table if table["claimed"].any() else table.drop(columns="claimed")
