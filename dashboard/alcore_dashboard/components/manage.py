"""Renaming, downloading and deleting an experiment."""

import re

import streamlit as st

from alcore.store import ExperimentRecord, RunState, Store
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.text import md_escape

_ASKED = "delete_asked"


def manage(store: Store, experiment: ExperimentRecord) -> None:
    """What can be done with an experiment as a whole, behind one button."""
    popover = st.popover(
        "Manage", icon=":material/settings:", key=f"manage_{experiment.id}", on_change="rerun"
    )
    if popover.open:
        with popover, errors_as_sentences():
            _rename(store, experiment)
            st.download_button(
                "Download as TOML",
                experiment.config,
                file_name=f"{_file_name(experiment.title)}.toml",
                mime="application/toml",
                icon=":material/download:",
                on_click="ignore",
            )
            _delete(store, experiment)


def _rename(store: Store, experiment: ExperimentRecord) -> None:
    title = st.text_input("Title", experiment.title, max_chars=200, key=f"title_of_{experiment.id}")
    if st.button("Rename", icon=":material/edit:", disabled=title == experiment.title):
        store.rename_experiment(experiment.id, title)
        st.rerun()


def _delete(store: Store, experiment: ExperimentRecord) -> None:
    """Two clicks, and none while something runs that would write into what is gone."""
    if any(n for state, n in experiment.states.items() if _is_busy(state)):
        st.caption("It cannot be deleted while it runs: stop it first.")
        return
    if st.session_state.get(_ASKED) != experiment.id:
        st.button(
            "Delete …", icon=":material/delete:", on_click=_ask, args=(experiment.id,), key="delete"
        )
        return
    st.warning(
        f"Delete {md_escape(experiment.title, longest=60)} with its {experiment.n_runs} runs, "
        "their rounds and labels? There is no way back."
    )
    with st.container(horizontal=True):
        if st.button("Delete for good", icon=":material/delete_forever:", key="delete_sure"):
            store.delete_experiment(experiment.id)
            st.toast("Deleted.")
            st.rerun()
        st.button("Keep it", on_click=_ask, args=(None,), key="delete_not")


def _is_busy(state: RunState) -> bool:
    return state in (RunState.RUNNING, RunState.STOPPING, RunState.QUEUED)


def _ask(experiment_id: int | None) -> None:
    st.session_state[_ASKED] = experiment_id


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "experiment"
