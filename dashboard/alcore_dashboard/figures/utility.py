"""The ranking of a pool and where the budget cuts it."""

from typing import Any

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import (
    BELOW,
    BLUE,
    DASHED,
    GREY,
    QUIET,
    VERMILLION,
    Figure,
    figure,
)


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
    part = alt.Color("part:N", title=None, scale=colours, legend=BELOW)
    line = (
        alt.Chart(named)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=part,
            tooltip=[
                alt.Tooltip("rank:Q"),
                alt.Tooltip("value:Q", format=".4f"),
                alt.Tooltip("part:N"),
            ],
        )
    )
    cut = alt.Chart(pd.DataFrame({"rank": [n], "text": [f"cut at {n}"]})).encode(x=alt.X("rank:Q"))
    rule = cut.mark_rule(color=VERMILLION, strokeWidth=2)
    beside: dict[str, Any] = (
        {"align": "left", "dx": 5} if n <= table["rank"].max() / 2 else {"align": "right", "dx": -5}
    )
    label = cut.mark_text(**beside, y=8, color=QUIET, fontSize=12).encode(text=alt.Text("text:N"))
    base = alt.Chart(pd.DataFrame({"mean": [mean], "text": ["random, on average"]})).encode(
        y=alt.Y("mean:Q")
    )
    random = base.mark_rule(color=GREY, strokeDash=DASHED, strokeWidth=2)
    random_label = base.mark_text(align="right", dy=-8, x="width", color=QUIET, fontSize=12).encode(
        text=alt.Text("text:N")
    )
    layers = (random, line, rule, label, random_label)
    return figure(layers, f"The pool by {title}", subtitle, 380)
