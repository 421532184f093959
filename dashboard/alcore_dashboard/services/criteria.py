"""The article's table of samples and class probabilities, to be edited, and who is picked."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alcore.errors import UsageError
from alcore.probabilities import check_probabilities
from alcore.strategies import Criterion
from alcore_dashboard.services.criteria_ranking import Ranking
from alcore_dashboard.services.criteria_sources import Source

ID = "sample"
MOST_CLASSES = 100

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


def read_samples(table: pd.DataFrame) -> Source:
    """Check an edited table: a column `sample` and one column per class.

    Raises:
        UsageError: No rows, a missing or repeated sample name, probabilities that are none.
    """
    if table.empty:
        raise UsageError("the table has no samples; add a row, or go back to the example")
    ids = _checked_ids(table[ID].tolist())
    classes = class_names(table)
    values = table[list(classes)].to_numpy(dtype=np.float64, na_value=np.nan)
    check_probabilities(
        values, class_names=classes, source="table", row_name=lambda row: f"sample {ids[row]!r}"
    )
    return Source(
        key=(),
        subtitle=f"n = {len(ids)} samples",
        class_names=classes,
        probabilities=values,
        ids=ids,
    )


def _checked_ids(names: Sequence[object]) -> tuple[str, ...]:
    ids = tuple("" if pd.isna(name) else str(name).strip() for name in names)  # type: ignore[call-overload]
    for number, name in enumerate(ids, start=1):
        if not name:
            raise UsageError(f"row {number} has no sample name; give it one, such as 'D'")
        if ids.count(name) > 1:
            raise UsageError(f"the sample name {name!r} stands twice; names must be different")
    return ids


def equation(criterion: Criterion) -> str:
    """The second paragraph of its documentation, where the equation belongs."""
    paragraphs = [" ".join(part.split()) for part in criterion.documentation.split("\n\n")]
    return paragraphs[1] if len(paragraphs) > 1 else ""


def takeaway(samples: Source, rankings: Sequence[Ranking]) -> str:
    """Who is picked by whom, in one sentence of plain text."""
    picks: dict[str, list[str]] = {}
    for ranking in sorted(rankings, key=lambda one: one.rows[:1].tolist()):
        for name in samples.names(ranking.rows[:1]):
            picks.setdefault(name, []).append(ranking.title)
    if not picks:
        return "No criterion could be computed."
    if len(picks) == 1:
        return f"All criteria would label {next(iter(picks))} first."
    parts = [f"{_listed(titles)} → {name}" for name, titles in picks.items()]
    return f"Criteria disagree about what to label first: {'; '.join(parts)}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def class_names(table: pd.DataFrame) -> tuple[str, ...]:
    """The class columns of an edited table."""
    return tuple(column for column in table.columns if column != ID)


def read_class_names(text: str) -> tuple[str, ...]:
    """Class names from a line in which commas separate them.

    Raises:
        UsageError: Fewer than 2, more than MOST_CLASSES, an empty name, or one that stands twice.
    """
    names = tuple(" ".join(name.split()) for name in text.split(","))
    if not 2 <= len(names) <= MOST_CLASSES:
        raise UsageError(
            f"expected 2 to {MOST_CLASSES} class names with commas between them, not {len(names)}"
        )
    for number, name in enumerate(names, start=1):
        if not name:
            raise UsageError(f"class {number} has no name; write one before the comma")
        if name == ID:
            raise UsageError(f"a class cannot be called {ID!r}, the name of the first column")
        if names.count(name) > 1:
            raise UsageError(f"the class name {name!r} stands twice; names must be different")
    return names


def with_classes(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The table with these classes.

    As many names as before rename the columns from left to right. Otherwise columns are kept by
    their name, those no longer named are removed, and new ones begin with probability 0.
    """
    old = class_names(table)
    if len(names) == len(old) and set(names) != set(old):
        return table.rename(columns=dict(zip(old, names, strict=True)))
    return table.reindex(columns=[ID, *names], fill_value=0.0)


def as_table(samples: Source) -> pd.DataFrame:
    """The table that `read_samples` takes: a column `sample`, then one per class."""
    table = pd.DataFrame(samples.probabilities, columns=list(samples.class_names))
    table.insert(0, ID, list(samples.ids or ()))
    return table


def long_form(samples: Source) -> pd.DataFrame:
    """One row per sample and class, for charts: columns sample, class, probability."""
    return as_table(samples).melt(id_vars=ID, var_name="class", value_name="probability")
