"""What of a finished round is computed once a server; committed rounds never change."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from alcore.errors import AlcoreError
from alcore.store import Store
from alcore.strategies import Criterion
from alcore.types import IntArray
from alcore_dashboard.services import budget


def ranking(
    store: Store, run_id: int, pool: budget.Pool, name: str, criterion: Criterion
) -> budget.Ranking:
    """The pool ranked by the criterion of this qualified name."""
    return _ranking(store.url, run_id, pool.round, name, pool, criterion)


def other_orders(
    store: Store, run_id: int, pool: budget.Pool, criteria: Mapping[str, Criterion], but: str
) -> tuple[dict[str, IntArray], list[str]]:
    """The order of the pool by every other criterion, by qualified name, and what failed why."""
    orders, failed = {}, []
    for name, criterion in criteria.items():
        if name == but:
            continue
        try:
            orders[name] = ranking(store, run_id, pool, name, criterion).order
        except AlcoreError as error:
            failed.append(str(error))
    return orders, failed


@st.cache_resource(max_entries=12, show_spinner="Ranking the pool …")
def _ranking(
    url: str, run_id: int, number: int, name: str, _pool: budget.Pool, _criterion: Criterion
) -> budget.Ranking:
    return budget.rank(_pool, _criterion)


def predicted(store: Store, run_id: int, pool: budget.Pool) -> IntArray:
    """The most probable class of every pool sample, shape (n,)."""
    return _predicted(store.url, run_id, pool.round, pool)


@st.cache_resource(max_entries=4, show_spinner=False)
def _predicted(url: str, run_id: int, number: int, _pool: budget.Pool) -> IntArray:
    classes = np.asarray(_pool.probabilities.argmax(axis=1), dtype=np.int64)
    classes.flags.writeable = False
    return classes


def sample_ids(store: Store, dataset_id: int) -> tuple[str, ...]:
    """The ids of a dataset's samples."""
    return _sample_ids(store.url, dataset_id, store)


@st.cache_resource(max_entries=2, show_spinner=False)
def _sample_ids(url: str, dataset_id: int, _store: Store) -> tuple[str, ...]:
    return tuple(_store.dataset_ids(dataset_id))
