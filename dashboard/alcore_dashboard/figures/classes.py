"""How well each class is known, how often it was picked, and which is taken for which."""

import altair as alt
import pandas as pd

from alcore_dashboard.figures import style
from alcore_dashboard.figures.style import Figure

_FIRST, _LAST = "first round", "newest round"
_PICKED, _DATA = "of the labels bought", "of the data"

# Cells have colours of their own, so that they look the same on a light and a dark page: from
# near white to dark blue, and from orange over near white to blue, which every kind of
# colour blindness tells apart.
COUNTS = ("#F2F5FA", "#9CC3E6", "#0B4F8A")
WORSE_BETTER = ("#A04E05", "#F1A340", "#F7F7F7", "#67A9CF", "#2166AC")
DARK_TEXT, LIGHT_TEXT = "#10151C", "#FFFFFF"
# From here on light numbers are read better than dark ones.
BRIGHT_SHARE, BRIGHT_CHANGE = 0.7, 0.75
_CELL = 30
_SHORT = 3


def recall_change(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Recall per class in the first and the newest round, joined by a line.

    Args:
        table: Columns class, first, last, in the order of drawing, as
            `services.classes.class_table` gives them.
        subtitle: What n, seeds and strategy are.
    """
    y, scale, rounds = _down(table), alt.Scale(zero=False), (_FIRST, _LAST)
    both = table.rename(columns={"first": _FIRST, "last": _LAST}).melt(
        ["class"], rounds, "round", "recall"
    )
    joint = alt.Chart(style.inline(table)).mark_rule(color=style.GREY, strokeWidth=2)
    points = alt.Chart(style.inline(both)).mark_point(filled=True, size=90, opacity=1)
    layers = (
        joint.encode(x=alt.X("first:Q", scale=scale), x2="last", y=y),
        points.encode(
            x=alt.X(
                "recall:Q", title="recall on the test split", axis=style.percent(5), scale=scale
            ),
            y=y,
            color=style.told_apart(alt.Color, "round", rounds, (style.VERMILLION, style.BLUE)),
            shape=style.told_apart(alt.Shape, "round", rounds, ("square", "circle")),
            tooltip=["class:N", "round:N", alt.Tooltip("recall:Q", format=".1%")],
        ),
    )
    return style.figure(layers, "How well each class is found", subtitle, _height(table))


def picked_shares(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Share of each class in the batches as bars; a mark is its share in the data.

    Args:
        table: Columns class, picked, data, in the order of drawing.
        subtitle: What n, seeds and strategy are.
    """
    y = _down(table)
    colour = style.told_apart(alt.Color, "share", (_PICKED, _DATA), (style.BLUE, style.VERMILLION))
    bars = alt.Chart(style.inline(table.assign(share=_PICKED))).mark_bar(height={"band": 0.6})
    chance = alt.Chart(style.inline(table.dropna(subset=["data"]).assign(share=_DATA))).mark_tick(
        thickness=3, height={"band": 0.9}, opacity=1
    )
    layers = (
        bars.encode(
            x=alt.X("picked:Q", title="share", axis=style.percent(5)),
            y=y,
            color=colour,
            tooltip=[
                "class:N",
                alt.Tooltip("picked:Q", format=".1%", title=_PICKED),
                alt.Tooltip("data:Q", format=".1%", title=_DATA),
            ],
        ),
        chance.encode(x="data:Q", y=y, color=colour),
    )
    return style.figure(layers, "How often each class was picked", subtitle, _height(table))


def _down(table: pd.DataFrame) -> alt.Y:
    return style.classes_down("class", table["class"], limit=120)


def _height(table: pd.DataFrame) -> int:
    return 160 + 26 * len(table)


def confusion_counts(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Counts per true and predicted class; the colour is the share of the true class.

    Args:
        table: Columns true, predicted, count, share, as `services.confusion.cells` gives them.
        title: Which round.
        subtitle: What n and seed are.
    """
    scale = alt.Scale(domain=[0, 0.25, 1], range=list(COUNTS))
    return _heat_map(
        table.assign(text=[str(n) if n else "" for n in table["count"]]),
        alt.Color("share:Q", scale=scale, title="share of the true class", legend=_legend("%")),
        bright=f"datum.share > {BRIGHT_SHARE}",
        tooltip=["true:N", "predicted:N", "count:Q", alt.Tooltip("share:Q", format=".0%")],
        heading=(title, subtitle),
    )


def confusion_change(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Change of counts; blue is better and orange worse, wherever the cell is.

    Args:
        table: Columns true, predicted, change, better, as `services.confusion.change_cells`
            gives them.
        title: Which two rounds.
        subtitle: What n and seed are.
    """
    # The diagonal has the largest changes; without a cut the mistakes would all be white.
    most = max(float(table["better"].abs().max()), 1.0)
    domain = [-most, -most / 4, 0, most / 4, most]
    scale = alt.Scale(domain=domain, range=list(WORSE_BETTER))
    signs = [f"{change:+d}" if change else "" for change in table["change"]]
    return _heat_map(
        table.assign(text=signs),
        alt.Color("better:Q", scale=scale, title="worse (–) or better (+)", legend=_legend("+d")),
        bright=f"abs(datum.better) > {BRIGHT_CHANGE * most}",
        tooltip=["true:N", "predicted:N", alt.Tooltip("change:Q", format="+d")],
        heading=(title, subtitle),
    )


def _legend(form: str) -> alt.Legend:
    return alt.Legend(orient="bottom", format=form, gradientLength=180, titleLimit=200)


def _heat_map(
    table: pd.DataFrame,
    colour: alt.Color,
    *,
    bright: str,
    tooltip: "list[str | alt.Tooltip]",
    heading: tuple[str, str],
) -> Figure:
    order = table["true"].drop_duplicates().tolist()
    upright = all(len(name) <= _SHORT for name in order)
    across = alt.Axis(labelLimit=90, labelAngle=0 if upright else -90, grid=False)
    down = alt.Axis(labelLimit=90, labelOverlap=False, labelFlush=False, grid=False)
    base = alt.Chart(style.inline(table)).encode(
        x=alt.X("predicted:N", sort=order, title="predicted class", axis=across),
        y=alt.Y("true:N", sort=order, title="true class", axis=down),
        tooltip=tooltip,
    )
    cells = base.mark_rect().encode(color=colour)
    numbers = base.mark_text(fontSize=11).encode(
        text="text:N", color=alt.condition(bright, alt.value(LIGHT_TEXT), alt.value(DARK_TEXT))
    )
    # The height is that of title, axes and legend as well; upright names take the most.
    around = 190 if upright else 280
    return style.figure((cells, numbers), *heading, around + _CELL * len(order))
