"""What earlier batches of about this size brought in a run."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from alcore.rounds import RoundResult
from alcore_dashboard.services.units import Units, money


def gains(results: Sequence[RoundResult], n: int, units: Units) -> pd.DataFrame:
    """What the rounds of a run brought, joined to steps of about n labels, oldest first.

    Steps are taken from the newest round backwards, each as close to n as rounds allow; what
    remains at the start is left out where it is less than half of n.

    Returns:
        A row per step: columns rounds, labels (bought), step ("50 → 100"), before and after
        (accuracy on the test split, 0 to 1), points (gained, in percent), chance, per_100, and
        for money and hours one column each, as `price_columns` names them, where a price is set.
    """
    steps: list[dict[str, Any]] = []
    last = len(results) - 1
    while last > 0:
        labels = [results[last].n_labelled - results[i].n_labelled for i in range(last)]
        first = min(range(last), key=lambda i: (abs(labels[i] - n), -i))
        if steps and 2 * labels[first] < n:
            break
        steps.insert(0, _step(results[first], results[last]))
        last = first
    table = pd.DataFrame(steps)
    for title, price in price_columns(units).items() if steps else ():
        table[title] = table["points"] / (table["labels"] * price)
    return table


def _step(one: RoundResult, other: RoundResult) -> dict[str, Any]:
    before, after = one.test.accuracy, other.test.accuracy
    labels, points = other.n_labelled - one.n_labelled, 100 * (after - before)
    return {
        "rounds": f"{one.number} to {other.number}",
        "labels": labels,
        "step": f"{one.n_labelled:,} → {other.n_labelled:,}",
        "before": before,
        "after": after,
        "points": points,
        "chance": _chance(before, after, other.test.n),
        "per_100": 100 * points / labels,
    }


def _chance(before: float, after: float, n_test: int) -> float:
    """Points by which two equally good models may differ on as many test samples.

    1.96 standard errors of the difference of two proportions, as if their test samples
    were different ones; with the same samples it is a little less.
    """
    return 196 * math.sqrt((before * (1 - before) + after * (1 - after)) / n_test)


def gains_text(table: pd.DataFrame) -> pd.DataFrame:
    """The same for people: titles and numbers as text."""
    text = {
        "labels": table["step"],
        "accuracy": table["before"].map("{:.1%} → ".format) + table["after"].map("{:.1%}".format),
        "gain in points": table["points"].map("{:+.1f}".format)
        + table["chance"].map(" (chance ±{:.1f})".format),
        "points per 100 labels": table["per_100"].map("{:+.1f}".format),
    }
    prices = [column for column in table if str(column).startswith("points per ")]
    return pd.DataFrame(text | {str(c): table[c].map("{:+.2f}".format) for c in prices})


def price_columns(units: Units) -> dict[str, float]:
    """Titles such as "points per 10 EUR" with the price of a label in that unit."""
    columns = {}
    if (price := units.price("money")) is not None:
        # The power of ten next to the price of 100 labels: readable in every currency.
        scale = 10.0 ** round(math.log10(100 * price))
        amount = "" if scale == 1 else f"{money(scale)} "
        columns[f"points per {amount}{units.currency}"] = float(price) / scale
    if (price := units.price("hours")) is not None:
        columns["points per hour"] = float(price)
    return columns


def gains_takeaway(table: pd.DataFrame, n: int, n_test: int, units: Units) -> str:
    """What the newest step brought, and whether that is more than chance; one sentence."""
    if table.empty:
        return "No batch of this run has been labelled and trained on yet."
    newest = table.iloc[-1]
    labels, points, chance = newest["labels"], newest["points"], newest["chance"]
    costs = f" ({said})" if (said := units.said(labels)) else ""
    size = "" if n / 2 <= labels <= 2 * n else f" (no step of this run is near your {n:,})"
    verdict = "within" if abs(points) <= chance else "beyond"
    return (
        f"The last {labels:,} labels of this run{costs} brought {points:+.1f} points "
        f"of test accuracy, {newest['per_100']:+.1f} per 100 labels{size}; "
        f"that is {verdict} chance (±{chance:.1f} with {n_test:,} test samples)."
    )
