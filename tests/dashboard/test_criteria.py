"""The article's table: who is picked by whom, tables that are refused, classes changed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore import StrategySpec, criterion
from alcore.errors import UsageError
from alcore.types import FloatArray
from alcore_dashboard.services import criteria
from alcore_dashboard.services.criteria import EXAMPLE, read_samples
from alcore_dashboard.services.criteria_ranking import rank_all
from fakes import registry

CLASSES = criteria.class_names(EXAMPLE)


def picks(table: pd.DataFrame) -> dict[str, str | None]:
    samples = read_samples(table)
    return {
        one.title: next(iter(samples.names(one.rows[:1])), None)
        for one in rank_all(samples, registry().strategies)
    }


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
    values = {
        one.title: one.values[np.argsort(one.rows)]
        for one in rank_all(samples, registry().strategies)
    }
    assert values["least confidence"] == pytest.approx(p[:, 0])
    assert values["smallest margin"] == pytest.approx(p[:, 0] - p[:, 1])
    assert values["entropy"] == pytest.approx(-(p * np.log(p)).sum(axis=1))


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
    rows = rank_all(read_samples(EXAMPLE), specs)
    assert [one.rows[:1].tolist() for one in rows] == [[1], [], []]
    assert rows[1].error == "ValueError: no such thing"
    assert "one number per row" in (rows[2].error or "")


def test_criteria_of_one_name_are_told_apart_by_their_plugin() -> None:
    specs = {
        "one/gini": spec("gini", lambda p: p[:, 0]),
        "two/gini": spec("gini", lambda p: p[:, 1]),
    }
    rows = rank_all(read_samples(EXAMPLE), specs)
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
    rows = rank_all(samples, registry().strategies)
    assert criteria.takeaway(samples, rows) == (
        "Criteria disagree about what to label first: smallest margin → A; "
        "least confidence and entropy → B."
    )
    one = read_samples(EXAMPLE.iloc[1:])
    assert "All criteria would label B first" in criteria.takeaway(
        one, rank_all(one, registry().strategies)
    )
    assert criteria.takeaway(samples, ()) == "No criterion could be computed."


def test_class_names_are_read_between_commas() -> None:
    text = "dandelion, daisy ,  two  words,5"
    assert criteria.read_class_names(text) == ("dandelion", "daisy", "two words", "5")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cat", "2 to 100"),
        ("", "2 to 100"),
        (",".join(map(str, range(101))), "not 101"),
        ("cat,,dog", "class 2 has no name"),
        ("cat,dog,", "class 3 has no name"),
        ("cat,dog,cat", "stands twice"),
        ("cat,sample", "cannot be called 'sample'"),
    ],
)
def test_bad_class_names_are_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        criteria.read_class_names(text)
    assert "\n" not in str(refused.value)


def test_a_renamed_class_keeps_its_numbers() -> None:
    changed = criteria.with_classes(EXAMPLE, ("dandelion", "oxeye", *CLASSES[2:]))
    assert changed["oxeye"].tolist() == EXAMPLE["daisy"].tolist()
    assert len(read_samples(changed).class_names) == 5


def test_a_new_class_begins_with_zero_and_the_rest_stays() -> None:
    changed = criteria.with_classes(EXAMPLE, (*CLASSES, "asters"))
    assert changed["asters"].tolist() == [0, 0, 0]
    assert read_samples(changed).class_names == (*CLASSES, "asters")


def test_a_class_left_out_goes_and_the_others_keep_their_numbers() -> None:
    changed = criteria.with_classes(EXAMPLE, CLASSES[1:])
    assert changed[list(CLASSES[1:])].equals(EXAMPLE[list(CLASSES[1:])])
    assert "dandelion" not in changed


@given(st.permutations(CLASSES))
def test_another_order_moves_the_columns_with_their_numbers(names: list[str]) -> None:
    changed = criteria.with_classes(EXAMPLE, tuple(names))
    assert criteria.class_names(changed) == tuple(names)
    assert changed[EXAMPLE.columns].equals(EXAMPLE)
