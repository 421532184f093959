"""Running small named checks and reporting all that failed at once."""

from collections.abc import Callable, Iterable
from typing import Any

from alcore.errors import AlcoreError


class ConformanceError(AlcoreError):
    """A component broke its contract; `failed` names the checks."""

    def __init__(self, component: str, failures: dict[str, str]) -> None:
        self.failed = tuple(failures)
        lines = [f"{name}: {reason}" for name, reason in failures.items()]
        super().__init__(f"{component} fails {len(lines)} checks: " + "; ".join(lines))


def require(condition: object, sentence: str) -> None:
    """Raise AssertionError with the sentence unless the condition holds; -O changes nothing."""
    if not condition:
        raise AssertionError(sentence)


def run_checks(component: str, checks: Iterable[Callable[[Any], None]], subject: Any) -> None:
    """Run every check on the subject.

    Raises:
        ConformanceError: Naming each check that failed and why.
    """
    failures: dict[str, str] = {}
    for check in checks:
        try:
            check(subject)
        except Exception as error:
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            failures[check.__name__] = f"{kind}{error}"
    if failures:
        raise ConformanceError(component, failures)
