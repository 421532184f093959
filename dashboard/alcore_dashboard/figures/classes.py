"""How well each class is known, and how often it was picked."""

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import BELOW, BLUE, GREY, VERMILLION, Figure, figure, percent

_FIRST, _LAST = "first round", "newest round"
_PICKED, _DATA = "of the labels bought", "of the data"


def recall_change(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Recall per class in the first and the newest round, joined by a line.

    Args:
        table: Columns class, first, last, in the order of drawing, as
            `services.classes.class_table` gives them.
        subtitle: What n, seeds and strategy are.
    """
    y = _classes(table)
    both = table.melt(["class"], ["first", "last"], "round", "recall")
    both["round"] = both["round"].map({"first": _FIRST, "last": _LAST})
    x = alt.X(
        "recall:Q", title="recall on the test split", axis=percent(5), scale=alt.Scale(zero=False)
    )
    joint = (
        alt.Chart(table)
        .mark_rule(color=GREY, strokeWidth=2)
        .encode(x=alt.X("first:Q", scale=alt.Scale(zero=False)), x2="last:Q", y=y)
    )
    domain = [_FIRST, _LAST]
    points = (
        alt.Chart(both)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "round:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[VERMILLION, BLUE]),
                legend=BELOW,
            ),
            shape=alt.Shape(
                "round:N",
                title=None,
                scale=alt.Scale(domain=domain, range=["square", "circle"]),
                legend=BELOW,
            ),
            tooltip=["class:N", "round:N", alt.Tooltip("recall:Q", format=".1%")],
        )
    )
    return figure((joint, points), "How well each class is found", subtitle, _height(table))


def picked_shares(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Share of each class in the batches as bars; a mark is its share in the data.

    Args:
        table: Columns class, picked, data, in the order of drawing.
        subtitle: What n, seeds and strategy are.
    """
    y, scale = _classes(table), alt.Scale(domain=[_PICKED, _DATA], range=[BLUE, VERMILLION])
    colour = alt.Color("share:N", scale=scale, title=None, legend=BELOW)
    bars = (
        alt.Chart(table.assign(share=_PICKED))
        .mark_bar(height={"band": 0.6})
        .encode(
            x=alt.X("picked:Q", title="share", axis=percent(5)),
            y=y,
            color=colour,
            tooltip=[
                "class:N",
                alt.Tooltip("picked:Q", format=".1%", title=_PICKED),
                alt.Tooltip("data:Q", format=".1%", title=_DATA),
            ],
        )
    )
    chance = (
        alt.Chart(table.dropna(subset=["data"]).assign(share=_DATA))
        .mark_tick(thickness=3, height={"band": 0.9}, opacity=1)
        .encode(x="data:Q", y=y, color=colour)
    )
    return figure((bars, chance), "How often each class was picked", subtitle, _height(table))


def _classes(table: pd.DataFrame) -> alt.Y:
    axis = alt.Axis(labelLimit=120, labelOverlap=False, labelFlush=False)
    return alt.Y("class:N", title=None, sort=table["class"].tolist(), axis=axis)


def _height(table: pd.DataFrame) -> int:
    return 160 + 26 * len(table)
