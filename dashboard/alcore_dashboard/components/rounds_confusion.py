"""Which classes the model of any round takes for which, and what changed."""

from collections.abc import Sequence

import streamlit as st

from alcore.rounds import RoundResult
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.choose import choose_named, chosen_round
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.rounds_choose import choose_run
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.classes import confusion_change, confusion_counts
from alcore_dashboard.services import confusion
from alcore_dashboard.services.naming import title_of
from alcore_dashboard.services.rounds_shown import Shown

_WIDTH = 760
_COUNTS = "counts"
_SHOWN = {
    _COUNTS: "counts",
    "before": "change since the round before",
    "first": "change since round 0",
}


def show_confusion(shown: Shown) -> None:
    """A heat map of one round of one run, or of its change."""
    with st.grid(3, min_column_width=220):
        run = choose_run(shown)
        results = shown.rounds[run.strategy][run.seed]
        result = chosen_round(results)
        how = choose_named("Shown as", _SHOWN, key="against")
    names, counts = shown.short_class_names, confusion.counts_of(result)
    cells = confusion.most_confused(counts)
    other = _other(results, result, how)
    before = None if other is None else confusion.counts_of(other)
    if other is None or before is None:
        sentence = confusion.takeaway(counts, names, result.number)
        table, draw = confusion.cells(counts, names, cells), confusion_counts
        title = f"Round {result.number}"
    else:
        sentence = confusion.change_takeaway(counts, before, names, result.number, other.number)
        table, draw = confusion.change_cells(counts, before, names, cells), confusion_change
        title = f"Round {result.number} against round {other.number}"
    takeaway(md_escape(sentence, longest=600))
    with st.container(width=_WIDTH):
        about = f"n = {result.test.n} test samples, seed {run.seed}, {title_of(run.strategy)}"
        draw_chart(
            draw,
            table,
            title=title,
            subtitle=about,
            alt=f"Confusion of the classes. {sentence}",
        )
    if how != _COUNTS and other is None:
        st.caption("Before round 0 there is nothing to compare with: these are its counts.")
    if len(cells) < len(names):
        st.caption(f"The {len(cells)} most confused of {len(names)} classes; the CSV has all.")
    csv_button(
        "Download as CSV",
        lambda: confusion.csv_bytes(counts, shown.class_names, before),
        file=f"confusion-run-{run.id}-round-{result.number}.csv",
    )


def _other(results: Sequence[RoundResult], result: RoundResult, how: str) -> RoundResult | None:
    if how == _COUNTS or not result.number:
        return None
    return results[0 if how == "first" else result.number - 1]
