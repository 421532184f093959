"""Which classes were weak, and whether they were picked."""

import numpy as np
import streamlit as st

from alcore.compare import furthest
from alcore.results import is_long_tail
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.rounds_choose import choose_strategy
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.classes import picked_shares, recall_change
from alcore_dashboard.services import classes
from alcore_dashboard.services.naming import title_of
from alcore_dashboard.services.rounds import seed_count
from alcore_dashboard.services.rounds_shown import Shown

MOST_DRAWN = 25


def show_classes(shown: Shown) -> None:
    """Recall of each class at first and now, beside its share in the batches."""
    assert shown.dataset is not None  # the caller has seen to it
    strategy = choose_strategy(shown)
    runs = shown.rounds[strategy]
    shares = np.full(len(shown.class_names), np.nan)
    if not is_long_tail(shown.experiment):  # there the pool has other shares, of each seed its own
        shares = classes.data_shares(shown.store, shown.dataset.id, len(shown.class_names))
    table = classes.class_table(runs, shown.short_class_names, shares)
    sentence = classes.takeaway(table, strategy)
    takeaway(md_escape(sentence, longest=600))
    whole = furthest(runs)
    n = next(iter(whole.values()))[-1].test.n
    subtitle = f"n = {n} test samples, {seed_count(len(whole))}, {title_of(strategy)}"
    drawn = table.head(MOST_DRAWN)
    with st.grid(2, min_column_width=330):
        draw_chart(
            recall_change,
            drawn,
            subtitle=subtitle,
            alt=f"Recall of each class in the first and the newest round. {sentence}",
        )
        draw_chart(
            picked_shares,
            drawn,
            subtitle=subtitle,
            alt=f"Share of each class in the labels bought and in the data. {sentence}",
        )
    if len(table) > len(drawn):
        st.caption(f"The {len(drawn)} weakest of {len(table)} classes; the CSV has all.")
    csv_button(
        "Download as CSV",
        lambda: classes.csv_bytes(table, strategy, shown.class_names),
        file=f"classes-{shown.experiment.id}.csv",
    )
