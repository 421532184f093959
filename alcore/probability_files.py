"""What stands in a file of probabilities, before any of it is believed."""

import csv
import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alcore.csvcell import from_csv_cell
from alcore.errors import UsageError
from alcore.probabilities import row_from_0
from alcore.types import FloatArray

if TYPE_CHECKING:
    from _csv import Reader as CsvReader


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file's table, numbers but not yet checked to be probabilities.

    Attributes:
        probabilities: As in the file.
        class_names: From the header; "0", "1", ... where there is none.
        ids: From the first column, where it has ids.
        row_name: How a person finds a row of the table in the file.
    """

    probabilities: FloatArray
    class_names: tuple[str, ...]
    ids: tuple[str, ...] | None = None
    row_name: Callable[[int], str] = row_from_0


def read_npy(path: Path) -> Content:
    """A .npy file, memory-mapped; one that holds pickled objects is never loaded."""
    try:
        table = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, OverflowError) as error:
        why = str(error).rstrip(".")
        raise UsageError(
            f"{path}: expected a whole .npy file of numbers ({why}); write it with numpy.save"
        ) from error
    if table.offset + table.nbytes != path.stat().st_size:
        raise UsageError(f"{path}: more bytes than its one array needs; write it with numpy.save")
    columns = range(table.shape[1] if table.ndim == 2 else 0)
    return Content(probabilities=np.asarray(table), class_names=tuple(map(str, columns)))


def read_parquet(path: Path) -> Content:
    """A Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            table = pq.ParquetFile(file).read()
    except pa.ArrowInvalid as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise UsageError(f"{path}: expected a whole Parquet file ({why})") from error
    names, columns = list(table.column_names), list(table.columns)
    ids = None
    if names and (names[0].lower() == "id" or not _is_number_type(columns[0].type)):
        ids = tuple("" if name is None else str(name) for name in columns[0].to_pylist())
        names, columns = names[1:], columns[1:]
    _check_names(path, names)
    for name, column in zip(names, columns, strict=True):
        if not _is_number_type(column.type):
            raise UsageError(
                f"{path}: expected numbers in column {name!r}, not {column.type}; "
                "only the first column may hold ids"
            )
    arrays = [column.to_numpy() for column in columns]
    return Content(probabilities=_table(arrays, table.num_rows), class_names=tuple(names), ids=ids)


def _is_number_type(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def read_csv(path: Path) -> Content:
    """A CSV file in UTF-8 with a header; empty lines are skipped."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _parsed(path, csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected UTF-8 text; save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise UsageError(f"{path}: expected a CSV file ({error})") from error


def _parsed(path: Path, reader: "CsvReader") -> Content:
    names = [name.strip() for name in next(reader, [])]
    if not names:
        raise UsageError(f"{path}: line 1 is empty; expected a header with the class names")
    ids: list[str] | None = None
    lines, values = array("q"), array("d")
    for line, row in _numbered_rows(path, reader, len(names)):
        if not lines and (names[0].lower() == "id" or _is_text(row[0])):
            ids, names = [], names[1:]
        if ids is not None:
            ids.append(from_csv_cell(row.pop(0)))
        try:
            values.extend([float(cell) for cell in row])
        except ValueError:
            raise _not_a_number(f"{path}: line {line}", names, row, ids is not None) from None
        lines.append(line)
    _check_names(path, names)
    _check_header(path, names)
    return Content(
        probabilities=np.array(values).reshape(len(lines), len(names)),
        class_names=tuple(names),
        ids=None if ids is None else tuple(ids),
        row_name=lambda row: f"line {lines[row]}",
    )


def _numbered_rows(
    path: Path, reader: "CsvReader", n_columns: int
) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins in: text in quotes may stretch over several."""
    ended = reader.line_num
    for row in reader:
        begun, ended = ended + 1, reader.line_num
        if row and len(row) != n_columns:
            raise UsageError(
                f"{path}: line {begun}: expected {n_columns} cells, as in the header, "
                f"not {len(row)}"
            )
        if row:
            yield begun, row


def _not_a_number(
    place: str, classes: Sequence[str], cells: Sequence[str], has_ids: bool
) -> UsageError:
    name, cell = next(
        (name, cell) for name, cell in zip(classes, cells, strict=True) if _number(cell) is None
    )
    found = f"not {cell!r}" if cell.strip() else "but the cell is empty"
    may_be_id = name == classes[0] and not has_ids
    hint = "; a first column of ids must be called id" if may_be_id else ""
    return UsageError(f"{place}: expected a number for class {name!r}, {found}{hint}")


def _is_text(cell: str) -> bool:
    return bool(cell.strip()) and _number(cell) is None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _check_names(path: Path, names: Sequence[str]) -> None:
    for name in names:
        if not name:
            raise UsageError(f"{path}: a column of the header has no name; name every class")
        if names.count(name) > 1:
            raise UsageError(f"{path}: the class name {name!r} stands twice in the header")


def _check_header(path: Path, classes: Sequence[str]) -> None:
    # Digits are good class names; 0.25 is a probability.
    numbers = [number for number in map(_number, classes) if number is not None]
    if any(math.isfinite(number) and not number.is_integer() for number in numbers):
        raise UsageError(f"{path}: line 1 holds numbers; expected a header with the class names")


def _table(columns: Sequence[FloatArray], n: int) -> FloatArray:
    small = columns and all(column.dtype in (np.float16, np.float32) for column in columns)
    table = np.empty((n, len(columns)), dtype=np.float32 if small else np.float64, order="F")
    for index, column in enumerate(columns):
        table[:, index] = column
    return table
