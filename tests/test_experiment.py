"""Experiments in TOML: round trip, overrides, refusals with the line."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from alcore.errors import UsageError
from alcore.experiment import parse_experiment, resolved
from alcore.plugins import Registry
from alcore.presets import NAMES, experiment_text
from alcore.queueing import check_components
from fakes import EXPERIMENT, registry

REGISTRY = registry()


def test_reading() -> None:
    read = parse_experiment(EXPERIMENT, REGISTRY)
    assert read.title == "Points" and read.seeds == (0, 1)
    assert [part.name for part in read.strategies] == ["random", "smallest_margin"]
    assert (read.initial, read.validation, read.test) == (6, 10, 30)
    assert (read.rounds, read.final_labels) == (4, 31)


@pytest.mark.parametrize("name", NAMES)
def test_the_demonstrations_are_read_and_written_back_equal(name: str) -> None:
    built_in = Registry.load(built_in_only=True)
    read = resolved(parse_experiment(experiment_text(name), built_in), built_in)
    assert parse_experiment(read.to_toml(), built_in) == read


def test_odd_titles_and_options_survive() -> None:
    built_in = Registry.load(built_in_only=True)
    text = experiment_text("digits_cnn")
    title = 'a "b" \\ \u202e \U0001f33b # not = a comment'
    read = parse_experiment(text, built_in, overrides=[f"title={title}", "model.epochs=2"])
    assert read.title == title
    assert parse_experiment(read.to_toml(), built_in) == read


def test_overrides_win_and_are_checked() -> None:
    read = parse_experiment(
        EXPERIMENT,
        REGISTRY,
        overrides=["seeds=5", "budget.batch=5", "strategies=random, entropy", "model.name=logistic",
                   "model.C=2"],
    )  # fmt: skip
    assert len(read.seeds) == 5 and read.batch == 5
    assert [part.name for part in read.strategies] == ["random", "entropy"]
    assert read.model.options == {"C": 2.0}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "Points"', "titel = 1", "line 2: unknown key 'titel'; did you mean 'title'?"),
        ("seeds = 2", "seeds = 0", "line 4: seeds must be a number of seeds, 1 to 1000"),
        ("seeds = 2", "seeds = [1, 1]", "line 4: seeds must be"),
        ("seeds = 2", "seeds = true", "line 4: seeds must be"),
        ("initial = 6", "initial = -1", "line 10: splits.initial must be at least 0, not -1"),
        ("initial = 6", 'initial = "six"', "line 10: splits.initial must be a whole number"),
        ("batch = 10", "bach = 10", "line 15: unknown key budget.bach; did you mean 'batch'?"),
        ("samples = 25", "samples = -1", "line 14: budget.samples must be at least 1, not -1"),
        ('"centre"', '"center"', "line 8: unknown model 'center'; did you mean 'centre'?"),
        ('"smallest_margin"', '"margn"', "line 3: unknown strategy 'margn'"),
        ('"smallest_margin"', '"random"', "line 3: strategy 'uncertainty/random' is listed twice"),
        ('"centre"', '"centre"\nC = 3', "line 9: model.C is not an option; there are none"),
        ("[model]", "[modell]", "line 7: unknown key 'modell'; did you mean 'model'?"),
        ('name = "points"', "", r"line 5: \[dataset\] needs a name"),
        ("seeds = 2", "seeds = = 2", r"not valid TOML: .*line 4"),
        ('["random", "smallest_margin"]', "3", "line 3: strategies must be a list"),
        ("seeds = 2", "seeds = " + "9" * 5000, "not valid TOML: Exceeds the limit"),
        ("seeds = 2", "seeds = " + "[" * 5000, "not valid TOML: nested too deeply"),
        ("seeds = 2", f"seeds = [\n[{' ' * 5000}1],\n2]", "line 4: seeds must be"),
        ("Points", "a\\u001b[31m", "line 2: title must be one line without control"),
    ],
)
def test_mistakes_are_named_with_their_line(old: str, new: str, sentence: str) -> None:
    assert old in EXPERIMENT
    with pytest.raises(UsageError, match=sentence):
        parse_experiment(EXPERIMENT.replace(old, new), REGISTRY)


def test_only_mistakes_of_the_text_have_a_line() -> None:
    with pytest.raises(UsageError) as caught:
        parse_experiment(EXPERIMENT, REGISTRY, overrides=["budget.batch=none"])
    assert str(caught.value) == "budget.batch must be a whole number, not 'none'"
    with pytest.raises(UsageError, match="line 4: seeds must be"):
        parse_experiment(
            EXPERIMENT.replace("seeds = 2", "seeds = 0"), REGISTRY, overrides=["title=2024"]
        )
    assert parse_experiment(EXPERIMENT, REGISTRY, overrides=["title=2024"]).title == "2024"


def test_order_duplicates_and_claims_are_read_and_written_back() -> None:
    more = 'order = "source"\nduplicates = "together"\n[claims]\nsource = "me"\ngain = 1\n'
    read = parse_experiment(EXPERIMENT, REGISTRY)
    assert (read.order, read.duplicates, read.claims) == ("shuffled", "reported", None)
    text = EXPERIMENT.replace("[splits]", "[splits]\n" + more.partition("[claims]")[0])
    read = parse_experiment(text + "[claims]" + more.partition("[claims]")[2], REGISTRY)
    assert (read.order, read.duplicates) == ("source", "together")
    assert read.claims is not None and (read.claims.source, read.claims.gain) == ("me", 1.0)
    assert parse_experiment(read.to_toml(), REGISTRY) == read
    with pytest.raises(UsageError, match="splits.order must be one of shuffled, source, not 'x'"):
        parse_experiment(EXPERIMENT, REGISTRY, overrides=["splits.order=x"])


def test_a_colon_gives_the_option_the_component_names() -> None:
    made = registry()
    object.__setattr__(made.model("logistic"), "argument", "C")
    read = parse_experiment(EXPERIMENT, made, overrides=["model.name=logistic:3"])
    assert read.model.name == "logistic" and read.model.options == {"C": 3.0}
    with pytest.raises(UsageError, match="'points' takes nothing after a colon"):
        parse_experiment(EXPERIMENT, made, overrides=["dataset.name=points:x"])


def test_files_that_are_there_are_stored_with_their_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker may have been started in another folder."""
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()

    def stored(*overrides: str) -> Mapping[str, object]:
        read = parse_experiment(EXPERIMENT, REGISTRY, overrides=overrides)
        return resolved(read, REGISTRY).dataset.options | resolved(read, REGISTRY).model.options

    assert stored("dataset.name=folder:photos") == {"path": str(tmp_path / "photos")}
    assert stored("dataset.name=folder:gone") == {"path": "gone"}
    Path("imagenet").mkdir()
    assert stored("model.name=keras_application") == {}, "a word, not the folder of that name"


