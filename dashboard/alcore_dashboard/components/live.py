"""How far an experiment is, drawn again every second while it runs."""

import streamlit as st

from alcore.store import Store
from alcore.worker import ensure_worker
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import rounds_progress
from alcore_dashboard.services.naming import duration, title_of
from alcore_dashboard.shared import BY_ID


@st.cache_data(ttl=5, show_spinner=False, hash_funcs=BY_ID)
def attend(store: Store) -> None:
    """Every few seconds: runs of a worker that fell silent go to another one, so that all move."""
    store.expire_leases()
    if store.has_waiting():
        ensure_worker(store)


def stop_button(*, stopping: bool, now: bool, key: str) -> bool:
    """Stop politely and, once that was asked, in the middle of a step.

    Args:
        stopping: Whether it was asked.
        now: Whether it was asked a second time.
        key: Of the button.
    """
    return st.button(
        "Stop now" if stopping else "Stop",
        icon=":material/dangerous:" if stopping else ":material/stop:",
        disabled=now,
        key=key,
        help="At once, in the middle of a step; finished rounds stay."
        if stopping
        else "Politely: after the batch at hand. Finished rounds stay.",
    )


def show_progress(store: Store, experiment_id: int) -> bool:
    """Round, step, time left and a button to stop; what failed. Whether it still runs."""
    running = not rounds_progress.progress(store.runs(experiment_id)).is_over

    @st.fragment(run_every=1.0 if running else None)
    def part() -> None:
        with errors_as_sentences():
            attend(store)
            state = rounds_progress.progress(store.runs(experiment_id))
            if running and state.is_over:
                st.rerun()
            if running:
                _progress(store, experiment_id, state)
            _failures(state)
            if state.is_over and not state.all_done:
                states = store.experiment(experiment_id).states
                st.caption(f"Runs: {rounds_progress.state_counts(states)}.")

    part()
    return running


def _progress(store: Store, experiment_id: int, state: rounds_progress.Progress) -> None:
    eta = "" if state.eta_seconds is None else f", about {duration(state.eta_seconds)} left"
    st.progress(state.fraction, text=f"{state.over} of {state.total} runs are over{eta}")
    for run in state.active:
        where = f"round {run.round}, {md_escape(run.step)}" if run.round is not None else "starting"
        st.caption(
            f"{md_escape(title_of(run.strategy))}, seed {run.seed}: {run.state.value}, {where}, "
            f"{run.fraction:.0%} done"
        )
    if not state.active:
        st.caption("Waiting for a worker; without one, run `alcore worker --once`.")
    if stop_button(stopping=state.stopping, now=state.stopping_now, key="stop"):
        store.request_stop(experiment_id)
        st.rerun()


def _failures(state: rounds_progress.Progress) -> None:
    for text in sorted({run.error or "unknown error" for run in state.failed}):
        count = sum((run.error or "unknown error") == text for run in state.failed)
        st.error(f"{count} of {state.total} runs failed: {md_escape(text)}")
