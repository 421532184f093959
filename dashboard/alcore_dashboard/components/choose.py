"""Choosing an experiment, a run or a criterion; the choice stands in the address."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from alcore.results import RANDOM
from alcore.store import ExperimentRecord, RunRecord, Store
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.services.naming import experiment_label, run_label

T = TypeVar("T")


def choose(label: str, options: Mapping[str, T], *, key: str) -> T:
    """One of the options, by its text; the first one until something else is chosen.

    The choice is bound to the query parameter `key`, on every page that asks for it. The list
    has no default of its own, because Streamlit leaves defaults out of the address, and the
    first of today is another one tomorrow.
    """
    names = list(options)
    if st.session_state.get(key) not in options and st.query_params.get(key) not in options:
        st.session_state[key] = names[0]
    chosen = st.selectbox(label, names, index=None, key=key, bind="query-params")
    return options.get(chosen or "", options[names[0]])


def choose_experiment(store: Store) -> ExperimentRecord | None:
    """An experiment, the newest first; None where there is none."""
    records = store.experiments()
    if not records:
        return None
    return choose("Experiment", {experiment_label(r): r for r in records}, key="experiment")


def chosen_run(store: Store) -> RunRecord:
    """An experiment and one of its runs; with no experiment, the empty state ends the page."""
    experiment = choose_experiment(store)
    if experiment is None:
        empty_state(
            "There is no experiment yet. Start one, or run `alcore demo`.",
            page="rounds",
            label="Start an experiment",
        )
        st.stop()
    runs = sorted(store.runs(experiment.id), key=lambda run: run.strategy == RANDOM)
    return choose("Run", {run_label(run): run for run in runs}, key="run")