@pytest.mark.parametrize("override", ["model", "=3", "title.x=3", "model.epochs"])
def test_overrides_that_are_none_are_refused(override: str) -> None:
    with pytest.raises(UsageError):
        parse_experiment(EXPERIMENT, REGISTRY, overrides=[override])


def test_what_surrounds_the_strategies_is_read_and_written_back() -> None:
    text = EXPERIMENT + "[selection]\nrandom_share = 0.1\nbalance_classes = true\n"
    given = ["splits.imbalance=10", "budget.spend=99.5"]
    read = parse_experiment(text, REGISTRY, overrides=given)
    assert (read.pipeline.random_share, read.pipeline.balance_classes) == (0.1, True)
    assert (read.imbalance, read.spend) == (10.0, 99.5)
    assert parse_experiment(read.to_toml(), REGISTRY) == read
    assert "selection" not in parse_experiment(EXPERIMENT, REGISTRY).to_toml()
    with pytest.raises(UsageError, match="selection.random_shre is not an option"):
        parse_experiment(EXPERIMENT, REGISTRY, overrides=["selection.random_shre=1"])


def test_without_a_label_only_strategies_that_need_no_model_may_begin() -> None:
    cold = parse_experiment(EXPERIMENT, REGISTRY, overrides=["splits.initial=0"])
    with pytest.raises(UsageError, match="smallest_margin could choose by.* or random"):
        check_components(cold, REGISTRY)
    given = ["splits.initial=0", "strategies=random"]
    check_components(parse_experiment(EXPERIMENT, REGISTRY, overrides=given), REGISTRY)
