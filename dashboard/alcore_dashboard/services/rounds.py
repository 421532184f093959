"""What the strategies of an experiment bought: curves of any metric, labels saved, sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alcore.compare import (
    Curve,
    Difference,
    LabelsSaved,
    Metric,
    accuracy,
    balanced_accuracy,
    furthest,
    macro_f1,
    recall_of,
)
from alcore.results import RANDOM, Ceiling, Outcome, Rounds, differences, share
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.naming import title_of, titles
from alcore_dashboard.services.units import Kind, Units

TRUSTED_SEEDS = 10


@dataclass(frozen=True, kw_only=True)
class NamedMetric:
    """A metric as people choose it.

    Attributes:
        key: For addresses: "accuracy", "macro_f1", "balanced_accuracy" or "recall_3".
        title: For people.
        of: The metric.
    """

    key: str
    title: str
    of: Metric


def metrics(class_names: Sequence[str]) -> tuple[NamedMetric, ...]:
    """All metrics of an experiment: of all classes together, then the recall of every class."""
    return (
        NamedMetric(key="accuracy", title="accuracy", of=accuracy),
        NamedMetric(key="macro_f1", title="macro F1", of=macro_f1),
        NamedMetric(key="balanced_accuracy", title="balanced accuracy", of=balanced_accuracy),
        *(
            NamedMetric(key=f"recall_{i}", title=f"recall of {name}", of=recall_of(i))
            for i, name in enumerate(class_names)
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What stands on the x axis of a learning curve.

    Attributes:
        kind: In what labels are counted; None counts rounds.
        title: Of the axis.
    """

    kind: Kind | None
    title: str


def axes(units: Units) -> dict[str, Axis]:
    """The x axes by key: labels, rounds, and money and hours where a label has a price."""
    labels, *priced = (Axis(kind=kind, title=units.axis_title(kind)) for kind in units.kinds)
    keys = zip(units.kinds[1:], priced, strict=True)
    return {"labels": labels, "rounds": Axis(kind=None, title="rounds"), **dict(keys)}


