"""Every strategy against random over the same seeds, and what that does not show."""

import streamlit as st

from alcore.comparison_words import cautions, summary
from alcore.results import dataset_id_of
from alcore_dashboard.components.choose import choose
from alcore_dashboard.components.compare_choose import (
    choose_experiments,
    comparable,
    read_comparison,
)
from alcore_dashboard.components.compare_parts import show_batches, show_calibration, show_curves
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.parts import draw_parts
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import compare
from alcore_dashboard.services.classes import short_names
from alcore_dashboard.services.rounds import metrics
from alcore_dashboard.shared import shared_store

store = shared_store()
records = store.experiments()
if not records:
    empty_state(
        "There is no experiment yet. Start one, or run `alcore demo`.",
        page="rounds",
        label="Start an experiment",
    )
    st.stop()
with st.grid(2, min_column_width=330):
    chosen = choose_experiments(records)
    dataset_id = dataset_id_of(store.runs(chosen[0].id))
    classes = () if dataset_id is None else store.dataset(dataset_id).class_names
    known = {metric.key: metric for metric in metrics(short_names(classes))}
    metric = choose("Metric", known, key="metric", show=lambda each: each.title)
compared = comparable(store, chosen)
if not compared:
    empty_state("What was chosen has not finished a round yet.", page="rounds", label="Watch it")
    st.stop()
played, found = read_comparison(store, compared, metric)
takeaway(md_escape(summary(found, compare.called(found)), longest=2000))
draw_parts(
    {
        "Against random": lambda: show_curves(found, metric.title, cautions(played, found)),
        "Calibration": lambda: show_calibration(found),
        "Batches": lambda: show_batches(found),
    },
    key="part",
)
csv_button(
    "Download all numbers as CSV",
    lambda: compare.csv_bytes(found, metric.title),
    file=f"comparison-{'-'.join(str(one.id) for one in compared)}-{metric.key}.csv",
)
