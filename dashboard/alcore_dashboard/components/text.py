"""Text from outside, made safe for elements that read markdown."""

import re

# Every character that can begin markdown, an HTML tag, a :directive:, maths or a link.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&\"'^=@/])")
# Bare addresses become links, and "->" an arrow, even where every character is escaped.
_AUTOMATIC = re.compile(
    r"(?i:(?<=http)(?=s?:)|(?<=https)(?=:)|(?<=www)(?=\.))|(?=@)|(?<=[<>~-])(?=[>=-])"
)
_INVISIBLE = "\u2060"  # word joiner: no width, no line break


def md_escape(text: object, *, longest: int = 300) -> str:
    """The text as it is, on one line, so that markdown shows it letter by letter.

    Args:
        text: A class name, id, title, error message or anything else not written by us.
        longest: Characters kept before an ellipsis.
    """
    line = " ".join(str(text).split())
    if len(line) > longest:
        line = line[: longest - 1] + "…"
    return _SPECIAL.sub(r"\\\1", _AUTOMATIC.sub(_INVISIBLE, line))
