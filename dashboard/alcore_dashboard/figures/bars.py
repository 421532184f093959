"""Probabilities as bars."""

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import BLUE, GREY, QUIET, Figure, figure, inline, percent


def class_bars(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Probability per class of one sample, the largest one blue.

    Args:
        table: Columns class and probability, in the order of the classes.
        title: Name of the sample.
        subtitle: What n is.
    """
    order = table["class"].tolist()
    largest = table["probability"] == table["probability"].max()
    base = alt.Chart(inline(table.assign(largest=largest))).encode(
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=percent(5)),
        y=alt.Y(
            "class:N", title=None, sort=order, axis=alt.Axis(labelLimit=140, labelOverlap=False)
        ),
        tooltip=["class:N", alt.Tooltip("probability:Q", format=".3f")],
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        color=alt.condition("datum.largest", alt.value(BLUE), alt.value(GREY))
    )
    values = base.mark_text(align="left", dx=4, color=QUIET, fontSize=12).encode(
        text=alt.Text("probability:Q", format=".2f")
    )
    return figure((bars, values), title, subtitle, 110 + 24 * len(order))
