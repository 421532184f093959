"""Labels of images: from their sub-folders, or from a CSV file."""

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from alcore.csvcell import from_csv_cell
from alcore.errors import UsageError
from alcore.types import IntArray
from alcore_folder.listing import identify


def from_folders(ids: Sequence[str]) -> list[str | None]:
    """The first folder of each id; None for those that lie in no sub-folder."""
    return [name.split("/")[0] if "/" in name else None for name in ids]


def from_csv(file: Path, known: Collection[str]) -> dict[str, str]:
    """Id -> class name of the rows that have one.

    Args:
        file: CSV in UTF-8 with a header that names the columns path and label.
        known: The ids of all images in the folder, readable or not.

    Raises:
        UsageError: The file cannot be read, or a path is unknown or stands there twice.
    """
    labels: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, path, label in _rows(file):
        name = identify(path)
        if name not in known:
            raise UsageError(
                f"{file}: line {line}: the folder has no image {path!r}; expected its path "
                'below the folder, with "/"'
            )
        if lines.setdefault(name, line) != line:
            raise UsageError(f"{file}: line {line}: {path!r} already stands in line {lines[name]}")
        if label:
            labels[name] = label
    return labels


def _rows(file: Path) -> Iterator[tuple[int, str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True, skipinitialspace=True)
            header = [name.strip().lower() for name in next(reader, [])]
            if not {"path", "label"} <= set(header):
                found = ", ".join(header) or "an empty line"
                raise UsageError(f"{file}: line 1: expected columns path and label, not {found}")
            at = header.index("path"), header.index("label")
            for row in filter(None, reader):
                if len(row) != len(header):
                    raise UsageError(
                        f"{file}: line {reader.line_num}: expected {len(header)} cells, as in "
                        f"the header, not {len(row)}"
                    )
                path, label = (from_csv_cell(row[column]) for column in at)
                yield reader.line_num, path, label
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file}: expected a CSV file in UTF-8 ({error})") from error


def encode(classes: Sequence[str | None], where: str) -> tuple[tuple[str, ...], IntArray] | None:
    """Class names in order and the class index of each sample, -1 for None.

    Returns:
        None where no sample has a class.

    Raises:
        UsageError: There is one class only; `where` begins the sentence.
    """
    names = sorted({name for name in classes if name is not None})
    if len(names) == 1:
        raise UsageError(f"{where}: {names[0]!r} is the only class; expected at least two")
    index: dict[str | None, int] = {name: label for label, name in enumerate(names)}
    labels = np.array([index.get(name, -1) for name in classes], dtype=np.int64)
    return (tuple(names), labels) if names else None
