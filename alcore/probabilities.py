"""Class probabilities from outside: read from files, and refused where they are none.

Nothing is repaired here: a row that does not sum to 1 is an error, never normalised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alcore.errors import UsageError
from alcore.scoring import blocks
from alcore.types import FloatArray

SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class ProbabilityTable:
    """Checked class probabilities of n samples.

    Attributes:
        ids: One per sample, all different; None where the file has none.
        probabilities: Shape (n, c); a read-only memory map where it comes from a .npy file.
        class_names: The c classes; "0", "1", ... where the file does not name them.
    """

    ids: tuple[str, ...] | None
    probabilities: FloatArray
    class_names: tuple[str, ...]


def read_probabilities(path: Path) -> ProbabilityTable:
    """Read and check a .npy, .parquet or .csv file: a row per sample, a column per class.

    CSV and Parquet may have ids in their first column: one called "id", or one of text.

    Raises:
        UsageError: The file is missing, damaged or of another kind, or `check_probabilities`
            refuses what it holds; the place in the file is named.
    """
    from alcore import probability_files

    readers: dict[str, Callable[[Path], probability_files.Content]] = {
        ".npy": probability_files.read_npy,
        ".parquet": probability_files.read_parquet,
        ".csv": probability_files.read_csv,
    }
    if path.suffix.lower() not in readers:
        known = ", ".join(readers)
        raise UsageError(f"cannot read {path}: its name must end in one of {known}")
    try:
        content = readers[path.suffix.lower()](path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    check_probabilities(
        content.probabilities,
        content.ids,
        class_names=content.class_names,
        source=str(path),
        row_name=content.row_name,
    )
    return ProbabilityTable(
        ids=content.ids, probabilities=content.probabilities, class_names=content.class_names
    )


def row_from_0(row: int) -> str:
    """How errors name a row where nothing better is known."""
    return f"row {row} (counted from 0)"


def check_probabilities(
    probabilities: npt.ArrayLike,
    ids: Sequence[str] | None = None,
    *,
    class_names: Sequence[str] | None = None,
    source: str = "probabilities",
    row_name: Callable[[int], str] = row_from_0,
) -> None:
    """Refuse what are not class probabilities. Reads block by block, so memory maps may be large.

    Args:
        probabilities: To be of shape (n, c), n >= 1, c >= 2, every row from 0 up and summing
            to 1 within SUM_TOLERANCE.
        ids: To be n different non-empty texts.
        class_names: The c columns, for errors.
        source: Where it comes from, the first word of errors.
        row_name: How errors name a row, given its number from 0.

    Raises:
        UsageError: The first fault, in one sentence that names its place.
    """
    table = np.asarray(probabilities)
    _check_shape(table, source)
    if ids is not None:
        check_ids(ids, len(table), source=source, row_name=row_name)
    for offset, fresh, block in blocks(table, 0, len(table)):
        row = _first_bad_row(block)
        if row is not None:
            at = offset + fresh - len(block) + row
            place = row_name(at) if ids is None else f"{row_name(at)}, id {ids[at]!r}"
            raise UsageError(f"{source}: {_fault(block[row], class_names)} in {place}")


def _check_shape(table: npt.NDArray[np.generic], source: str) -> None:
    if table.dtype.kind not in "fiub":
        raise UsageError(f"{source}: expected numbers, not values of type {table.dtype}")
    if table.ndim != 2:
        raise UsageError(
            f"{source}: expected a table of shape (samples, classes), not shape {table.shape}"
        )
    if len(table) == 0:
        raise UsageError(f"{source}: there are no rows; expected one per sample")
    if table.shape[1] < 2:
        raise UsageError(
            f"{source}: expected a column for each of at least 2 classes, not {table.shape[1]}; "
            "for two classes give both 1 - p and p"
        )


def check_ids(
    ids: Sequence[str], n: int, *, source: str, row_name: Callable[[int], str] = row_from_0
) -> None:
    """Refuse ids that are not n different non-empty texts; the arguments are as above."""
    if len(ids) != n:
        raise UsageError(f"{source}: {len(ids)} ids for {n} rows; expected one for each")
    seen: dict[str, int] = {}
    for row, name in enumerate(ids):
        if not isinstance(name, str) or not name:
            raise UsageError(f"{source}: the id {name!r} in {row_name(row)} is not a text")
        if seen.setdefault(name, row) != row:
            raise UsageError(
                f"{source}: the id {name!r} in {row_name(row)} is already that of "
                f"{row_name(seen[name])}; ids must be all different"
            )


def _first_bad_row(block: FloatArray) -> int | None:
    with np.errstate(invalid="ignore", over="ignore"):
        sums = block.sum(axis=1)
        # Written so that NaN fails as well.
        if block.min() >= 0 and (np.abs(sums - 1) <= SUM_TOLERANCE).all():
            return None
        good = (block >= 0).all(axis=1) & (np.abs(sums - 1) <= SUM_TOLERANCE)
    return int(np.argmin(good))


def _fault(row: FloatArray, class_names: Sequence[str] | None) -> str:
    for column, value in enumerate(row):
        if not (np.isfinite(value) and value >= 0):
            name = f"column {column}" if class_names is None else f"class {class_names[column]!r}"
            return f"expected a probability, a number from 0 to 1, not {value:.6g} for {name}"
    total = float(row.sum(dtype=np.float64))
    return (
        f"expected probabilities that sum to 1 (within {SUM_TOLERANCE:g}), not to {total:.6g}; "
        "correct or normalise them first; found"
    )
