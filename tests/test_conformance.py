"""Every built-in passes the checks that third parties run; broken ones fail the right check."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from alcore.components import DatasetSpec, ModelSpec, StrategySpec
from alcore.plugins import Registry
from alcore.strategies import Query, Request, Selection, criterion
from alcore.testing import (
    ConformanceError,
    check_dataset,
    check_model,
    check_strategy,
    dataset_checks,
    model_checks,
    strategy_checks,
)
from fakes import NearestCentre, registry

BUILT_IN = Registry.load(built_in_only=True, block=(), strict=True)
# The others need files or a download; tests/plugins checks them with some.
READY = [n for n, spec in BUILT_IN.datasets.items() if not (spec.argument or spec.preparer)]
_FETCHED = {"backbones/keras_application", "backbones/hub", "flowers/inception_v3"}
WHOLE = [name for name in BUILT_IN.models if name not in _FETCHED]


@pytest.mark.parametrize("check", strategy_checks)
@pytest.mark.parametrize("name", BUILT_IN.strategies)
def test_strategies(name: str, check: Callable[[StrategySpec], None]) -> None:
    check(BUILT_IN.strategies[name])


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


def strategy(select: Callable[..., Any]) -> StrategySpec:
    made = type("Made", (), {"select": staticmethod(select)})
    return StrategySpec(name="broken", summary="", make=lambda options: made())


def best(query: Query, request: Request, rng: np.random.Generator) -> Selection:
    return Selection(positions=np.argsort(query.rank)[: request.n])


def one_too_many(query: Query, request: Request, rng: np.random.Generator) -> Selection:
    return Selection(positions=np.arange(min(request.n + 1, len(query.rank))))


def with_duplicates(query: Query, request: Request, rng: np.random.Generator) -> Selection:
    return Selection(positions=np.zeros(request.n, dtype=np.int64))


def from_global_generator(query: Query, request: Request, rng: np.random.Generator) -> Selection:
    return Selection(positions=np.random.permutation(len(query.rank))[: request.n])


def unseeded(query: Query, request: Request, rng: np.random.Generator) -> Selection:
    own = np.random.default_rng()
    return Selection(positions=own.permutation(len(query.rank))[: request.n])


def writing(query: Query, request: Request, rng: np.random.Generator) -> Selection:
    query.probabilities[0] = 0
    return best(query, request, rng)


@pytest.mark.parametrize(
    ("select", "check"),
    [
        (one_too_many, "check_exactly_as_many_as_asked"),
        (with_duplicates, "check_exactly_as_many_as_asked"),
        (from_global_generator, "check_global_random_state_is_untouched"),
        (unseeded, "check_seed_is_honoured"),
        (writing, "check_inputs_are_untouched"),
    ],
)
def test_a_broken_strategy_fails_the_check_meant_for_it(
    select: Callable[..., Any], check: str
) -> None:
    with pytest.raises(ConformanceError) as caught:
        check_strategy(strategy(select))
    assert check in caught.value.failed
    check_strategy(strategy(best))


def test_entropy_without_the_limit_at_zero_is_caught() -> None:
    @criterion(direction="max")
    def naive(probabilities: Any) -> Any:
        return -(probabilities * np.log(probabilities)).sum(axis=1)

    with pytest.raises(ConformanceError) as caught:
        check_strategy(naive)
    assert "check_zero_probabilities" in caught.value.failed


class Unnormalised(NearestCentre):
    def predict_proba(self, samples: Any) -> Any:
        return 2 * super().predict_proba(samples)


class Forgetful(NearestCentre):
    def load(self, folder: Any) -> None:
        self.centres = np.zeros((3, 64))


class Silent(NearestCentre):
    def fit(
        self, labelled: Any, validation: Any, *, seed: int, progress: Any, previous: Any = None
    ) -> None:
        super().fit(labelled, validation, seed=seed, progress=lambda *_: None, previous=previous)


class Wandering(NearestCentre):
    def predict_proba(self, samples: Any) -> Any:
        noise = np.random.default_rng().dirichlet(np.ones(3), size=len(samples))
        return (0.9 * super().predict_proba(samples) + 0.1 * noise).astype(np.float32)


@pytest.mark.parametrize(
    ("model", "check"),
    [
        (Unnormalised, "check_probabilities_are_valid"),
        (Forgetful, "check_saved_and_loaded_is_equal"),
        (Silent, "check_stop_passes_through"),
        (Wandering, "check_seed_is_honoured"),
    ],
)
def test_a_broken_model_fails_the_check_meant_for_it(model: type, check: str) -> None:
    def spec(make: type) -> ModelSpec:
        return ModelSpec(name="m", summary="", make=lambda options: make(), consumes="features")

    with pytest.raises(ConformanceError) as caught:
        check_model(spec(model))
    assert check in caught.value.failed
    check_model(spec(NearestCentre))


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
