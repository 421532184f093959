"""What all charts have in common: colours, titles with n and seeds, legends.

Colours are those of Okabe and Ito that stand out on white and on near-black alike; what
matters is always shown by a second sign as well (dash, shape or text).
"""

from collections.abc import Sequence
from typing import Any, cast

import altair as alt
import pandas as pd

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PALETTE = (BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#8A8F98"
# No grey is legible on both: text asks the chart which background it has.
QUIET = alt.ExprRef("luminance(background) > 0.5 ? '#5C636E' : '#A8AFB9'")
DASHED = [6, 4]
# Equal legends of several channels are drawn as one.
BELOW = alt.Legend(orient="bottom", columns=2, labelLimit=160, symbolOpacity=1)

Figure = alt.LayerChart


def inline(table: pd.DataFrame) -> alt.InlineData:
    """The table as data of a chart whose specification may be made once and kept.

    Altair takes a data frame through a transformer that is global to the process, and that
    Streamlit exchanges while it draws.
    """
    return alt.InlineData(values=cast("list[dict[str, Any]]", table.to_dict("records")))


def percent(ticks: int) -> alt.Axis:
    """An axis in percent."""
    return alt.Axis(format="%", tickCount=ticks)


def figure(layers: Sequence[alt.Chart], title: str, subtitle: str, height: int) -> Figure:
    """Layers under one title; the subtitle says what n and seeds are."""
    heading = alt.TitleParams(
        text=title, subtitle=subtitle, anchor="start", limit=330, subtitleColor=QUIET
    )
    chart = alt.layer(*layers).properties(title=heading, height=height)
    readable: alt.LayerChart = chart.configure_axis(
        labelColor=QUIET, titleColor=QUIET
    ).configure_legend(labelColor=QUIET, titleColor=QUIET)
    return readable
