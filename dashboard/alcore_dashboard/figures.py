"""Charts: from data to Altair, without Streamlit.

Colours are those of Okabe and Ito that stand out on white and on near-black alike; what
matters is always shown by a second sign as well (dash, shape or text).
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PALETTE = (BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#8A8F98"

Figure = alt.LayerChart | alt.FacetChart


def class_bars(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Probability per class of one sample, the largest one solid.

    Args:
        table: Columns class and probability, in the order of the classes.
        title: Name of the sample.
        subtitle: What n is.
    """
    order = table["class"].tolist()
    largest = table["probability"] == table["probability"].max()
    base = alt.Chart(table.assign(largest=largest)).encode(
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=_percent(5)),
        y=alt.Y("class:N", title=None, sort=order, axis=alt.Axis(labelLimit=140)),
        tooltip=["class:N", alt.Tooltip("probability:Q", format=".3f")],
    )
    bars = base.mark_bar(color=BLUE, height={"band": 0.7}).encode(
        opacity=alt.condition("datum.largest", alt.value(1.0), alt.value(0.65))
    )
    values = base.mark_text(align="left", dx=4, color=GREY, fontSize=12).encode(
        text=alt.Text("probability:Q", format=".2f")
    )
    return _figure((bars, values), title, subtitle, 90 + 24 * len(order))


def _percent(ticks: int) -> alt.Axis:
    return alt.Axis(format="%", tickCount=ticks)


def _figure(layers: Sequence[alt.Chart], title: str, subtitle: str, height: int) -> Figure:
    heading = alt.TitleParams(
        text=title, subtitle=subtitle, anchor="start", limit=330, subtitleColor=GREY
    )
    return alt.layer(*layers).properties(title=heading, height=height)


def utility_curve(table: pd.DataFrame, *, n: int, mean: float, title: str, subtitle: str) -> Figure:
    """The criterion's values of a pool in the order of labelling, cut after n.

    Args:
        table: Columns rank, value and chosen, as `services.budget.curve` gives them.
        n: How many are inside the cut.
        mean: Mean over the pool, what random picks have on average.
        title: Name of the criterion.
        subtitle: What n and seed are.
    """
    x = alt.X("rank:Q", title="rank (1 = label first)", scale=alt.Scale(nice=False))
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False))
    inside = "inside the budget"
    named = table.assign(part=table["chosen"].map({True: inside, False: "outside"}))
    colours = alt.Scale(domain=[inside, "outside"], range=[BLUE, GREY])
    part = alt.Color("part:N", title=None, scale=colours, legend=_BELOW)
    line = (
        alt.Chart(named)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x, y=y, color=part, tooltip=["rank:Q", alt.Tooltip("value:Q", format=".4f"), "part:N"]
        )
    )
    cut = alt.Chart(pd.DataFrame({"rank": [n], "text": [f"cut at {n}"]})).encode(x="rank:Q")
    rule = cut.mark_rule(color=VERMILLION, strokeWidth=2)
    beside: dict[str, Any] = (
        {"align": "left", "dx": 5} if n <= table["rank"].max() / 2 else {"align": "right", "dx": -5}
    )
    label = cut.mark_text(**beside, y=8, color=VERMILLION, fontSize=12).encode(text="text:N")
    base = alt.Chart(pd.DataFrame({"mean": [mean], "text": ["random, on average"]})).encode(
        y="mean:Q"
    )
    random = base.mark_rule(color=GREY, strokeDash=_DASHED, strokeWidth=2)
    random_label = base.mark_text(align="right", dy=-8, x="width", color=GREY, fontSize=12).encode(
        text="text:N"
    )
    layers = (random, line, rule, label, random_label)
    return _figure(layers, f"The pool by {title}", subtitle, 380)


def learning_curves(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Mean test accuracy against labels, a band of one standard deviation, random dashed grey.

    Args:
        table: Columns strategy, labels, mean, low, high, seeds, random, as
            `services.rounds.curve_table` gives them.
        subtitle: What n and seeds are.
    """
    names = table.drop_duplicates("strategy")
    order = names["strategy"].tolist()
    colours = _colours(names["random"].tolist())
    shapes = [_SHAPES[i % len(_SHAPES)] for i in range(len(order))]
    dashes = [_DASHED if is_random else [1, 0] for is_random in names["random"]]
    colour = alt.Color("strategy:N", title=None, scale=_scale(order, colours), legend=_BELOW)
    base = alt.Chart(table).encode(
        x=alt.X("labels:Q", title="labels", scale=alt.Scale(zero=False, nice=False)), color=colour
    )
    accuracy = alt.Scale(zero=False)
    band = base.mark_area(opacity=0.13).encode(
        y=alt.Y("low:Q", scale=accuracy, title="test accuracy", axis=_percent(6)), y2="high:Q"
    )
    mean = alt.Y("mean:Q", scale=accuracy)
    line = base.mark_line(strokeWidth=2.5).encode(
        y=mean,
        strokeDash=alt.StrokeDash(
            "strategy:N", title=None, scale=_scale(order, dashes), legend=_BELOW
        ),
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=mean,
        shape=alt.Shape("strategy:N", title=None, scale=_scale(order, shapes), legend=_BELOW),
        tooltip=[
            "strategy:N",
            "labels:Q",
            alt.Tooltip("mean:Q", format=".1%", title="accuracy"),
            "seeds:Q",
        ],
    )
    return _figure((band, line, points), "What each label bought", subtitle, 500)


# Equal legends of several channels are drawn as one.
_BELOW = alt.Legend(orient="bottom", columns=2, labelLimit=160, symbolOpacity=1)
_DASHED = [6, 4]
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def _colours(randoms: list[bool]) -> list[str]:
    free = iter(PALETTE * (len(randoms) // len(PALETTE) + 1))
    return [GREY if is_random else next(free) for is_random in randoms]


def _scale(domain: list[str], values: list[Any]) -> alt.Scale:
    return alt.Scale(domain=domain, range=values)