def curve_table(found: Sequence[Curve], *, suffix: str = "") -> pd.DataFrame:
    """The curves as one table.

    Args:
        found: The curves of one experiment.
        suffix: Added to each strategy's name, to tell experiments apart.

    Returns:
        Columns strategy, round, labels, mean, low, high (mean -+ one standard deviation, but
        within 0 and 1), seeds, random.
    """
    known = titles(one.strategy for one in found)
    frames = [
        curve_frame(one, known[one.strategy] + suffix).assign(random=one.strategy == RANDOM)
        for one in found
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def curve_frame(one: Curve, name: str) -> pd.DataFrame:
    """One curve under a name; all columns of `curve_table` but random."""
    return pd.DataFrame(
        {
            "strategy": name,
            "round": np.arange(len(one.labels)),
            "labels": one.labels,
            "mean": one.mean,
            "low": np.maximum(one.mean - one.spread, 0),
            "high": np.minimum(one.mean + one.spread, 1),
            "seeds": len(one.seeds),
        }
    )


def with_x(table: pd.DataFrame, axis: Axis, units: Units) -> pd.DataFrame:
    """The table with a column x, what the axis counts."""
    if axis.kind is None:
        return table.assign(x=table["round"])
    return table.assign(x=units.convert(table["labels"].to_numpy(), axis.kind))


def csv_bytes(table: pd.DataFrame, metric: NamedMetric, axis: Axis) -> bytes:
    """The curves as CSV; no text in it can be read as a formula."""
    plain = (
        table.drop(columns="random").rename(columns={"x": axis.title}).assign(metric=metric.title)
    )
    return csv_file(plain.loc[:, ~plain.columns.duplicated()])


def subtitle(rounds: Rounds, found: Sequence[Curve]) -> str:
    """What n and seeds are, and what the band is."""
    tests = {r[0].test.n for runs in rounds.values() for r in furthest(runs).values()}
    counts = sorted({len(one.seeds) for one in found})
    seeds = seed_count(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"
    return f"n = {max(tests, default=0)} test samples, {seeds}; band: one standard deviation"


def seed_count(n: int) -> str:
    """``"1 seed"`` or ``"10 seeds"``."""
    return "1 seed" if n == 1 else f"{n} seeds"


def ceiling_text(ceiling: Ceiling) -> str:
    """How the line of the ceiling is labelled."""
    return f"all {ceiling.labels:,} labelled: {ceiling.value:.1%}"


def sentence(
    metric: NamedMetric, found: Sequence[Curve], saved: Sequence[Outcome], *, running: bool
) -> str:
    """The takeaway of a learning curve."""
    if running:
        return "The experiment is still running; what it shows comes at its end."
    return takeaway(saved) if metric.key == "accuracy" else metric_takeaway(found, metric.title)


def takeaway(found: Sequence[Outcome]) -> str:
    """What the experiment shows, in one plain sentence; "no gain yet" where that is the truth."""
    if not any(one.is_random for one in found):
        return "Without a run of random there is nothing to compare with; add random."
    gains = {one.curve.strategy: one.saved for one in found if one.saved and _clear(one.saved)}
    compared = [one for one in found if one.saved]
    if not compared:
        return "Only random ran here; add a strategy to compare with it."
    seeds = min(one.saved.seeds for one in compared if one.saved)
    if not gains:
        return f"No gain yet: no strategy clearly needs fewer labels than random ({_n(seeds)})."
    full = max(saved.labels for one in compared if (saved := one.saved))
    best = max(gains, key=lambda name: (gains[name].labels, gains[name].fraction or 0.0))
    return _gain_sentence(title_of(best), gains[best], is_final=gains[best].labels == full)


def metric_takeaway(found: Sequence[Curve], title: str) -> str:
    """Who ends above random in a metric other than accuracy; "no gain yet" where nobody does."""
    held = differences(found)
    if not held:
        return f"Without random and another strategy nothing can be said of the {title}."
    gains = {name: one for name, one in held.items() if one.low > 0}
    seeds = min(one.seeds for one in held.values())
    if not gains:
        return f"No gain yet in {title}: no strategy ends clearly above random ({_n(seeds)})."
    best = max(gains, key=lambda name: gains[name].mean)
    return f"{title_of(best).capitalize()} ends {_points(gains[best])} above random in {title}."


def _points(one: Difference) -> str:
    interval = f"95% interval {100 * one.low:.1f} to {100 * one.high:.1f}, {_n(one.seeds)}"
    return f"{100 * one.mean:.1f} points ({interval if one.seeds > 1 else _n(1)})"


def _clear(saved: LabelsSaved) -> bool:
    return saved.fraction is not None and saved.low is not None and saved.low > 0


def _gain_sentence(name: str, saved: LabelsSaved, *, is_final: bool) -> str:
    interval = f"95% interval {saved.low or 0:.0%} to {saved.high or 0:.0%}, {_n(saved.seeds)}"
    if saved.seeds == 1:
        interval = _n(1)
    what = (
        "final accuracy of random" if is_final else f"accuracy of random at {saved.labels} labels"
    )
    return (
        f"{name.capitalize()} reaches the {what} ({saved.target:.1%}) with "
        f"{saved.fraction or 0:.0%} fewer labels ({interval})."
    )


def _n(seeds: int) -> str:
    count = seed_count(seeds)
    return count if seeds >= TRUSTED_SEEDS else f"only {count}, which may be chance"


def savings_table(found: Sequence[Outcome]) -> pd.DataFrame:
    """For people: strategy, labels saved, its interval, final accuracy, seeds."""
    known = titles(one.curve.strategy for one in found)
    return pd.DataFrame(
        {
            "strategy": [known[one.curve.strategy] for one in found],
            "labels saved": [_saved_text(one) for one in found],
            "95% interval": [_interval_text(one.saved) for one in found],
            "final accuracy": [f"{one.curve.mean[-1]:.1%}" for one in found],
            "seeds": [len(one.curve.seeds) for one in found],
        }
    )


def _saved_text(one: Outcome) -> str:
    if one.saved is None:
        return "baseline" if one.is_random else "no random to compare"
    return share(one.saved.fraction)


def _interval_text(saved: LabelsSaved | None) -> str:
    if saved is None or saved.seeds < 2:
        return "–"
    return f"{share(saved.low)} to {share(saved.high)}"
