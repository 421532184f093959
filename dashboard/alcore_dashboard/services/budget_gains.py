"""What earlier batches of about this size brought in a run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from alcore.rounds import RoundResult
from alcore_dashboard.services.units import Units, money


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What some labels in a row brought.

    Attributes:
        first, last: The rounds before and after.
        before, after: Labels of their models.
        accuracy_before, accuracy_after: On the test split, 0 to 1.
        n_test: Test samples.
    """

    first: int
    last: int
    before: int
    after: int
    accuracy_before: float
    accuracy_after: float
    n_test: int

    @property
    def labels(self) -> int:
        """Labels bought."""
        return self.after - self.before

    @property
    def points(self) -> float:
        """Accuracy gained, in percentage points."""
        return 100 * (self.accuracy_after - self.accuracy_before)

    @property
    def chance(self) -> float:
        """Points by which two equally good models may differ on as many test samples.

        1.96 standard errors of the difference of two proportions, as if their test samples
        were different ones; with the same samples it is a little less.
        """
        variances = (p * (1 - p) for p in (self.accuracy_before, self.accuracy_after))
        return 196 * math.sqrt(sum(variances) / self.n_test)


def gains(results: Sequence[RoundResult], n: int) -> tuple[Gain, ...]:
    """The rounds of a run joined to steps of about n labels, oldest first.

    Steps are taken from the newest round backwards, each as close to n as rounds allow; what
    remains at the start is left out where it is less than half of n.
    """
    found: list[Gain] = []
    last = len(results) - 1
    while last > 0:
        labels = [results[last].n_labelled - results[i].n_labelled for i in range(last)]
        first = min(range(last), key=lambda i: (abs(labels[i] - n), -i))
        if found and 2 * labels[first] < n:
            break
        found.append(_gain(results[first], results[last]))
        last = first
    return tuple(reversed(found))


def _gain(one: RoundResult, other: RoundResult) -> Gain:
    return Gain(
        first=one.number,
        last=other.number,
        before=one.n_labelled,
        after=other.n_labelled,
        accuracy_before=one.test.accuracy,
        accuracy_after=other.test.accuracy,
        n_test=other.test.n,
    )


def gains_table(found: Sequence[Gain], units: Units) -> pd.DataFrame:
    """For charts and CSV: a row per step; what a point costs only where a price is set.

    Returns:
        Columns rounds, labels, step ("50 → 100"), before and after (accuracy), points, chance,
        per_100, and for money and hours one column each, as `price_columns` names them.
    """
    table = pd.DataFrame(
        {
            "rounds": [f"{one.first} to {one.last}" for one in found],
            "labels": [one.labels for one in found],
            "step": [f"{one.before:,} → {one.after:,}" for one in found],
            "before": [one.accuracy_before for one in found],
            "after": [one.accuracy_after for one in found],
            "points": [one.points for one in found],
            "chance": [one.chance for one in found],
            "per_100": [100 * one.points / one.labels for one in found],
        }
    )
    for title, price in price_columns(units).items():
        table[title] = table["points"] / (table["labels"] * price)
    return table


def gains_text(table: pd.DataFrame) -> pd.DataFrame:
    """The same for people: titles and numbers as text."""
    shown = {
        "labels": table["step"],
        "accuracy": [
            f"{one:.1%} → {two:.1%}"
            for one, two in zip(table["before"], table["after"], strict=True)
        ],
        "gain in points": [
            f"{points:+.1f} (chance ±{chance:.1f})"
            for points, chance in zip(table["points"], table["chance"], strict=True)
        ],
        "points per 100 labels": table["per_100"].map("{:+.1f}".format),
    }
    prices = [column for column in table if str(column).startswith("points per ")]
    return pd.DataFrame(shown | {str(c): table[c].map("{:+.2f}".format) for c in prices})


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


def gains_takeaway(found: Sequence[Gain], n: int, units: Units) -> str:
    """What the newest step brought, and whether that is more than chance; one sentence."""
    if not found:
        return "No batch of this run has been labelled and trained on yet."
    newest = found[-1]
    costs = f" ({said})" if (said := units.said(newest.labels)) else ""
    size = "" if _is_about(newest.labels, n) else f" (no step of this run is near your {n:,})"
    verdict = "within" if abs(newest.points) <= newest.chance else "beyond"
    return (
        f"The last {newest.labels:,} labels of this run{costs} brought {newest.points:+.1f} points "
        f"of test accuracy, {100 * newest.points / newest.labels:+.1f} per 100 labels{size}; "
        f"that is {verdict} chance (±{newest.chance:.1f} with {newest.n_test:,} test samples)."
    )


def _is_about(labels: int, n: int) -> bool:
    return n / 2 <= labels <= 2 * n
