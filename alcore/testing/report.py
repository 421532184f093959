"""Running small named checks and reporting all that failed at once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alcore.errors import AlcoreError, UsageError

Check = Callable[[Any], None]


class ConformanceError(AlcoreError):
    """A component broke its contract; `failed` names the checks."""

    def __init__(self, component: str, failures: dict[str, str]) -> None:
        self.failed = tuple(failures)
        by_reason: dict[str, list[str]] = {}
        for name, reason in failures.items():
            by_reason.setdefault(reason, []).append(name)
        lines = [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()]
        count = "1 check" if len(failures) == 1 else f"{len(failures)} checks"
        super().__init__(f"{component} fails {count}: " + "; ".join(lines))


def require(condition: object, sentence: str) -> None:
    """Raise AssertionError with the sentence unless the condition holds; -O changes nothing."""
    if not condition:
        raise AssertionError(sentence)


def run_checks(
    component: str, checks: Iterable[Check], subject: Any, expected: Mapping[str, str] | None
) -> None:
    """Run every check on the subject.

    Args:
        component: What it is, for the message.
        checks: Functions that raise.
        subject: What they are called with.
        expected: Name of a check that is known to fail -> why.

    Raises:
        ConformanceError: Naming each check that failed and why, and each that was expected to
            fail and passes.
        UsageError: `expected` names no check.
    """
    by_name = {check.__name__: check for check in checks}
    known = known_failures(expected, by_name)
    failures: dict[str, str] = {}
    for name, check in by_name.items():
        reason = _failure(check, subject)
        if name not in known:
            if reason is not None:
                failures[name] = reason
        elif reason is None:
            failures[name] = (
                f"it passes, but was expected to fail ({known[name]}); expect it no more"
            )
    if failures:
        raise ConformanceError(component, failures)


def known_failures(expected: Mapping[str, str] | None, names: Iterable[str]) -> Mapping[str, str]:
    """The expected failures, all of them checks.

    Raises:
        UsageError: One is no check.
    """
    known = expected or {}
    if unknown := sorted(set(known) - set(names)):
        raise UsageError(f"there is no {unknown[0]!r} to fail; the checks are {', '.join(names)}")
    return known


def _failure(check: Check, subject: Any) -> str | None:
    try:
        check(subject)
    except Exception as error:
        return (
            f"{error}" if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
        )
    return None
