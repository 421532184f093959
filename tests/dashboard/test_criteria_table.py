"""Changing the classes of the edited table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.errors import UsageError
from alcore_dashboard.services import criteria_table
from alcore_dashboard.services.criteria import EXAMPLE, read_samples

NAMES = criteria_table.class_names(EXAMPLE)


def test_class_names_are_read_between_commas() -> None:
    text = "dandelion, daisy ,  two  words,5"
    assert criteria_table.read_class_names(text) == ("dandelion", "daisy", "two words", "5")


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
        criteria_table.read_class_names(text)
    assert "\n" not in str(refused.value)


def test_a_renamed_class_keeps_its_numbers() -> None:
    changed = criteria_table.with_classes(EXAMPLE, ("dandelion", "oxeye", *NAMES[2:]))
    assert changed["oxeye"].tolist() == EXAMPLE["daisy"].tolist()
    assert len(read_samples(changed).class_names) == 5


def test_a_new_class_begins_with_zero_and_the_rest_stays() -> None:
    changed = criteria_table.with_classes(EXAMPLE, (*NAMES, "asters"))
    assert changed["asters"].tolist() == [0, 0, 0]
    assert read_samples(changed).class_names == (*NAMES, "asters")


def test_a_class_left_out_goes_and_the_others_keep_their_numbers() -> None:
    changed = criteria_table.with_classes(EXAMPLE, NAMES[1:])
    assert changed[list(NAMES[1:])].equals(EXAMPLE[list(NAMES[1:])])
    assert "dandelion" not in changed


@given(st.permutations(NAMES))
def test_another_order_moves_the_columns_with_their_numbers(names: list[str]) -> None:
    changed = criteria_table.with_classes(EXAMPLE, tuple(names))
    assert criteria_table.class_names(changed) == tuple(names)
    assert changed[EXAMPLE.columns].equals(EXAMPLE)
