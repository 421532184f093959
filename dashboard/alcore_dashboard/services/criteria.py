"""The article's table: samples, class probabilities, and what each criterion makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alcore.components import StrategySpec
from alcore.errors import AlcoreError, UsageError
from alcore.probabilities import check_probabilities
from alcore.strategies import Criterion, Direction
from alcore.types import FloatArray
from alcore_dashboard.services.naming import titles

ID = "sample"

# Least confidence and entropy pick B, smallest margin picks A, as in the article's table.
EXAMPLE = pd.DataFrame(
    {
        ID: ["A", "B", "C"],
        "dandelion": [0.46, 0.34, 0.78],
        "daisy": [0.44, 0.24, 0.10],
        "tulips": [0.05, 0.18, 0.06],
        "sunflowers": [0.03, 0.13, 0.04],
        "roses": [0.02, 0.11, 0.02],
    }
)


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Samples with their class probabilities, checked.

    Attributes:
        ids: One per sample, all different.
        class_names: The c classes.
        probabilities: Shape (n, c), float64, rows summing to 1.
    """

    ids: tuple[str, ...]
    class_names: tuple[str, ...]
    probabilities: FloatArray


@dataclass(frozen=True, kw_only=True)
class CriterionRow:
    """One criterion over the samples.

    Attributes:
        name: Qualified name of its strategy.
        title: The same for people.
        summary: What it measures, one line.
        equation: How it is computed, as its author wrote it; "" where nothing is written.
        direction: "max" where the largest value is the most uncertain.
        values: One per sample, shape (n,); None where the criterion failed.
        picked: Index of the most uncertain sample, the first among equals; None after failure.
        error: Why it failed.
    """

    name: str
    title: str
    summary: str
    equation: str
    direction: Direction
    values: FloatArray | None = None
    picked: int | None = None
    error: str | None = None


def read_samples(table: pd.DataFrame) -> Samples:
    """Check an edited table: a column `sample` and one column per class.

    Raises:
        UsageError: No rows, a missing or repeated sample name, probabilities that are none.
    """
    if table.empty:
        raise UsageError("the table has no samples; add a row, or go back to the example")
    ids = _checked_ids(table[ID].tolist())
    classes = [column for column in table.columns if column != ID]
    values = table[classes].to_numpy(dtype=np.float64, na_value=np.nan)
    check_probabilities(
        values, class_names=classes, source="table", row_name=lambda row: f"sample {ids[row]!r}"
    )
    return Samples(ids=ids, class_names=tuple(classes), probabilities=values)


def _checked_ids(names: Sequence[object]) -> tuple[str, ...]:
    ids = tuple("" if pd.isna(name) else str(name).strip() for name in names)  # type: ignore[call-overload]
    for number, name in enumerate(ids, start=1):
        if not name:
            raise UsageError(f"row {number} has no sample name; give it one, such as 'D'")
        if ids.count(name) > 1:
            raise UsageError(f"the sample name {name!r} stands twice; names must be different")
    return ids


def criterion_rows(
    samples: Samples, strategies: Mapping[str, StrategySpec]
) -> tuple[CriterionRow, ...]:
    """Every criterion that the installed strategies offer, third-party ones included."""
    criteria = criteria_by_name(strategies)
    known = titles(criteria)
    return tuple(_row(name, known[name], one, samples) for name, one in criteria.items())


def criteria_by_name(strategies: Mapping[str, StrategySpec]) -> dict[str, Criterion]:
    """The criteria of the installed strategies, by qualified name."""
    return {name: spec.criterion for name, spec in strategies.items() if spec.criterion is not None}


def _row(name: str, title: str, criterion: Criterion, samples: Samples) -> CriterionRow:
    row = CriterionRow(
        name=name,
        title=title,
        summary=criterion.summary,
        equation=equation(criterion),
        direction=criterion.direction,
    )
    try:
        values = criterion_values(criterion, samples.probabilities)
    except Exception as error:  # whatever a plugin's formula raises is its own row's matter
        return replace(row, error=_sentence(error))
    best = np.argmax(values) if criterion.direction == "max" else np.argmin(values)
    return replace(row, values=values, picked=int(best))


def equation(criterion: Criterion) -> str:
    """The second paragraph of its documentation, where the equation belongs."""
    paragraphs = [" ".join(part.split()) for part in criterion.documentation.split("\n\n")]
    return paragraphs[1] if len(paragraphs) > 1 else ""


def criterion_values(criterion: Criterion, probabilities: FloatArray) -> FloatArray:
    """The criterion's values, shape (n,), held against what a formula must return."""
    values = np.asarray(criterion(probabilities), dtype=np.float64)
    if values.shape != (len(probabilities),) or not np.isfinite(values).all():
        raise AlcoreError("the formula must give one finite number per sample")
    return values


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, AlcoreError) else f"{type(error).__name__}: {error}"


def takeaway(samples: Samples, rows: Sequence[CriterionRow]) -> str:
    """Who is picked by whom, in one sentence of plain text."""
    picks: dict[int, list[str]] = {}
    for row in rows:
        if row.picked is not None:
            picks.setdefault(row.picked, []).append(row.title)
    if not picks:
        return "No criterion could be computed."
    if len(picks) == 1:
        (index,) = picks
        return f"All criteria would label {samples.ids[index]} first."
    parts = [f"{_listed(names)} → {samples.ids[index]}" for index, names in sorted(picks.items())]
    return f"Criteria disagree about what to label first: {'; '.join(parts)}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def as_table(samples: Samples) -> pd.DataFrame:
    """The table that `read_samples` takes: a column `sample`, then one per class."""
    table = pd.DataFrame(samples.probabilities, columns=list(samples.class_names))
    table.insert(0, ID, list(samples.ids))
    return table


def long_form(samples: Samples) -> pd.DataFrame:
    """One row per sample and class, for charts: columns sample, class, probability."""
    return as_table(samples).melt(id_vars=ID, var_name="class", value_name="probability")
