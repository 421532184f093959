"""What labels cost: settings, axes and sentences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.errors import UsageError
from alcore_dashboard.services.units import Units

BOTH = Units(cost_per_label=0.25, currency="eur", seconds_per_label=30)


def test_units_survive_the_settings_and_leave_other_settings_alone() -> None:
    settings = BOTH.to_settings({"colour": "blue", "seconds_per_label": 5.0})
    assert settings == {
        "colour": "blue",
        "cost_per_label": 0.25,
        "currency": "EUR",
        "seconds_per_label": 30,
    }
    assert Units.from_settings(settings) == BOTH
    assert Units().to_settings(settings) == {"colour": "blue"}
    assert Units.from_settings({"colour": "blue"}) == Units()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cost_per_label": 1}, "currency must be a code of three letters"),
        ({"cost_per_label": 0, "currency": "EUR"}, "cost per label must be a number above 0"),
        ({"seconds_per_label": float("nan")}, "seconds per label must be a number above 0"),
        ({"seconds_per_label": "30"}, "seconds_per_label must be a number, not '30'"),
        ({"cost_per_label": True, "currency": "EUR"}, "cost_per_label must be a number, not True"),
    ],
)
def test_settings_that_make_no_sense_are_one_sentence(
    settings: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        Units.from_settings(settings)


def test_only_what_has_a_price_can_be_counted() -> None:
    assert Units().kinds == ("labels",)
    assert Units(seconds_per_label=2).kinds == ("labels", "hours")
    assert BOTH.kinds == ("labels", "money", "hours")
    with pytest.raises(UsageError, match="what a label costs in money"):
        Units().convert([1], "money")


def test_axes_say_the_unit_and_the_currency() -> None:
    assert [BOTH.axis_title(kind) for kind in BOTH.kinds] == [
        "labels",
        "cost of labels (EUR)",
        "hours of labelling",
    ]


@given(labels=st.lists(st.integers(0, 10**6), min_size=1), cents=st.integers(1, 10**4))
def test_labels_are_converted_as_decimals(labels: list[int], cents: int) -> None:
    units = Units(cost_per_label=cents / 100, currency="USD")
    assert units.convert(labels, "money").tolist() == [n * cents / 100 for n in labels]
    assert units.convert(np.array(labels)).tolist() == labels


def test_sentences_name_what_is_set() -> None:
    assert BOTH.said(50) == "12.50 EUR, 25 min"
    assert Units(cost_per_label=5, currency="JPY").said(1000) == "5,000 JPY"
    assert Units(seconds_per_label=2).said(5) == "10 s"
    assert Units().said(50) == ""
