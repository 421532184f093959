"""What all charts have in common: colours, titles with n and seeds, legends.

Colours are those of Okabe and Ito that stand out on white and on near-black alike; what
matters is always shown by a second sign as well (dash, shape or text).
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

import altair as alt
import pandas as pd

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PALETTE = (BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#8A8F98"
# No grey is legible on both: text asks the chart which background it has.
QUIET = alt.ExprRef("luminance(background) > 0.5 ? '#5C636E' : '#A8AFB9'")
DASHED = [6, 4]
_FITS = 60  # letters in a line of a subtitle, on a telephone
# Equal legends of several channels are drawn as one.
BELOW = alt.Legend(orient="bottom", columns=2, labelLimit=160, symbolOpacity=1)

Figure = alt.LayerChart
Channel = TypeVar("Channel", alt.Color, alt.Shape, alt.StrokeDash)


def inline(table: pd.DataFrame) -> alt.InlineData:
    """The table as data of a chart whose specification may be made once and kept.

    Altair takes a data frame through a transformer that is global to the process, and that
    Streamlit exchanges while it draws.
    """
    known = table.astype(object).where(table.notna(), None)  # JSON has no NaN
    return alt.InlineData(values=cast("list[dict[str, Any]]", known.to_dict("records")))


def percent(ticks: int) -> alt.Axis:
    """An axis in percent."""
    return alt.Axis(format="%", tickCount=ticks)


def classes_down(column: str, order: Iterable[str], *, limit: int = 140) -> alt.Y:
    """Every one of these names down the chart, cut after `limit` pixels."""
    axis = alt.Axis(labelLimit=limit, labelOverlap=False, labelFlush=False)
    return alt.Y(f"{column}:N", title=None, sort=list(order), axis=axis)


def told_apart(
    channel: type[Channel],
    column: str,
    names: Iterable[str],
    values: Iterable[Any],
    legend: alt.Legend | None = BELOW,
) -> Channel:
    """A value of the channel for each of the names that stand in a column."""
    scale = alt.Scale(domain=list(names), range=list(values))
    return channel(f"{column}:N", title=None, scale=scale, legend=legend)


def labelled_line(
    value: float, text: str, scale: alt.Scale, *, rule: dict[str, Any], label: dict[str, Any]
) -> tuple[alt.Chart, alt.Chart]:
    """A grey line across the whole chart at this y, and what is written at it."""
    data = pd.DataFrame({"value": [value], "text": [text]})
    base = alt.Chart(inline(data)).encode(y=alt.Y("value:Q", scale=scale))
    words: dict[str, Any] = {"align": "left", "color": QUIET, "fontSize": 12} | label
    return base.mark_rule(color=GREY, **rule), base.mark_text(**words).encode(text="text:N")


def figure(layers: Sequence[alt.Chart], title: str, subtitle: str, height: int) -> Figure:
    """Layers under one title; the subtitle says what n and seeds are."""
    lines = subtitle.split("; ") if len(subtitle) > _FITS else subtitle
    heading = alt.TitleParams(
        text=title, subtitle=lines, anchor="start", limit=330, subtitleColor=QUIET
    )
    chart = alt.layer(*layers).properties(title=heading, height=height)
    readable: alt.LayerChart = chart.configure_axis(
        labelColor=QUIET, titleColor=QUIET
    ).configure_legend(labelColor=QUIET, titleColor=QUIET)
    return readable
