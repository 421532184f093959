"""From the fields of the form to an experiment."""

import re

import pytest

from alcore.components import StrategySpec
from alcore.errors import UsageError
from alcore.experiment import Component, Experiment
from alcore.plugins import Registry
from alcore.store import Store
from alcore_dashboard.services import start
from fakes import EXPERIMENT, registry

RANDOM = Component(name="uncertainty/random")
SIZES = {"initial": 6, "validation": 10, "test": 30, "samples": 20, "batch": 10}


def made(**changes: object) -> Experiment:
    fields: dict[str, object] = {
        "title": "T",
        "dataset": Component(name="fake/points"),
        "model": Component(name="fake/centre"),
        "strategies": [Component(name="uncertainty/random"), Component(name="uncertainty/entropy")],
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


def test_an_uploaded_file_is_read_as_the_command_line_reads_it() -> None:
    made = start.read_upload(EXPERIMENT.encode(), registry())
    assert (made.title, made.samples) == ("Points", 25)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (EXPERIMENT.replace("smallest_margin", "smalest_margin").encode(), "line 3: unknown"),
        (b"title = ", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"#" * 100_001, "100,001 bytes; an experiment file has at most 100,000"),
    ],
)
def test_a_bad_file_is_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        start.read_upload(data, registry())


def test_the_demonstrations_are_ready_and_the_article_says_what_it_waits_for() -> None:
    found = {preset.name: preset for preset in start.presets(registry())}
    assert list(found) == ["digits", "digits_cnn", "flowers", "article"]
    assert found["digits"].experiment.dataset.name == "digits/digits"
    assert found["digits"].obstacle == ""
    pytest.importorskip("tensorflow")
    assert "alcore data prepare tf_flowers" in found["article"].obstacle


def test_without_its_plugin_a_demonstration_is_not_offered() -> None:
    left = Registry(plugins=tuple(p for p in registry().plugins if p.name != "digits"))
    assert [preset.name for preset in start.presets(left)] == ["flowers", "article"]


def test_what_it_takes_is_unknown_before_the_first_run(empty: Store) -> None:
    said = start.expectation(made(), empty)
    assert said == ("6 runs of 3 rounds; how long they take is unknown: no earlier run to go by.")
    assert start.expectation(made(n_seeds=1, strategies=[RANDOM]), empty).startswith("1 run of")


def test_what_it_takes_comes_from_earlier_runs_of_the_same_dataset(played: Store) -> None:
    said = start.expectation(made(), played)
    assert re.match(
        r"6 runs of 3 rounds: about \d s \(from 16 earlier rounds\) and about 0\.", said
    )
    known = start.stored_dataset(played, Component(name="fake/points"))
    assert known is not None
    assert known.n == 120
    other = Component(name="fake/points", options={"n": 5})
    assert start.stored_dataset(played, other) is None


def test_more_samples_than_the_dataset_has_are_refused_beforehand(played: Store) -> None:
    with pytest.raises(UsageError, match=r"splits \(46\) and budget \(90\).*136.*has 120"):
        start.expectation(made(sizes={**SIZES, "samples": 90}), played)


def test_the_ceiling_is_measured_by_random_with_the_whole_pool_in_one_batch() -> None:
    whole = start.ceiling_experiment(made(title="T" * 200), 74)
    assert (whole.rounds, whole.samples, len(whole.title)) == (2, 74, 200)
    assert [part.name for part in whole.strategies] == ["uncertainty/random"]
    assert whole.seeds == made().seeds
