"""Every run: what waits, moves and has ended; one of them in full; any of them compared."""

import streamlit as st

from alcore.errors import AlcoreError
from alcore.store import RunRecord
from alcore_dashboard.components.address import chosen_text, write_address
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.live import attend
from alcore_dashboard.components.runs_compare import show_comparison
from alcore_dashboard.components.runs_one import show_run
from alcore_dashboard.components.runs_table import (
    COMPARED,
    OPENED,
    choose_filter,
    show_table,
)
from alcore_dashboard.services import runs
from alcore_dashboard.shared import shared_store

store = shared_store()


def run_of(text: str) -> RunRecord | None:
    """The run of an id; None where there is none."""
    if not runs.are_ids(text):
        return None
    try:
        return store.run(int(text))
    except AlcoreError:
        return None


def show(*, moved: bool) -> None:
    """The opened run comes first: a link to it shows it while the browser still loads the table."""
    attend(store)
    experiments = {one.id: one for one in store.experiments()}
    counts = runs.counts([*experiments.values()])
    if moved and not runs.moves(counts):
        st.rerun()
    takeaway(runs.takeaway(counts) or "No run is left.")
    opened = chosen_text(OPENED, "", lambda text: run_of(text) is not None, label="Run")
    ticked = chosen_text(COMPARED, "", runs.are_ids, label="Runs")
    st.session_state.update({OPENED: opened, COMPARED: ticked})
    if (run := run_of(opened)) is not None:
        show_run(store, run, experiments[run.experiment_id])
    show_table(store, choose_filter([*experiments.values()]), experiments)
    chosen = [run for each in ticked.split(",") if (run := run_of(each))]
    if len(chosen) > 1:
        show_comparison(store, chosen)


every = store.experiments()
if not every:
    empty_state(
        "There is no experiment yet. Start one, or run `alcore demo`.",
        page="rounds",
        label="Start an experiment",
    )
    st.stop()
moving = runs.moves(runs.counts(every))


@st.fragment(run_every=1.0 if moving else None)
def live() -> None:
    """The part that is drawn again, every second as long as something moves."""
    with errors_as_sentences():
        show(moved=moving)
    write_address()


live()
