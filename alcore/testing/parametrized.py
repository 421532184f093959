"""The checks as pytest tests, each with an id of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alcore.components import DatasetSpec, ModelSpec, StrategySpec
from alcore.strategies import Criterion
from alcore.testing.datasets import dataset_checks
from alcore.testing.models import model_checks
from alcore.testing.report import Check, known_failures
from alcore.testing.strategies import as_spec, strategy_checks

Test = Callable[..., None]
Expected = Mapping[str, str] | None


def strategy_tests(strategy: StrategySpec | Criterion, *, expected: Expected = None) -> Test:
    """A pytest function, parametrized over all checks of strategies.

    Args:
        strategy: Its descriptor, or a criterion.
        expected: Name of a check that is known to fail -> why. It becomes a strict xfail: the
            test fails once the check passes.

    Raises:
        UsageError: `expected` names no check.
    """
    return _tests(as_spec(strategy), strategy_checks, expected)


def model_tests(spec: ModelSpec, *, expected: Expected = None) -> Test:
    """Like `strategy_tests`, for a model."""
    return _tests(spec, model_checks, expected)


def dataset_tests(spec: DatasetSpec, *, expected: Expected = None) -> Test:
    """Like `strategy_tests`, for a dataset."""
    return _tests(spec, dataset_checks, expected)


def _tests(subject: Any, checks: Iterable[Check], expected: Expected) -> Test:
    import pytest

    by_name = {check.__name__: check for check in checks}
    known = known_failures(expected, by_name)

    def case(name: str) -> Any:
        xfail = [pytest.mark.xfail(reason=known[name], strict=True)] if name in known else []
        return pytest.param(by_name[name], id=name, marks=xfail)

    @pytest.mark.parametrize("check", [case(name) for name in by_name])
    def test(check: Check) -> None:
        check(subject)

    return test
