"""Start an experiment, watch it, and see what each label bought."""

import streamlit as st

from alcore.queueing import queue_experiment
from alcore.worker import start_worker
from alcore_dashboard.components.choose import choose_experiment
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.live import show_experiment
from alcore_dashboard.components.start_form import start_form
from alcore_dashboard.services.naming import experiment_label
from alcore_dashboard.shared import shared_registry, shared_store

FORM = "start_is_open"
STARTED = "started_experiment"

store = shared_store()
if (started := st.session_state.pop(STARTED, None)) is not None:
    st.session_state[FORM] = False
    st.session_state["experiment"] = experiment_label(store.experiment(started))
    st.toast("Started. It goes on even when this page is closed.")
form = st.expander(
    "Start an experiment",
    icon=":material/add:",
    expanded=not store.experiments(),
    key=FORM,
    on_change="rerun",
)
if form.open:
    with form, errors_as_sentences():
        experiment = start_form(shared_registry())
        if experiment is not None:
            st.session_state[STARTED] = queue_experiment(store, experiment, shared_registry())
            start_worker(store)
            st.rerun()
chosen = choose_experiment(store)
if chosen is None:
    empty_state("There is no experiment yet. Start one above, or run `alcore demo`.")
else:
    show_experiment(store, chosen.id)
