"""What is costly to read or to compute and changes only when a run moves on."""

from collections.abc import Sequence

import streamlit as st

from alcore.chosen import Chosen, first_batches
from alcore.compare import Curve
from alcore.results import Ceiling, Outcome, Rounds, ceiling, outcomes, rounds_by_strategy
from alcore.store import RunRecord, Store
from alcore_dashboard.services.rounds import NamedMetric
from alcore_dashboard.services.rounds_shown import stamp


def read_rounds(store: Store, experiment_id: int, runs: Sequence[RunRecord]) -> Rounds:
    """All rounds of an experiment, read again when its runs have moved on."""
    return _rounds(store.url, experiment_id, stamp(runs), store)


@st.cache_resource(max_entries=4, show_spinner=False)
def _rounds(url: str, experiment_id: int, moment: str, _store: Store) -> Rounds:
    del url, moment  # they are the key of the cache
    return rounds_by_strategy(_store, experiment_id)


@st.cache_data(max_entries=64, show_spinner=False)
def read_savings(url: str, experiment_id: int, _found: list[Curve]) -> list[Outcome]:
    """Labels saved in an experiment that is over; its bootstrap takes a tenth of a second."""
    del url, experiment_id  # they are the key of the cache
    return outcomes(_found)


def read_first_batches(store: Store, runs: Sequence[RunRecord]) -> list[Chosen]:
    """What the runs of one strategy say of their first batch, read once they have learnt it."""
    learnt = tuple(run.id for run in runs if run.state.is_over or (run.round or 0) > 1)
    return _first_batches(store.url, learnt, store, [run for run in runs if run.id in learnt])


@st.cache_data(max_entries=64, show_spinner=False)
def _first_batches(
    url: str, learnt: tuple[int, ...], _store: Store, _runs: Sequence[RunRecord]
) -> list[Chosen]:
    del url, learnt  # they are the key of the cache
    return first_batches(_store, _runs)


def read_ceiling(store: Store, experiment_id: int, metric: NamedMetric) -> Ceiling | None:
    """The ceiling of an experiment, from any experiment of the store; a few seconds old at most."""
    return _ceiling(store.url, experiment_id, metric.key, store, metric)


@st.cache_data(max_entries=64, ttl=5, show_spinner=False)
def _ceiling(
    url: str, experiment_id: int, key: str, _store: Store, _metric: NamedMetric
) -> Ceiling | None:
    del url, key  # they are the key of the cache
    return ceiling(_store, experiment_id, _metric.of)
