"""A pytest plugin that checks an installed plugin of alcore; no test file is needed.

    pytest -p alcore.testing.pytest_plugin --alcore gini

It is asked for by `-p` and has no entry point: that would import NumPy whenever anybody who has
alcore installed starts pytest, and alcore itself before its coverage can be measured.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alcore.components import DatasetSpec, Kind, Spec
from alcore.errors import AlcoreError
from alcore.plugins import Registry
from alcore.testing.datasets import dataset_checks
from alcore.testing.models import model_checks
from alcore.testing.report import Check
from alcore.testing.strategies import strategy_checks

_CHECKS: dict[Kind, tuple[Check, ...]] = {
    "strategy": strategy_checks,
    "model": model_checks,
    "dataset": dataset_checks,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --alcore."""
    parser.addoption(
        "--alcore",
        metavar="PLUGIN",
        help="check what this plugin of alcore offers, or PLUGIN/COMPONENT, instead of test files",
    )


def pytest_make_collect_report(collector: pytest.Collector) -> pytest.CollectReport | None:
    """The checks instead of files."""
    name = collector.config.getoption("alcore")
    if not name or not isinstance(collector, pytest.Session):
        return None
    checks: list[pytest.Item | pytest.Collector] = [*_checks_of(name, collector)]
    if not checks:
        raise pytest.UsageError(f"no plugin {name!r} offers anything; see `alcore plugins`")
    return pytest.CollectReport(nodeid="", outcome="passed", longrepr=None, result=checks)


def _checks_of(wanted: str, session: pytest.Session) -> Iterator["CheckItem"]:
    registry = Registry.load()
    by_kind: dict[Kind, Any] = {
        "strategy": registry.strategies,
        "model": registry.models,
        "dataset": registry.datasets,
    }
    for kind, specs in by_kind.items():
        for name, spec in specs.items():
            if wanted in (name, name.partition("/")[0]):
                for check in _CHECKS[kind]:
                    named = f"{name}[{check.__name__}]"
                    yield CheckItem.from_parent(
                        session, name=named, nodeid=named, check=check, spec=spec
                    )


class CheckItem(pytest.Item):
    """One check of one component."""

    def __init__(self, *, check: Check, spec: Spec, **others: Any) -> None:
        super().__init__(**others)
        self.check, self.spec = check, spec

    def runtest(self) -> None:
        """Run it, unless the component needs something that is not there."""
        if missing := self.spec.missing():
            pytest.skip(f"needs {', '.join(missing)}")
        if isinstance(self.spec, DatasetSpec) and (self.spec.argument or self.spec.preparer):
            pytest.skip("needs files that only its author has")
        self.check(self.spec)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """A broken contract is one sentence, not a traceback."""
        if isinstance(excinfo.value, AssertionError | AlcoreError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What is shown for it."""
        return self.path, None, self.name
