"""Changing the classes of the edited table: renaming, adding, removing."""

import pandas as pd

from alcore.errors import UsageError
from alcore_dashboard.services.criteria import ID

MOST_CLASSES = 100


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
