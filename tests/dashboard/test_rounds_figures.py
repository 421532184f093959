"""The charts of the rounds page are valid, say n and seeds, and can be read."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alcore.results import curves
from alcore.store import Store
from alcore_dashboard.figures import classes, learning
from alcore_dashboard.services import rounds
from alcore_dashboard.services.confusion import cells, change_cells

COUNTS = np.array([[70, 30], [0, 100]])
NAMES = ("cat", "dog")


def layer(spec: dict[str, Any], mark: str) -> dict[str, Any]:
    return next(each for each in spec["layer"] if each["mark"]["type"] == mark)


def test_a_ceiling_is_a_thin_labelled_line_and_absent_where_unknown(played: Store) -> None:
    table = rounds.curve_table(curves(played, 1))
    spec = learning.learning_curves(table, subtitle="", ceiling=(0.9, "all 80: 90%")).to_dict()
    assert layer(spec, "rule")["mark"]["strokeWidth"] == 1
    assert "all 80: 90%" in str(spec["datasets"])
    plain = learning.learning_curves(table, subtitle="").to_dict()
    assert "rule" not in [each["mark"]["type"] for each in plain["layer"]]


def test_the_axes_are_named_and_rounds_are_whole(played: Store) -> None:
    table = rounds.curve_table(curves(played, 1))
    chart = learning.learning_curves(
        table, subtitle="n", x="round", x_title="rounds", y_title="test macro F1", title="T"
    )
    spec = chart.to_dict()
    x = layer(spec, "line")["encoding"]["x"]
    assert (x["field"], x["title"], x["axis"]["tickMinStep"]) == ("round", "rounds", 1)
    assert layer(spec, "area")["encoding"]["y"]["title"] == "test macro F1"
    assert spec["title"]["text"] == "T"


def test_zero_is_left_out_and_every_other_count_is_printed() -> None:
    table = cells(COUNTS, NAMES, np.arange(2))
    spec = classes.confusion_counts(table, title="Round 1", subtitle="n = 200, seed 0").to_dict()
    (data,) = spec["datasets"].values()
    assert [row["text"] for row in data] == ["70", "30", "", "100"]
    assert spec["title"]["subtitle"] == "n = 200, seed 0"


def test_a_change_has_a_symmetric_scale_and_signed_numbers() -> None:
    table = change_cells(COUNTS, COUNTS.T, NAMES, np.arange(2))
    spec = classes.confusion_change(table, title="t", subtitle="s").to_dict()
    (data,) = spec["datasets"].values()
    assert [row["text"] for row in data] == ["", "+30", "-30", ""]
    domain = layer(spec, "rect")["encoding"]["color"]["scale"]["domain"]
    assert domain == [-30, -7.5, 0, 7.5, 30]


def test_no_change_at_all_is_a_valid_chart() -> None:
    table = change_cells(COUNTS, COUNTS, NAMES, np.arange(2))
    assert classes.confusion_change(table, title="t", subtitle="s").to_dict()["layer"]


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def luminance(colour: np.ndarray) -> float:
    part = colour / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(
    ("colours", "stops", "bright"),
    [
        (classes.COUNTS, [0, 0.25, 1], classes.BRIGHT_SHARE),
        (classes.WORSE_BETTER, [-1, -0.25, 0, 0.25, 1], classes.BRIGHT_CHANGE),
    ],
)
def test_numbers_stand_out_from_every_cell(
    colours: tuple[str, ...], stops: list[float], bright: float
) -> None:
    for value in np.linspace(stops[0], stops[-1], 201):
        channels = np.array([rgb(colour) for colour in colours]).T
        cell = np.array([np.interp(value, stops, channel) for channel in channels])
        text = classes.LIGHT_TEXT if abs(value) > bright else classes.DARK_TEXT
        low, high = sorted([luminance(cell), luminance(rgb(text))])
        assert (high + 0.05) / (low + 0.05) >= 3.9, value


def test_classes_keep_their_order_in_both_charts() -> None:
    table = pd.DataFrame(
        {"class": ["b", "a"], "first": [0.2, 0.5], "last": [0.9, np.nan],
         "picked": [0.7, 0.3], "data": [0.5, 0.5]}
    )  # fmt: skip
    for draw in (classes.recall_change, classes.picked_shares):
        spec = draw(table, subtitle="n = 5, 2 seeds").to_dict()
        assert spec["layer"][0]["encoding"]["y"]["sort"] == ["b", "a"]
        assert spec["title"]["subtitle"] == "n = 5, 2 seeds"
