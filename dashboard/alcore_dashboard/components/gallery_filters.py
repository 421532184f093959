"""Which of the worst samples to show, and how; every choice stands in the address."""

import numpy as np
import streamlit as st

from alcore.types import IntArray
from alcore_dashboard.components.choose import choose, choose_named
from alcore_dashboard.services.worst import Worst
from alcore_dashboard.services.worst_table import ALL, SHARED, matching

PER_PAGE = 20
VIEWS = ("Gallery", "Table")
_KEYS = ("predicted", "true", "verdict", "batch", "pictures")
_VERDICTS = {
    ALL: "right or wrong",
    "wrong": "wrong",
    "right": "right",
    "corrected": "wrong, later right",
}
_BATCHES = {ALL: "picked or not", "picked": "picked", "left": "not picked"}
_PICTURES = {ALL: "every picture", SHARED: "only exact duplicates"}


def choose_samples(worst: Worst) -> IntArray:
    """What lists for both classes, right or wrong, picked and equal pictures let through."""
    known = worst.truth[worst.truth >= 0]
    with st.grid("auto", min_column_width=150):
        predicted = _class("Predicted class", worst, worst.predicted, key="predicted")
        truth = _class("True class", worst, known, key="true") if len(known) else None
        verdict = choose_named("Right or wrong", _VERDICTS, key="verdict") if len(known) else ALL
        batch = choose_named("Picked for labelling", _BATCHES, key="batch")
        pictures = choose_named("Pictures", _PICTURES, key="pictures")
    return matching(
        worst, predicted=predicted, truth=truth, verdict=verdict, batch=batch, pictures=pictures
    )


def _class(label: str, worst: Worst, labels: IntArray, *, key: str) -> int | None:
    names = worst.dataset.class_names
    counts = np.bincount(labels, minlength=len(names)).tolist()
    there = {str(i): i for i, count in enumerate(counts) if count}
    return choose(
        label,
        {ALL: None, **there},
        key=key,
        show=lambda i: "every class" if i is None else f"{names[i]} ({counts[i]})",
    )


def clear_filter() -> None:
    """Show every sample again."""
    st.session_state.update(dict.fromkeys(_KEYS, ALL))


def choose_view() -> str:
    """Gallery or table."""
    chosen = st.segmented_control(
        "View",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="layout",
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen or VIEWS[0]


def one_page(shown: IntArray) -> IntArray:
    """The part of the gallery that is looked at."""
    pages = -(-len(shown) // PER_PAGE)
    if pages <= 1:
        return shown
    page = st.pagination(pages, key="page", bind="query-params")
    return shown[(page - 1) * PER_PAGE : page * PER_PAGE]
