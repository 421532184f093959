"""Every built-in passes the checks that third parties run; broken ones fail the right check."""

from collections.abc import Callable
from typing import Any

import pytest

from alcore.components import DatasetSpec, ModelSpec, StrategySpec
from alcore.errors import UsageError
from alcore.plugins import Registry
from alcore.strategies import Request
from alcore.testing import (
    ConformanceError,
    check_dataset,
    check_model,
    check_strategy,
    dataset_checks,
    model_checks,
    strategy_checks,
)
from broken.case import Case
from broken.known import KNOWN
from broken.likely import LIKELY
from broken.models import MODELS
from fakes import registry

BUILT_IN = Registry.load(built_in_only=True, block=(), strict=True)
# The others need files or a download; tests/plugins checks them with some.
READY = [n for n, spec in BUILT_IN.datasets.items() if not (spec.argument or spec.preparer)]
_FETCHED = {"backbones/keras_application", "backbones/hub", "flowers/inception_v3"}
WHOLE = [name for name in BUILT_IN.models if name not in _FETCHED]
CASES = (*KNOWN, *LIKELY)
GOOD = {id(case.good): case.good for case in CASES}.values()


@pytest.mark.parametrize("check", strategy_checks)
@pytest.mark.parametrize("name", BUILT_IN.strategies)
def test_strategies(name: str, check: Callable[[StrategySpec], None]) -> None:
    spec = BUILT_IN.strategies[name]
    if missing := spec.missing():
        pytest.skip(f"needs {', '.join(missing)}")
    check(spec)


@pytest.mark.parametrize("check", dataset_checks)
@pytest.mark.parametrize("name", READY)
def test_datasets(name: str, check: Callable[[DatasetSpec], None]) -> None:
    check(BUILT_IN.datasets[name])


@pytest.mark.parametrize("check", model_checks)
@pytest.mark.parametrize("name", WHOLE)
def test_models(name: str, check: Callable[[ModelSpec], None]) -> None:
    spec = BUILT_IN.models[name]
    if missing := spec.missing():
        pytest.skip(f"needs {', '.join(missing)}")
    check(spec)


def test_nothing_cannot_be_asked() -> None:
    with pytest.raises(UsageError, match="at least 1, not 0"):
        Request(n=0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}-{case.broken.name}")
def test_a_broken_strategy_fails_the_check_meant_for_it(case: Case) -> None:
    with pytest.raises(ConformanceError) as caught:
        check_strategy(case.broken)
    assert case.check in caught.value.failed


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.name)
def test_the_same_strategy_without_the_fault_passes(good: StrategySpec) -> None:
    check_strategy(good)


def test_every_check_of_strategies_can_fail() -> None:
    assert {case.check for case in CASES} == {check.__name__ for check in strategy_checks}


def test_a_failure_may_be_expected() -> None:
    undeclared = LIKELY[0]
    check_strategy(undeclared.broken, expected={undeclared.check: "it weighs by confidence"})
    with pytest.raises(ConformanceError, match=r"expected to fail \(no reason\)"):
        check_strategy(undeclared.good, expected={undeclared.check: "no reason"})
    with pytest.raises(UsageError, match="no 'check_typo'"):
        check_strategy(undeclared.good, expected={"check_typo": "no reason"})


def test_one_reason_is_told_once() -> None:
    two = {"check_one": "it is slow", "check_two": "it is slow", "check_three": "it is big"}
    error = ConformanceError("strategy 's'", two)
    assert str(error).endswith("check_one, check_two: it is slow; check_three: it is big")


@pytest.mark.parametrize(("broken", "good", "check"), MODELS)
def test_a_broken_model_fails_the_check_meant_for_it(broken: type, good: type, check: str) -> None:
    def spec(make: type) -> ModelSpec:
        return ModelSpec(name="m", summary="", make=lambda options: make(), consumes="features")

    with pytest.raises(ConformanceError) as caught:
        check_model(spec(broken))
    assert check in caught.value.failed
    check_model(spec(good))


def test_a_broken_dataset_fails_the_check_meant_for_it() -> None:
    good = registry().dataset("points")
    check_dataset(good)

    def twins(options: Any) -> Any:
        dataset = good.make(options)
        dataset.ids = ("same",) * len(dataset.ids)
        return dataset

    broken = DatasetSpec(name="d", summary="", make=twins, provides=frozenset({"features"}))
    with pytest.raises(ConformanceError) as caught:
        check_dataset(broken)
    assert caught.value.failed == ("check_ids_are_unique_texts",)
