"""One run: how far it is, why it ended, what it printed, and what can be done with it."""

from datetime import UTC, datetime

import streamlit as st

from alcore.store import ExperimentRecord, RunRecord, RunState, Store
from alcore.worker import ensure_worker
from alcore_dashboard.components.describe import delete_button, describe_form
from alcore_dashboard.components.empty import PAGES
from alcore_dashboard.components.live import stop_button
from alcore_dashboard.components.runs_table import OPENED, choose_runs
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import runs
from alcore_dashboard.services.naming import experiment_label, title_of

_RESUMABLE = {
    RunState.STOPPED: "Resume",
    RunState.INTERRUPTED: "Resume",
    RunState.FAILED: "Try again",
}
_TRACEBACK_KEPT = 20_000


def show_run(store: Store, run: RunRecord, experiment: ExperimentRecord) -> None:
    """All of one run."""
    name = f" · {md_escape(run.title, longest=80)}" if run.title else ""
    st.subheader(f"Run {run.id}{name}")
    tags = " ".join(f":gray-badge[{md_escape(tag)}]" for tag in run.tags)
    parts = f"{title_of(run.strategy)}, {title_of(run.model)}, seed {run.seed}"
    st.markdown(f"**{runs.STATES[run.state]}** · {md_escape(parts)} {tags}")
    _standing(store, run)
    _numbers(run, experiment)
    if run.note:
        st.text(run.note)
    with st.container(horizontal=True, vertical_alignment="center"):
        _actions(store, run)
        st.button(
            "Close", icon=":material/close:", on_click=choose_runs, args=(OPENED, ""), key="close"
        )
        st.page_link(
            PAGES / "rounds.py",
            label=md_escape(f"Accuracy per round of {experiment_label(experiment)}"),
            icon=":material/show_chart:",
            query_params={"experiment": str(experiment.id)},
        )
    _more(store, run)


def _standing(store: Store, run: RunRecord) -> None:
    said = md_escape(runs.standing(run), longest=2000)
    if run.state is RunState.FAILED:
        st.error(said, icon=":material/error:")
        if text := store.traceback(run.id):
            with st.expander("Traceback", icon=":material/bug_report:"):
                st.code(text[-_TRACEBACK_KEPT:], language=None)
    elif run.state is RunState.INTERRUPTED:
        st.warning(said, icon=":material/power_off:")
    else:
        st.caption(said)


def _numbers(run: RunRecord, experiment: ExperimentRecord) -> None:
    if run.state in (RunState.RUNNING, RunState.STOPPING):
        left = runs.time_left(run)
        step = md_escape(run.step or "start")
        st.progress(run.fraction, text=f"{step}{f', about {left} left' if left else ''}")
    numbers = {
        "Round": runs.round_text(run, experiment),
        "Labels": "–" if run.n_labelled is None else f"{run.n_labelled:,}",
        "Best accuracy": "–" if run.best_accuracy is None else f"{run.best_accuracy:.1%}",
        "First start to end" if run.token > 1 else "Duration": runs.took(run, datetime.now(UTC))
        or "–",
    }
    with st.grid(4, min_column_width=130):
        for label, value in numbers.items():
            st.metric(label, value)
    st.caption(md_escape(f"Began with {run.began_with}.", longest=600))


def _actions(store: Store, run: RunRecord) -> None:
    if run.state in (*runs.MOVING, RunState.AWAITING_LABELS):
        stopping = run.state is RunState.STOPPING
        if stop_button(stopping=stopping, now=run.stop_now, key=f"stop_{run.id}"):
            store.stop_run(run.id)
            st.rerun()
    if run.state in _RESUMABLE and st.button(
        _RESUMABLE[run.state], icon=":material/play_arrow:", key=f"resume_{run.id}"
    ):
        store.resume_run(run.id)
        ensure_worker(store)
        st.rerun()


def _more(store: Store, run: RunRecord) -> None:
    """What is open costs time, so it is closed at first."""
    log = st.expander("Log", icon=":material/article:", key=f"log_{run.id}", on_change="rerun")
    if log.open:
        with log:
            text = runs.log_tail(store.log_file(run.id))
            st.code(text or "It has printed nothing.", language=None)
    edit = st.expander(
        "Title, note and tags", icon=":material/edit:", key=f"edit_{run.id}", on_change="rerun"
    )
    if edit.open:
        with edit:
            describe_form(run, lambda *said: store.describe_run(run.id, *said), key="describe_run")
    if run.state in (RunState.RUNNING, RunState.STOPPING):
        st.caption("It cannot be deleted while it runs: stop it first.")
    elif delete_button(
        f"Delete run {run.id} with its rounds and labels? There is no way back.",
        key=f"delete_run_{run.id}",
    ):
        store.delete_run(run.id)
        st.toast("Deleted.")
        st.rerun()
