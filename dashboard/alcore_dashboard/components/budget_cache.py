"""What of a finished round is computed once a server; committed rounds never change."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from alcore.errors import AlcoreError
from alcore.strategies import Criterion
from alcore.types import IntArray
from alcore_dashboard.services import budget
from alcore_dashboard.services.criteria_sources import BY_KEY, Source


@st.cache_resource(max_entries=12, show_spinner="Ranking the pool …", hash_funcs=BY_KEY)
def ranking(pool: Source, name: str, _criterion: Criterion) -> budget.Ranking:
    """The pool ranked by the criterion of this qualified name."""
    del name  # with the pool, what the cache goes by
    return budget.rank(pool, _criterion)


def other_orders(
    pool: Source, criteria: Mapping[str, Criterion], but: str
) -> tuple[dict[str, IntArray], list[str]]:
    """The order of the pool by every other criterion, by qualified name, and what failed why."""
    orders, failed = {}, []
    for name, criterion in criteria.items():
        if name == but:
            continue
        try:
            orders[name] = ranking(pool, name, criterion).order
        except AlcoreError as error:
            failed.append(str(error))
    return orders, failed


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_KEY)
def predicted(pool: Source) -> IntArray:
    """The most probable class of every pool sample, shape (n,)."""
    classes = np.asarray(pool.probabilities.argmax(axis=1), dtype=np.int64)
    classes.flags.writeable = False
    return classes
