"""Finding the line of a key in a TOML text, for errors that name the place."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alcore.errors import UsageError

_TABLE = re.compile(r"\s*\[+([^\[\]]+)\]+\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\-\"']+)\s*=")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Line number, from 1, of the key or table `path`; its parent's where it has none itself."""
    lines = dict(_keys(text))
    for length in range(len(path), 0, -1):
        if (number := lines.get(".".join(path[:length]))) is not None:
            return number
    return None


def _keys(text: str) -> Iterator[tuple[str, int]]:
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _TABLE.match(line):
            table = _plain(match[1])
            yield table, number
        elif match := _KEY.match(line):
            yield f"{table}.{_plain(match[1])}".lstrip("."), number


def _plain(name: str) -> str:
    return re.sub(r"[\"'\s]", "", name)


@contextmanager
def located(text: str, *path: str) -> Iterator[None]:
    """Put the line of `path` before the message of any UsageError raised inside."""
    try:
        yield
    except UsageError as error:
        number = line_of(text, path)
        if number is None or str(error).startswith("line "):
            raise
        raise UsageError(f"line {number}: {error}") from error
