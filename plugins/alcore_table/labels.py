"""Labels and class names of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from alcore.errors import UsageError
from alcore.probabilities import row_from_0
from alcore.types import IntArray
from alcore_table.files import AnyArray

_UNKNOWN = (None, "", -1)


def read_labels(
    arrays: Mapping[str, AnyArray], n: int, columns: int | None, source: str
) -> tuple[tuple[str, ...] | None, IntArray | None]:
    """Class names and labels, whichever the file has; -1, "" and null are unknown labels.

    Labels are class names or class numbers from 0. Without `class_names` the classes are the
    texts in alphabetical order, or the numbers.

    Args:
        arrays: What the file holds.
        n: Number of samples.
        columns: Number of classes where it is known, from a table of probabilities.
        source: Where it comes from, the first word of errors.

    Raises:
        UsageError: Wrong lengths, types or values.
    """
    names = _class_names(arrays, source)
    if columns is not None and names is None:
        names = [str(column) for column in range(columns)]
    if columns is not None and names is not None and len(names) != columns:
        raise UsageError(f"{source}: {len(names)} class_names for {columns} columns")
    if "labels" not in arrays:
        return tuple(names) if names else None, None
    values = arrays["labels"].tolist()
    if arrays["labels"].shape != (n,):
        found = f"of shape {arrays['labels'].shape}"
        raise UsageError(f"{source}: expected a label for each of {n} rows, not labels {found}")
    known = [value for value in values if value not in _UNKNOWN]
    if names is None:
        names = _named_by(known, n, source)
    return tuple(names), _encoded(values, names, source)


def _class_names(arrays: Mapping[str, AnyArray], source: str) -> list[str] | None:
    if "class_names" not in arrays:
        return None
    found = arrays["class_names"]
    names: list[str] = found.tolist() if found.ndim == 1 and found.dtype.kind == "U" else []
    if len(names) < 2 or len(set(names)) < len(names) or "" in names:
        raise UsageError(f"{source}: expected class_names to be at least two different texts")
    return names


def _named_by(known: Sequence[Any], n: int, source: str) -> list[str]:
    if any(isinstance(value, str) for value in known):
        names = sorted({str(value) for value in known})
    else:
        top = max((value for value in known if type(value) is int), default=-1)
        if top >= n:
            raise UsageError(
                f"{source}: class {top} for {n} samples; expected class numbers from 0, or give "
                "class_names"
            )
        names = [str(label) for label in range(top + 1)]
    if len(names) < 2:
        raise UsageError(f"{source}: expected labels of at least two classes, not {len(names)}")
    return names


def _encoded(values: Sequence[Any], names: Sequence[str], source: str) -> IntArray:
    index: dict[Any, int] = {name: label for label, name in enumerate(names)}
    index |= {label: label for label in range(len(names))} | dict.fromkeys(_UNKNOWN, -1)
    labels = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        if type(value) not in (int, str, type(None)) or value not in index:
            raise UsageError(
                f"{source}: the label {value!r} in {row_from_0(row)} is none of the "
                f"{len(names)} classes; expected a class name, a number from 0 to "
                f"{len(names) - 1}, or -1 if unknown"
            )
        labels[row] = index[value]
    return labels
