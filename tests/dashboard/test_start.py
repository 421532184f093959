"""From the fields of the form to an experiment."""

import pytest

from alcore.components import StrategySpec
from alcore.errors import UsageError
from alcore.experiment import Component, Experiment
from alcore_dashboard.services import start
from fakes import registry

SIZES = {"initial": 6, "validation": 10, "test": 30, "samples": 20, "batch": 10}


def made(**changes: object) -> Experiment:
    fields: dict[str, object] = {
        "title": "T",
        "dataset": Component(name="fake/points"),
        "model": Component(name="fake/centre"),
        "strategies": ["uncertainty/random", "uncertainty/entropy"],
        "n_seeds": 3,
        "sizes": SIZES,
    }
    return start.make_experiment(registry(), **{**fields, **changes})  # type: ignore[arg-type]


def test_the_fields_become_an_experiment() -> None:
    experiment = made()
    assert experiment.seeds == (0, 1, 2)
    assert [part.name for part in experiment.strategies] == [
        "uncertainty/random",
        "uncertainty/entropy",
    ]
    assert (experiment.initial, experiment.samples, experiment.batch) == (6, 20, 10)


def test_an_empty_title_gets_one() -> None:
    assert made(title="").title == "Untitled experiment"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategies": []}, "no strategy is chosen"),
        ({"sizes": {**SIZES, "batch": 0}}, "budget.batch must be at least 1"),
        ({"model": Component(name="fake/centre", options={"x": 1})}, "model.x is not an option"),
    ],
)
def test_bad_fields_are_refused_without_line_numbers(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError) as refused:
        made(**changes)
    assert words in str(refused.value)
    assert not str(refused.value).startswith("line")


def test_only_models_that_can_read_the_dataset_are_offered() -> None:
    assert "fake/centre" in start.models_for(registry(), "fake/points")
    assert "digits/cnn" not in start.models_for(registry(), "fake/points")


def test_what_cannot_be_used_yet_says_so_and_comes_last() -> None:
    def spec(name: str, requires: dict[str, str]) -> StrategySpec:
        return StrategySpec(name=name, summary="", make=lambda o: None, requires=requires)

    specs = {"p/a": spec("a", {"no_such": "alcore[all]"}), "p/b": spec("b", {})}
    assert start.ready_first(specs) == ["p/b", "p/a"]
    assert start.labels(specs) == {"p/a": "a (needs alcore[all])", "p/b": "b"}


def test_random_and_the_criteria_are_suggested() -> None:
    names = {name.partition("/")[2] for name in start.suggested_strategies(registry())}
    assert names == {"random", "least_confidence", "smallest_margin", "entropy"}
