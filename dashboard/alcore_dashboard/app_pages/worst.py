"""The samples of which a round's model was least sure, and what became of them."""

from functools import partial

import streamlit as st

from alcore_dashboard.components.choose import (
    choose_number,
    chosen_round,
    chosen_run,
    finished_rounds,
)
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.gallery import gallery, sample_table
from alcore_dashboard.components.gallery_filters import (
    choose_samples,
    choose_view,
    clear_filter,
    one_page,
)
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import worst_table, worst_words
from alcore_dashboard.services.criteria_ranking import criteria_by_name
from alcore_dashboard.services.naming import titles
from alcore_dashboard.services.worst import MOST, SHOWN, worst_samples
from alcore_dashboard.shared import BY_ID, shared_registry, shared_store

MARK = {"max": "▲", "min": "▼"}


# Committed rounds never change, so what they say of one another is read once.
read = st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_ID)(worst_samples)
store = shared_store()
grid = st.grid(4, min_column_width=160)
run = chosen_run(store, grid)
results = finished_rounds(store, run)
with grid:
    chosen = chosen_round(results)
    k = choose_number("Samples (k)", "k", 1, MOST, SHOWN)
worst = read(store, run, chosen.number, newest=results[-1].number, k=k)
if worst is None:
    empty_state("The pool of this round was empty: everything was labelled before.")
    st.stop()
takeaway(md_escape(worst_words.takeaway(worst, chosen.number)))
st.markdown(md_escape(worst_words.afterwards(worst, chosen.number), longest=600))
criteria = criteria_by_name(shared_registry().strategies)
named = {title: criteria[name] for name, title in titles(criteria).items()}
values, errors = worst_table.criterion_values(worst, named)
marks = {title: f"{title} {MARK[named[title].direction]}" for title in values}
for title, error in errors.items():
    st.warning(f"{md_escape(title)} failed: {md_escape(error)}")

shown = choose_samples(worst)
table = worst_table.worst_table(worst, values).iloc[shown]
with st.container(horizontal=True, vertical_alignment="center"):
    view = choose_view()
    csv_button(
        "Download as CSV",
        partial(worst_table.csv_bytes, worst, table),
        file=f"worst_run{run.id}_round{chosen.number}.csv",
    )
st.caption(worst_words.sizes(worst, len(shown), chosen.number, run.seed))
st.caption(f"▲ large means uncertain, ▼ small means uncertain. {worst_words.pictures(worst)}")
if not len(shown):
    empty_state("No sample passes all of these filters.")
    st.button("Clear the filters", icon=":material/filter_alt_off:", on_click=clear_filter)
elif view == "Table":
    sample_table(worst, table, marks)
else:
    gallery(worst, one_page(shown), {marks[title]: column for title, column in values.items()})
