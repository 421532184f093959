"""The Budget page: the ranked pool and its cut, what the batch holds, what earlier ones brought."""

from typing import Any

import altair as alt
import pandas as pd

from alcore_dashboard.figures import style
from alcore_dashboard.figures.style import Figure

_INSIDE, _OUTSIDE = "inside the budget", "outside"
_BATCH, _BEYOND = "batch", "batch, beyond chance"
_CLEAR, _CHANCE = "beyond chance", "within chance"
_ROW = 26


def utility_curve(table: pd.DataFrame, *, n: int, mean: float, title: str, subtitle: str) -> Figure:
    """The criterion's values of a pool in the order of labelling, cut after n.

    Args:
        table: Columns rank, value and chosen, as `services.budget.curve` gives them.
        n: How many are inside the cut.
        mean: Mean over the pool, what random picks have on average.
        title: Name of the criterion.
        subtitle: What n and seed are.
    """
    part = table["chosen"].map({True: _INSIDE, False: _OUTSIDE})
    scale = alt.Scale(zero=False)
    line = (
        alt.Chart(style.inline(table.assign(part=part)))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("rank:Q", title="rank (1 = label first)", scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=title, scale=scale),
            color=style.told_apart(
                alt.Color, "part", (_INSIDE, _OUTSIDE), (style.BLUE, style.GREY)
            ),
            tooltip=["rank:Q", alt.Tooltip("value:Q", format=".4f"), "part:N"],
        )
    )
    cut = alt.Chart(style.inline(pd.DataFrame({"rank": [n], "text": [f"cut at {n}"]}))).encode(
        x="rank:Q"
    )
    beside: dict[str, Any] = (
        {"align": "left", "dx": 5} if n <= table["rank"].max() / 2 else {"align": "right", "dx": -5}
    )
    random, random_label = style.labelled_line(
        mean, "random, on average", scale,
        rule={"strokeDash": style.DASHED, "strokeWidth": 2},
        # On the side of the line where the end of the curve is not.
        label={"align": "right", "x": "width", "dy": 14 if table["value"].iloc[-1] > mean else -8},
    )  # fmt: skip
    layers = (
        random,
        line,
        cut.mark_rule(color=style.VERMILLION, strokeWidth=2),
        cut.mark_text(**beside, y=8, color=style.QUIET, fontSize=12).encode(text="text:N"),
        random_label,
    )
    return style.figure(layers, f"The pool by {title}", subtitle, 380)


def class_mix(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Share of each class: dots for the batch, ticks for the pool, bands for random batches.

    Args:
        table: As `services.budget_mix.class_mix` gives it.
        title: By what classes are counted.
        subtitle: What n and seed are.
    """
    beyond = (table["batch_share"] < table["low"]) | (table["batch_share"] > table["high"])
    columns = ["batch_share", "pool_share", "low", "high"]
    largest = float(table[columns].to_numpy().max())
    base = alt.Chart(
        style.inline(table.assign(part=beyond.map({True: _BEYOND, False: _BATCH})))
    ).encode(
        y=style.classes_down("class", table["class"]),
        tooltip=["class:N", *(alt.Tooltip(f"{column}:Q", format=".1%") for column in columns)],
    )
    x: dict[str, Any] = {
        "title": "share of the samples",
        "axis": style.percent(5),
        "scale": alt.Scale(domain=[0, min(1.0, 1.06 * largest)], nice=True),
    }
    names = (_BATCH, _BEYOND)
    layers = (
        base.mark_bar(color=style.GREY, opacity=0.3, height=14).encode(
            x=alt.X("low:Q", **x), x2="high"
        ),
        base.mark_tick(color=style.GREY, thickness=3, height=14).encode(
            x=alt.X("pool_share:Q", **x)
        ),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x=alt.X("batch_share:Q", **x),
            color=style.told_apart(alt.Color, "part", names, (style.BLUE, style.VERMILLION)),
            shape=style.told_apart(alt.Shape, "part", names, ("circle", "diamond")),
        ),
    )
    return style.figure(layers, title, subtitle, 170 + _ROW * len(table))


def overlap_bars(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Share of the batch that other criteria pick as well; random grey, with its range.

    Args:
        table: As `services.budget_mix.overlap_table` gives it.
        title: Of which batch.
        subtitle: What n and seed are.
    """
    colours = [style.GREY if random else style.BLUE for random in table["random"]]
    share = alt.X(
        "share:Q", title="also picked", scale=alt.Scale(domain=[0, 1]), axis=style.percent(5)
    )
    base = alt.Chart(style.inline(table)).encode(
        y=style.classes_down("criterion", table["criterion"]),
        tooltip=[
            "criterion:N",
            alt.Tooltip("shared:Q", format=",.0f"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    layers = (
        base.mark_bar(height={"band": 0.6}).encode(
            x=share,
            color=style.told_apart(
                alt.Color, "criterion", table["criterion"], colours, legend=None
            ),
        ),
        base.mark_rule(color=style.VERMILLION, strokeWidth=3).encode(x="low:Q", x2="high"),
        base.mark_text(align="left", dx=8, color=style.QUIET, fontSize=12).encode(
            x="high:Q", text=alt.Text("share:Q", format=".0%")
        ),
    )
    return style.figure(layers, title, subtitle, 120 + _ROW * len(table))


def gain_bars(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Points of accuracy per step, grey where chance alone explains as much.

    Args:
        table: Columns step, points and chance, as `services.budget_gains.gains` gives them.
        subtitle: What n and seed are.
    """
    points, chance = table["points"], table["chance"]
    part = (points.abs() > chance).map({True: _CLEAR, False: _CHANCE})
    base = alt.Chart(
        style.inline(table.assign(part=part, low=points - chance, high=points + chance))
    ).encode(
        x=alt.X("step:N", title="labels", sort=None, axis=alt.Axis(labelAngle=0)),
        tooltip=[
            "step:N",
            alt.Tooltip("points:Q", format="+.1f"),
            alt.Tooltip("chance:Q", format=".1f"),
        ],
    )
    layers = (
        base.mark_bar(width={"band": 0.6}).encode(
            y=alt.Y("points:Q", title="points of test accuracy"),
            color=style.told_apart(alt.Color, "part", (_CLEAR, _CHANCE), (style.BLUE, style.GREY)),
        ),
        base.mark_rule(strokeWidth=2, color=style.GREY).encode(y="low:Q", y2="high"),
    )
    return style.figure(layers, "What earlier batches brought", subtitle, 300)
