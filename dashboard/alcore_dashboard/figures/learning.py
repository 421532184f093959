"""What each label bought."""

import altair as alt
import pandas as pd

from alcore_dashboard.figures import style
from alcore_dashboard.figures.style import Figure

_ONE_COLUMN = alt.Legend(orient="bottom", columns=1, labelLimit=300, symbolOpacity=1)
_FITS_TWICE = 18  # letters, beside each other on a telephone
_FEW = 6  # bands lie over each other and still show
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def learning_curves(
    table: pd.DataFrame,
    *,
    subtitle: str,
    title: str = "What each label bought",
    x: str = "labels",
    x_title: str = "labels",
    whole: bool = True,
    y_title: str = "test accuracy",
    ceiling: tuple[float, str] | None = None,
) -> Figure:
    """Means against labels, bands of one standard deviation, random dashed grey.

    Args:
        table: Columns strategy, mean, low, high, seeds, random and the one of the x axis, as
            `services.rounds.curve_table` gives them.
        subtitle: What n and seeds are.
        title: Of the chart.
        x: Column of the x axis.
        x_title: Its title.
        whole: Whether there is nothing between 1 and 2 on it.
        y_title: What the values are, fractions of 1.
        ceiling: Where to draw a thin line, and its label.
    """
    names = table.drop_duplicates("strategy")
    order = names["strategy"].tolist()
    colours = _colours(names["random"].tolist())
    # Where colours begin again, shapes are one further: no two curves have both in common.
    shapes = [_SHAPES[(i + i // len(_SHAPES)) % len(_SHAPES)] for i in range(len(order))]
    dashes = [style.DASHED if is_random else [1, 0] for is_random in names["random"]]
    wide = max(map(len, order)) > _FITS_TWICE
    legend, rows = (_ONE_COLUMN, len(order)) if wide else (style.BELOW, -(-len(order) // 2))
    ticks = alt.Axis(tickCount=8, tickMinStep=1) if whole else alt.Axis(tickCount=8)
    # A column of its own: dashed symbols in the legend could not be told apart.
    base = alt.Chart(style.inline(table.assign(dash=table["strategy"]))).encode(
        x=alt.X(f"{x}:Q", title=x_title, scale=alt.Scale(zero=False, nice=False), axis=ticks),
        color=style.told_apart(alt.Color, "strategy", order, colours, legend),
    )
    scale = alt.Scale(zero=False)
    band = base.mark_area(opacity=0.13 if len(order) <= _FEW else 0.05).encode(
        y=alt.Y("low:Q", scale=scale, title=y_title, axis=style.percent(6)), y2="high:Q"
    )
    mean = alt.Y("mean:Q", scale=scale)
    line = base.mark_line(strokeWidth=2.5).encode(
        y=mean,
        strokeDash=style.told_apart(alt.StrokeDash, "dash", order, dashes, legend=None),
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=mean,
        shape=style.told_apart(alt.Shape, "strategy", order, shapes, legend),
        tooltip=[
            "strategy:N",
            alt.Tooltip(f"{x}:Q", title=x_title),
            alt.Tooltip("mean:Q", format=".1%", title=y_title),
            "seeds:Q",
        ],
    )
    top = (
        ()
        if ceiling is None
        else style.labelled_line(*ceiling, scale, rule={"strokeWidth": 1}, label={"x": 4, "dy": -8})
    )
    return style.figure((band, *top, line, points), title, subtitle, 440 + 30 * rows)


def _colours(randoms: list[bool]) -> list[str]:
    free = iter(style.PALETTE * (len(randoms) // len(style.PALETTE) + 1))
    return [style.GREY if is_random else next(free) for is_random in randoms]
