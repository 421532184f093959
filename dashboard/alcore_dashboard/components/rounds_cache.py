"""What is costly to read or to compute and changes only when a run moves on."""

from collections.abc import Sequence
from operator import attrgetter

import streamlit as st

from alcore.chosen import Chosen, first_batches
from alcore.results import (
    Ceiling,
    Outcome,
    Rounds,
    ceiling,
    curves_of,
    outcomes,
    rounds_by_strategy,
)
from alcore.store import RunRecord, Store
from alcore_dashboard.services.rounds import NamedMetric
from alcore_dashboard.shared import BY_ID


def read_rounds(store: Store, experiment_id: int, runs: Sequence[RunRecord]) -> Rounds:
    """All rounds of an experiment, read again when its runs have moved on."""
    return _rounds(store, experiment_id, moved_on(runs))


def moved_on(runs: Sequence[RunRecord]) -> int:
    """Another number, other results: a run was played, taken up again or deleted."""
    return hash(tuple((run.id, run.token, run.state.is_over, run.round or 0) for run in runs))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_ID)
def _rounds(store: Store, experiment_id: int, moved: int) -> Rounds:
    del moved  # with the others, what the cache goes by
    return rounds_by_strategy(store, experiment_id)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_ID)
def read_savings(store: Store, experiment_id: int, moved: int, _rounds: Rounds) -> list[Outcome]:
    """Labels saved in an experiment that is over; its bootstrap takes a tenth of a second."""
    del store, experiment_id, moved  # they are the key of the cache
    return outcomes(curves_of(_rounds))


def read_first_batches(store: Store, runs: Sequence[RunRecord]) -> list[Chosen]:
    """What the runs of one strategy say of their first batch, read once they have learnt it."""
    learnt = [run for run in runs if run.state.is_over or (run.round or 0) > 1]
    return _first_batches(store, learnt, tuple(run.token for run in learnt))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_ID)
def _first_batches(
    store: Store, runs: Sequence[RunRecord], tokens: tuple[int, ...]
) -> list[Chosen]:
    del tokens  # a run that is taken up again may learn its first batch only then
    return first_batches(store, runs)


@st.cache_data(
    max_entries=64, ttl=5, show_spinner=False, hash_funcs=BY_ID | {NamedMetric: attrgetter("key")}
)
def read_ceiling(store: Store, experiment_id: int, metric: NamedMetric) -> Ceiling | None:
    """The ceiling of an experiment, from any experiment of the store; a few seconds old at most."""
    return ceiling(store, experiment_id, metric.of)
