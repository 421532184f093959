"""Charts are valid, name their n and seeds, and can be told apart."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alcore.results import curves
from alcore.store import Store
from alcore_dashboard.figures import style
from alcore_dashboard.figures.budget import utility_curve
from alcore_dashboard.figures.criteria import class_bars
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.services import budget, criteria, criteria_ranking, rounds

LIGHT, DARK = "#FFFFFF", "#11161D"


def layers(chart: style.Figure) -> list[dict[str, Any]]:
    return list(chart.to_dict()["layer"])


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize("colour", [style.BLUE, style.VERMILLION, style.GREEN, style.GREY])
def test_main_colours_stand_out_in_light_and_dark(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3


def test_class_bars_show_every_class_and_say_what_n_is() -> None:
    samples = criteria.read_samples(criteria.EXAMPLE)
    table = criteria.long_form(samples)
    chart = class_bars(table[table["sample"] == "A"], title="Sample A", subtitle="n = 1")
    spec = chart.to_dict()
    assert spec["title"]["subtitle"] == "n = 1"
    (data,) = spec["datasets"].values()
    assert [row["class"] for row in data] == list(samples.class_names)
    assert [row["class"] for row in data if row["largest"]] == ["dandelion"]


def test_the_utility_curve_has_the_cut_and_random_dashed_grey() -> None:
    table = pd.DataFrame(
        {"rank": [1, 2, 3], "value": [0.1, 0.2, 0.9], "chosen": [True, False, False]}
    )
    chart = utility_curve(table, n=1, mean=0.4, title="margin", subtitle="n = 3, seed 0")
    marks = [layer["mark"] for layer in layers(chart)]
    random = next(m for m in marks if m["type"] == "rule" and "strokeDash" in m)
    assert random["color"] == style.GREY
    assert any(m["type"] == "rule" and m["color"] == style.VERMILLION for m in marks)
    assert "n = 3, seed 0" in str(chart.to_dict()["title"])


def test_learning_curves_draw_random_dashed_and_grey_and_others_solid(played: Store) -> None:
    table = rounds.curve_table(curves(played, 1))
    spec = learning_curves(table, subtitle="n = 30, 2 seeds").to_dict()
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    names = line["encoding"]["color"]["scale"]["domain"]
    colours = dict(zip(names, line["encoding"]["color"]["scale"]["range"], strict=True))
    dashes = dict(zip(names, line["encoding"]["strokeDash"]["scale"]["range"], strict=True))
    assert colours["random"] == style.GREY
    assert dashes == {"smallest margin": [1, 0], "random": [6, 4]}
    assert spec["title"]["subtitle"] == "n = 30, 2 seeds"
    long = learning_curves(table, subtitle=f"n = 30; {'x' * 60}").to_dict()
    assert long["title"]["subtitle"] == [
        "n = 30",
        "x" * 60,
    ]


def test_no_two_of_many_strategies_have_colour_and_shape_in_common() -> None:
    table = pd.DataFrame(
        [
            {"strategy": f"s{i}", "labels": 10, "mean": 0.5, "low": 0.4, "high": 0.6, "seeds": 2,
             "random": i == 9}
            for i in range(20)
        ]
    )  # fmt: skip
    spec = learning_curves(table, subtitle="").to_dict()
    points = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "point")
    pairs = zip(
        points["encoding"]["color"]["scale"]["range"],
        points["encoding"]["shape"]["scale"]["range"],
        strict=True,
    )
    assert len(set(pairs)) == 20


def test_a_curve_from_a_real_run_is_valid(played: Store) -> None:
    pool = budget.last_pool(played, played.runs()[0])
    assert pool is not None
    margin = criteria_ranking.criteria_by_name(_strategies())["uncertainty/smallest_margin"]
    ranking = budget.rank(pool, margin)
    cut = budget.Cut(pool=pool, ranking=ranking, n=10, title="margin")
    chart = utility_curve(budget.curve(cut), n=10, mean=0.5, title="margin", subtitle="n")
    assert chart.to_dict()["layer"]


def _strategies() -> Any:
    from fakes import registry

    return registry().strategies
