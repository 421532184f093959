"""Text that a spreadsheet would take for a formula, made harmless in CSV and back again."""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n]")


def csv_cell(text: str) -> str:
    r"""The text with an apostrophe before it where it begins like a formula.

    A spreadsheet runs a cell that begins with ``= + - @``, a tab or a line break; the
    apostrophe says "this is text". Text that already begins with apostrophes before such a
    character gets one more, so that `from_csv_cell` always gives back what came in.
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def from_csv_cell(cell: str) -> str:
    """What `csv_cell` was given: the reverse, for reading."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
