"""What each batch brought."""

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import BELOW, BLUE, GREY, Figure, figure

_CLEAR, _CHANCE = "beyond chance", "within chance"


def gain_bars(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Points of accuracy per step, grey where chance alone explains as much.

    Args:
        table: Columns step, points and chance, as `services.budget_gains.gains_table` gives
            them.
        subtitle: What n and seed are.
    """
    clear = table["points"].abs() > table["chance"]
    named = table.assign(
        part=clear.map({True: _CLEAR, False: _CHANCE}),
        low=table["points"] - table["chance"],
        high=table["points"] + table["chance"],
    )
    colours = alt.Scale(domain=[_CLEAR, _CHANCE], range=[BLUE, GREY])
    base = alt.Chart(named).encode(
        x=alt.X("step:N", title="labels", sort=None, axis=alt.Axis(labelAngle=0)),
        tooltip=[alt.Tooltip("step:N"), alt.Tooltip("points:Q", format="+.1f"), _rounded("chance")],
    )
    bars = base.mark_bar(width={"band": 0.6}).encode(
        y=alt.Y("points:Q", title="points of test accuracy"),
        color=alt.Color("part:N", title=None, scale=colours, legend=BELOW),
    )
    chance = base.mark_rule(strokeWidth=2, color=GREY).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    return figure((bars, chance), "What earlier batches brought", subtitle, 300)


def _rounded(column: str) -> alt.Tooltip:
    return alt.Tooltip(f"{column}:Q", format=".1f")
