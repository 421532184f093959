"""Start an experiment, watch it, and see what each label bought."""

import streamlit as st

from alcore.experiment import Experiment
from alcore.queueing import queue_experiment
from alcore.worker import ensure_worker
from alcore_dashboard.components.choose import choose_experiment
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.live import show_progress
from alcore_dashboard.components.manage import manage
from alcore_dashboard.components.rounds_results import show_results
from alcore_dashboard.components.start_form import start_experiment
from alcore_dashboard.shared import shared_registry, shared_store

FORM = "start_is_open"
STARTED = "started_experiment"

store = shared_store()


@st.fragment
def start() -> None:
    """The ways to start; by itself, so that filling in a form draws no chart again."""
    with errors_as_sentences():
        experiment = start_experiment(shared_registry(), store)
        if experiment is not None:
            queue(experiment)


def queue(experiment: Experiment) -> None:
    """Put the experiment before a worker, and show it."""
    st.session_state[STARTED] = queue_experiment(store, experiment, shared_registry())
    ensure_worker(store)
    st.rerun()


if (started := st.session_state.pop(STARTED, None)) is not None:
    st.session_state[FORM] = False
    st.session_state["experiment"] = str(started)
    st.toast("Started. It goes on even when this page is closed.")
form = st.expander(
    "Start an experiment",
    icon=":material/add:",
    expanded=not store.experiments(),
    key=FORM,
    on_change="rerun",
)
if form.open:
    with form:
        start()
with st.container(horizontal=True, vertical_alignment="bottom"):
    chosen = choose_experiment(store)
    if chosen is not None:
        manage(store, chosen)
if chosen is None:
    empty_state("There is no experiment yet. Start one above, or run `alcore demo`.")
else:
    running = show_progress(store, chosen.id)
    show_results(store, chosen.id, running=running)
