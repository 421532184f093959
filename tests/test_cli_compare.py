"""`alcore compare`: text for people, JSON for machines, one sentence for mistakes."""

import json

import pytest
from click.testing import CliRunner

from alcore.cli import cli
from alcore.errors import AlcoreError, UsageError
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.store import Store, open_store
from carry_out import carry_out
from fakes import EXPERIMENT, registry


@pytest.fixture
def store() -> Store:
    return open_store()


def play(store: Store, *overrides: str) -> None:
    made = registry()
    queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=overrides), made)
    carry_out(store, made)


def said(*arguments: str) -> str:
    return CliRunner().invoke(cli, ["compare", *arguments], catch_exceptions=False).output


def test_it_prints_tables_a_summary_and_what_cannot_be_concluded(store: Store) -> None:
    play(store)
    lines = said("1").splitlines()
    assert lines[0] == "experiment 1: Points"
    assert lines[2] == "accuracy on 30 test samples, mean ± sd over seeds, by labels"
    assert lines[3].split() == ["strategy", "6", "16", "26", "31"]
    (margin,) = (line for line in lines if "cannot be told" in line and "smallest_margin  " in line)
    assert "/" in margin
    assert any(
        line.startswith("Mean gain in area under the curve. Cannot be told:") for line in lines
    )
    assert "- With 2 paired seeds an exact signed-rank test cannot give less than p = 0.5: no" in (
        "\n".join(lines)
    )


def test_json_has_every_number_and_nothing_else(store: Store) -> None:
    play(store)
    found = json.loads(said("1", "--metric", "balanced_accuracy", "--json"))
    assert found["metric"] == "balanced_accuracy" and found["test_samples"] == 30
    random, margin = found["strategies"]
    assert random["p"] is None and 0.5 <= margin["p"] <= 1
    values = found["curves"][1]["values"]
    assert margin["balanced_accuracy"] == pytest.approx(sum(v[-1] for v in values) / 2)
    assert found["overlap"][0][0] == 1.0 and found["cautions"]


def test_several_experiments_are_compared_where_they_may(store: Store) -> None:
    play(store, "seeds=1")
    play(store, "seeds=1", "strategies=entropy")
    text = said("1", "2", "2")
    assert "experiment 2: Points" in text and "entropy · #2" in text
    assert "no random" not in text, "that of experiment 1 has the same model"
    play(store, "seeds=1", "splits.test=20")
    with pytest.raises(UsageError, match="experiment 3 cannot be compared with 1"):
        said("1", "3")


def test_mistakes_are_one_sentence(store: Store) -> None:
    with pytest.raises(AlcoreError, match="experiment 9 does not exist"):
        said("9")
    assert "Missing argument" in CliRunner().invoke(cli, ["compare"]).output
    assert (
        "'f1' is not one of" in CliRunner().invoke(cli, ["compare", "1", "--metric", "f1"]).output
    )
