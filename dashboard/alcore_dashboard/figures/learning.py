"""What each label bought."""

from typing import Any

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import BELOW, DASHED, GREY, PALETTE, Figure, figure, percent

_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


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
    dashes = [DASHED if is_random else [1, 0] for is_random in names["random"]]
    colour = alt.Color("strategy:N", title=None, scale=_scale(order, colours), legend=BELOW)
    base = alt.Chart(table).encode(
        x=alt.X("labels:Q", title="labels", scale=alt.Scale(zero=False, nice=False)), color=colour
    )
    accuracy = alt.Scale(zero=False)
    band = base.mark_area(opacity=0.13).encode(
        y=alt.Y("low:Q", scale=accuracy, title="test accuracy", axis=percent(6)), y2="high:Q"
    )
    mean = alt.Y("mean:Q", scale=accuracy)
    line = base.mark_line(strokeWidth=2.5).encode(
        y=mean,
        strokeDash=alt.StrokeDash(
            "strategy:N", title=None, scale=_scale(order, dashes), legend=BELOW
        ),
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=mean,
        shape=alt.Shape("strategy:N", title=None, scale=_scale(order, shapes), legend=BELOW),
        tooltip=[
            "strategy:N",
            "labels:Q",
            alt.Tooltip("mean:Q", format=".1%", title="accuracy"),
            "seeds:Q",
        ],
    )
    return figure((band, line, points), "What each label bought", subtitle, 500)


def _colours(randoms: list[bool]) -> list[str]:
    free = iter(PALETTE * (len(randoms) // len(PALETTE) + 1))
    return [GREY if is_random else next(free) for is_random in randoms]


def _scale(domain: list[str], values: list[Any]) -> alt.Scale:
    return alt.Scale(domain=domain, range=values)
