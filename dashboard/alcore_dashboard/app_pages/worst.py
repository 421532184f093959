"""The samples of which a round's model was least sure."""

import streamlit as st

from alcore_dashboard.components.choose import choose, chosen_run
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.gallery import gallery
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import worst
from alcore_dashboard.shared import shared_store

store = shared_store()
with st.grid(3, min_column_width=240):
    run = chosen_run(store)
    results = store.rounds(run.id)
    if not results:
        empty_state("This run has not finished a round yet.", page="rounds", label="Watch it")
        st.stop()
    options = {f"{r.number} ({r.n_labelled} labels)": r for r in reversed(results)}
    chosen = choose("Round", options, key="round")
samples = worst.worst_samples(store, run, chosen.number)
if not samples:
    empty_state("The pool of this round was empty: everything was labelled before.")
    st.stop()
takeaway(md_escape(worst.takeaway(samples, chosen.number)))
st.caption(
    f"n = {len(samples)} samples with the smallest top probability, seed {run.seed}. "
    "Bars: the three most probable classes."
)
gallery(samples)
