"""Naming, downloading and deleting an experiment."""

import re

import streamlit as st

from alcore.store import ExperimentRecord, RunState, Store
from alcore_dashboard.components.describe import delete_button, describe_form
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.text import md_escape


def manage(store: Store, experiment: ExperimentRecord) -> None:
    """What can be done with an experiment as a whole, behind one button."""
    popover = st.popover(
        "Manage", icon=":material/settings:", key=f"manage_{experiment.id}", on_change="rerun"
    )
    if popover.open:
        with popover, errors_as_sentences():
            _describe(store, experiment)
            st.download_button(
                "Download as TOML",
                experiment.config,
                file_name=f"{_file_name(experiment.title)}.toml",
                mime="application/toml",
                icon=":material/download:",
                on_click="ignore",
            )
            _delete(store, experiment)


def _describe(store: Store, experiment: ExperimentRecord) -> None:
    def save(title: str, note: str, tags: list[str]) -> None:
        store.rename_experiment(experiment.id, title)
        store.describe_experiment(experiment.id, note, tags)

    describe_form(experiment, save, key="describe")


def _delete(store: Store, experiment: ExperimentRecord) -> None:
    """None while something runs that would write into what is gone."""
    if any(n for state, n in experiment.states.items() if _is_busy(state)):
        st.caption("It cannot be deleted while it runs: stop it first.")
    elif delete_button(
        f"Delete {md_escape(experiment.title, longest=60)} with its {experiment.n_runs} runs, "
        "their rounds and labels? There is no way back.",
        key=f"delete_{experiment.id}",
    ):
        store.delete_experiment(experiment.id)
        st.toast("Deleted.")
        st.rerun()


def _is_busy(state: RunState) -> bool:
    return state in (RunState.RUNNING, RunState.STOPPING, RunState.QUEUED)


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "experiment"
