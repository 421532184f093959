"""The article's table: who is picked by whom, and tables that are refused."""

import numpy as np
import pandas as pd
import pytest

from alcore import StrategySpec, criterion
from alcore.errors import UsageError
from alcore.types import FloatArray
from alcore_dashboard.services import criteria
from alcore_dashboard.services.criteria import EXAMPLE, criterion_rows, read_samples
from fakes import registry


def picks(table: pd.DataFrame) -> dict[str, str | None]:
    samples = read_samples(table)
    rows = criterion_rows(samples, registry().strategies)
    return {row.title: None if row.picked is None else samples.ids[row.picked] for row in rows}


def spec(name: str, formula: object) -> StrategySpec:
    made = criterion(direction="max", name=name)(formula)  # type: ignore[arg-type]
    return StrategySpec(name=name, summary=name, make=lambda options: None, criterion=made)


def test_the_example_is_picked_as_in_the_article() -> None:
    assert picks(EXAMPLE) == {"least confidence": "B", "smallest margin": "A", "entropy": "B"}


def test_the_example_rows_are_probabilities_of_five_flowers() -> None:
    samples = read_samples(EXAMPLE)
    assert samples.class_names == ("dandelion", "daisy", "tulips", "sunflowers", "roses")
    assert samples.probabilities.sum(axis=1) == pytest.approx(1)


def test_values_agree_with_the_formulas() -> None:
    samples = read_samples(EXAMPLE)
    p = np.sort(samples.probabilities, axis=1)[:, ::-1]
    rows = {row.title: row for row in criterion_rows(samples, registry().strategies)}
    assert rows["least confidence"].values == pytest.approx(p[:, 0])
    assert rows["smallest margin"].values == pytest.approx(p[:, 0] - p[:, 1])
    assert rows["entropy"].values == pytest.approx(-(p * np.log(p)).sum(axis=1))


def test_of_equally_uncertain_samples_the_first_is_picked() -> None:
    twice = pd.concat(
        [EXAMPLE.assign(sample=["A", "B", "C"]), EXAMPLE.assign(sample=["D", "E", "F"])]
    )
    assert picks(twice)["smallest margin"] == "A"


def test_a_third_party_criterion_has_its_row_and_a_failing_one_fails_alone() -> None:
    def broken(probabilities: FloatArray) -> FloatArray:
        raise ValueError("no such thing")

    def short(probabilities: FloatArray) -> FloatArray:
        return probabilities[0]

    specs = {
        "mine/last": spec("last", lambda p: p[:, -1]),
        "mine/broken": spec("broken", broken),
        "mine/short": spec("short", short),
    }
    rows = criterion_rows(read_samples(EXAMPLE), specs)
    assert [row.picked for row in rows] == [1, None, None]
    assert rows[1].error == "ValueError: no such thing"
    assert "one finite number per sample" in (rows[2].error or "")


def test_criteria_of_one_name_are_told_apart_by_their_plugin() -> None:
    specs = {
        "one/gini": spec("gini", lambda p: p[:, 0]),
        "two/gini": spec("gini", lambda p: p[:, 1]),
    }
    rows = criterion_rows(read_samples(EXAMPLE), specs)
    assert [row.title for row in rows] == ["one/gini", "two/gini"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"roses": [0.9, 0.11, 0.02]}, "sum"),
        ({"roses": [None, 0.11, 0.02]}, "A"),
        ({"daisy": [-0.44, 0.24, 0.1], "roses": [0.9, 0.11, 0.02]}, "-0.44"),
        ({"sample": ["A", "A", "C"]}, "stands twice"),
        ({"sample": ["A", " ", "C"]}, "row 2 has no sample name"),
        ({"sample": ["A", None, "C"]}, "row 2 has no sample name"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        read_samples(EXAMPLE.assign(**change))
    assert "\n" not in str(refused.value)


def test_an_empty_table_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="add a row"):
        read_samples(EXAMPLE.iloc[:0])


def test_the_takeaway_names_the_picks() -> None:
    samples = read_samples(EXAMPLE)
    rows = criterion_rows(samples, registry().strategies)
    assert criteria.takeaway(samples, rows) == (
        "Criteria disagree about what to label first: smallest margin → A; "
        "least confidence and entropy → B."
    )
    one = read_samples(EXAMPLE.iloc[1:])
    assert "All criteria would label B first" in criteria.takeaway(
        one, criterion_rows(one, registry().strategies)
    )
    assert criteria.takeaway(samples, ()) == "No criterion could be computed."
