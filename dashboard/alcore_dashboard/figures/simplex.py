"""The triangle of all samples of three classes, coloured by how a criterion ranks it."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import QUIET, Figure, figure, inline

WIDTH = 270
_HEIGHT = round(WIDTH * 3**0.5 / 2)
_UP, _DOWN = "M-1,0.577L1,0.577L0,-1.155Z", "M-1,-0.577L1,-0.577L0,1.155Z"
_RED = "#C62828"
_NAMED = 12
_X = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
_Y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))


def triangle(
    heat: pd.DataFrame,
    dots: pd.DataFrame,
    class_names: Sequence[str],
    *,
    title: str,
    subtitle: str,
) -> Figure:
    """The ranked triangle with samples on it; picked ones are red triangles, others round.

    Args:
        heat: Columns x, y, up, value and share, as `services.criteria_simplex.heat` gives them.
        dots: Columns sample, x, y, picked and label, as `services.criteria_simplex.dots` does.
        class_names: Of the left, the right and the upper corner.
        title: Name of the criterion.
        subtitle: What n is.
    """
    layers = [
        _cells(heat, up=True),
        _cells(heat, up=False),
        *_samples(dots),
        *_corners(class_names),
    ]
    chart = figure(layers, title, subtitle, _HEIGHT)
    # Cells are drawn in pixels, so the plot must not shrink to make room for title and legend.
    return chart.properties(width=WIDTH, autosize="pad")


def _cells(heat: pd.DataFrame, *, up: bool) -> alt.Chart:
    bands = alt.Scale(type="quantize", domain=[0, 1], scheme={"name": "cividis", "count": 10})
    legend = alt.Legend(
        title="% of the triangle labelled later", titleLimit=WIDTH, titleFontWeight="normal",
        labelExpr="isFinite(datum.value) ? round(datum.value * 100) : ''", labelOverlap=False,
        type="gradient", orient="bottom", gradientLength=WIDTH - 10,
    )  # fmt: skip
    colour = alt.Color("share:Q", scale=bands, legend=legend)
    # Strokes of the same colour close the hairlines between neighbours.
    shape = alt.value(_UP if up else _DOWN)
    chart: alt.Chart = (
        alt.Chart(inline(heat[heat["up"] == up]))
        .mark_point(size=WIDTH**2 / len(heat), filled=True, opacity=1, strokeWidth=0.8)
        .encode(
            x=_X, y=_Y, fill=colour, stroke=colour, shape=shape,
            tooltip=[
                alt.Tooltip("value:Q", format=".3f"),
                alt.Tooltip("share:Q", format=".0%", title="labelled later"),
            ],
        )
    )  # fmt: skip
    return chart


def _samples(dots: pd.DataFrame) -> list[alt.Chart]:
    base = alt.Chart(inline(dots)).encode(x=_X, y=_Y)
    if len(dots) > _NAMED:
        return [
            base.mark_circle(size=26, color="white", stroke="black", strokeWidth=1, opacity=0.9)
        ]
    picked, others = base.transform_filter("datum.picked"), base.transform_filter("!datum.picked")
    return [
        others.mark_circle(size=90, color="white", stroke="black", opacity=1),
        picked.mark_point(
            shape="triangle-up", size=170, filled=True, color=_RED, stroke="white", opacity=1
        ),
        *_labels(base),
    ]


def _labels(base: alt.Chart) -> list[alt.Chart]:
    """Black on a white outline, legible on every colour."""
    style: dict[str, Any] = {"dy": -15, "fontSize": 13, "fontWeight": "bold", "limit": 110}
    outline: dict[str, Any] = {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
    return [
        base.mark_text(color="black", **style, **below).encode(text="label:N")
        for below in (outline, {})
    ]


def _corners(class_names: Sequence[str]) -> list[alt.Chart]:
    left, right, top = class_names
    style: dict[str, Any] = {"fontSize": 12, "color": QUIET, "limit": WIDTH // 2 - 8}
    corners: tuple[tuple[str, float, float, dict[str, Any]], ...] = (
        (left, 0, 0, {"align": "left", "dx": -6, "dy": 14}),
        (right, 1, 0, {"align": "right", "dx": 6, "dy": 14}),
        (top, 0.5, 1, {"align": "center", "dy": -8}),
    )
    return [
        alt.Chart(inline(pd.DataFrame({"x": [x], "y": [y], "class": [name]})))
        .mark_text(**style, **where)
        .encode(x=_X, y=_Y, text="class:N")
        for name, x, y, where in corners
    ]
