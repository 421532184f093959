"""What is in a batch: its classes against the pool, its overlap with other batches."""

from typing import Any

import altair as alt
import pandas as pd

from alcore_dashboard.figures.style import (
    BELOW,
    BLUE,
    GREY,
    QUIET,
    VERMILLION,
    Figure,
    figure,
    percent,
)

_BATCH, _BEYOND = "batch", "batch, beyond chance"
_ROW = 26
_NAMES = alt.Axis(labelLimit=140, labelOverlap=False)


def class_mix(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Share of each class: dots for the batch, ticks for the pool, bands for random batches.

    Args:
        table: As `services.budget_mix.class_mix` gives it.
        title: By what classes are counted.
        subtitle: What n and seed are.
    """
    beyond = (table["batch_share"] < table["low"]) | (table["batch_share"] > table["high"])
    largest = float(table[["batch_share", "pool_share", "high"]].to_numpy().max())
    columns = ("batch_share", "pool_share", "low", "high")
    base = alt.Chart(table.assign(part=beyond.map({True: _BEYOND, False: _BATCH}))).encode(
        y=alt.Y("class:N", title=None, sort=table["class"].tolist(), axis=_NAMES),
        tooltip=[alt.Tooltip("class:N"), *(_percent_of(column) for column in columns)],
    )
    x: dict[str, Any] = {
        "title": "share of the samples",
        "axis": percent(5),
        "scale": alt.Scale(domain=[0, min(1.0, 1.06 * largest)], nice=True),
    }
    band = base.mark_bar(color=GREY, opacity=0.3, height=14).encode(
        x=alt.X("low:Q", **x), x2=alt.X2("high:Q")
    )
    pool = base.mark_tick(color=GREY, thickness=3, height=14).encode(x=alt.X("pool_share:Q", **x))
    batch = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("batch_share:Q", **x),
        color=alt.Color("part:N", title=None, legend=BELOW, scale=_scale([BLUE, VERMILLION])),
        shape=alt.Shape("part:N", title=None, legend=BELOW, scale=_scale(["circle", "diamond"])),
    )
    return figure((band, pool, batch), title, subtitle, 170 + _ROW * len(table))


def overlap_bars(table: pd.DataFrame, *, title: str, subtitle: str) -> Figure:
    """Share of the batch that other criteria pick as well; random grey, with its range.

    Args:
        table: As `services.budget_mix.overlap_table` gives it.
        title: Of which batch.
        subtitle: What n and seed are.
    """
    colours = [GREY if random else BLUE for random in table["random"]]
    names = table["criterion"].tolist()
    base = alt.Chart(table).encode(
        y=alt.Y("criterion:N", title=None, sort=names, axis=_NAMES),
        tooltip=[
            alt.Tooltip("criterion:N"),
            alt.Tooltip("shared:Q", format=",.0f"),
            _percent_of("share"),
        ],
    )
    x = alt.Scale(domain=[0, 1])
    bars = base.mark_bar(height={"band": 0.6}).encode(
        x=alt.X("share:Q", title="also picked", scale=x, axis=percent(5)),
        color=alt.Color("criterion:N", legend=None, scale=alt.Scale(domain=names, range=colours)),
    )
    interval = base.mark_rule(color=VERMILLION, strokeWidth=3).encode(
        x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    text = base.mark_text(align="left", dx=8, color=QUIET, fontSize=12).encode(
        x=alt.X("high:Q"), text=alt.Text("share:Q", format=".0%")
    )
    return figure((bars, interval, text), title, subtitle, 120 + _ROW * len(table))


def _percent_of(column: str) -> alt.Tooltip:
    return alt.Tooltip(f"{column}:Q", format=".1%")


def _scale(values: list[str]) -> alt.Scale:
    return alt.Scale(domain=[_BATCH, _BEYOND], range=values)
