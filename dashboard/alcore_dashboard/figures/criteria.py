"""The Criteria page: probabilities as bars, and how rankings differ between criteria."""

import math
from collections.abc import Callable, Sequence
from typing import Literal

import altair as alt
import pandas as pd

from alcore_dashboard.figures import style
from alcore_dashboard.figures.style import Figure

_LOGARITHMIC_FROM = 25
_HEIGHT = 480
_NAME = 0.05  # of the height of the plot, which a name needs
_AGREED, _NOT_AGREED = "picked by all", "not picked by all"


def class_bars(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Probability per class of one sample, the largest one blue.

    Args:
        table: Columns class and probability, in the order of the classes.
        title: Name of the sample.
        subtitle: What n is.
    """
    order = table["class"].tolist()
    largest = table["probability"] == table["probability"].max()
    base = alt.Chart(style.inline(table.assign(largest=largest))).encode(
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=style.percent(5)),
        y=style.classes_down("class", order),
        tooltip=["class:N", alt.Tooltip("probability:Q", format=".3f")],
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        color=alt.condition("datum.largest", alt.value(style.BLUE), alt.value(style.GREY))
    )
    values = base.mark_text(align="left", dx=4, color=style.QUIET, fontSize=12).encode(
        text=alt.Text("probability:Q", format=".2f")
    )
    return style.figure((bars, values), title, subtitle, 110 + 24 * len(order))


def rank_chart(
    table: pd.DataFrame, criteria: Sequence[str], *, n: int, title: str, subtitle: str
) -> Figure:
    """One line per sample through its rank by each criterion; rank 1 is on top.

    Samples that every criterion picks are blue and solid, the others vermillion and dashed.

    Args:
        table: Columns sample, criterion, rank, beyond and agreed, as
            `services.criteria_ranking.rank_lines` gives them.
        criteria: Titles in the order from left to right, the first one with names beside it.
        n: The budget: a rule is drawn below rank n.
        title: What is ranked.
        subtitle: What n and seed are.
    """
    deepest = int(table["rank"].max())
    scale = _scale(deepest)
    names = (_AGREED, _NOT_AGREED)
    ticks = alt.Axis(tickMinStep=1, format=",d", grid=False, tickCount=6, orient="right")
    x = alt.X(
        "criterion:N", title=None, sort=list(criteria), scale=alt.Scale(padding=1),
        axis=alt.Axis(labelAngle=0, labelLimit=110, labelExpr="split(datum.label, ' ')"),
    )  # fmt: skip
    base = alt.Chart(style.inline(_worded(table))).encode(
        x=x,
        y=alt.Y("rank:Q", title="rank (1 = label first)", scale=scale, axis=ticks),
        detail="sample:N",
        color=style.told_apart(alt.Color, "picked", names, (style.BLUE, style.VERMILLION)),
        tooltip=["sample:N", "criterion:N", alt.Tooltip("depth:N", title="rank")],
    )
    dash = style.told_apart(alt.StrokeDash, "picked", names, ([1, 0], style.DASHED))
    layers = [
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=60, opacity=1),
        *_names(table[table["criterion"] == criteria[0]], x, scale),
    ]
    if n < deepest:
        label = {"x": 0, "dy": -7}
        layers += style.labelled_line(
            n + 0.5, f"budget {n:,}", scale, rule={"strokeWidth": 1.5}, label=label
        )
    return style.figure(layers, title, subtitle, _HEIGHT)


def _scale(deepest: int) -> alt.Scale:
    kind: Literal["log", "linear"] = "log" if deepest >= _LOGARITHMIC_FROM else "linear"
    low = 0.8 if kind == "log" else 0.5
    return alt.Scale(type=kind, domain=[low, deepest + 0.5], reverse=True, nice=False)


def _worded(table: pd.DataFrame) -> pd.DataFrame:
    pairs = zip(table["rank"], table["beyond"], strict=True)
    return table.assign(
        picked=table["agreed"].map({True: _AGREED, False: _NOT_AGREED}),
        depth=[f"beyond {rank - 1:,}" if beyond else f"{rank:,}" for rank, beyond in pairs],
    )


def _names(first: pd.DataFrame, x: alt.X, scale: alt.Scale) -> list[alt.Chart]:
    """Names beside the first criterion, moved apart where they would cover each other."""
    base = alt.Chart(style.inline(first.assign(at=_apart(first["rank"].tolist(), scale)))).encode(
        x=x, y=alt.Y("at:Q", scale=scale)
    )
    names = base.mark_text(align="right", dx=-20, color=style.QUIET, fontSize=11, limit=84).encode(
        text="sample:N"
    )
    leaders = base.mark_rule(xOffset=-18, x2Offset=-6, color=style.GREY).encode(
        x2="criterion", y2="rank"
    )
    return [leaders, names]


def _apart(ranks: Sequence[int], scale: alt.Scale) -> list[float]:
    """The ranks, each moved down where it is too close to the one before."""
    low, high = scale["domain"]
    is_log = scale["type"] == "log"
    onto: Callable[[float], float] = math.log if is_log else float
    back: Callable[[float], float] = math.exp if is_log else float
    gap = (onto(high) - onto(low)) * _NAME
    places: list[float] = []
    for rank in sorted(ranks):
        places.append(max(onto(rank), places[-1] + gap) if places else onto(rank))
    return [back(place) for place in places]
