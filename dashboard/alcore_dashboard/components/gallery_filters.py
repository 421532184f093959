"""Which of the worst samples to show, and how; every choice stands in the address."""

import numpy as np
import streamlit as st

from alcore.types import IntArray
from alcore_dashboard.components.choose import choose
from alcore_dashboard.services.worst import Worst
from alcore_dashboard.services.worst_table import Batch, Filter, Verdict

PER_PAGE = 20
ALL = "all"
VIEWS = ("Gallery", "Table")
_KEYS = ("predicted", "true", "verdict", "batch", "pictures")
_VERDICTS: dict[str, Verdict | None] = {
    ALL: None,
    "wrong": "wrong",
    "right": "right",
    "corrected": "corrected",
}
_VERDICT_TEXTS = {None: "right or wrong", "corrected": "wrong, later right"}
_BATCHES: dict[str, Batch | None] = {ALL: None, "picked": "picked", "left": "left"}
_BATCH_TEXTS = {None: "picked or not", "picked": "picked", "left": "not picked"}


def choose_filter(worst: Worst) -> Filter:
    """Lists for predicted and true class, right or wrong, picked, equal pictures."""
    known = worst.truth[worst.truth >= 0]
    with st.grid("auto", min_column_width=150):
        predicted = _class("Predicted class", worst, worst.predicted, key="predicted")
        truth = _class("True class", worst, known, key="true") if len(known) else None
        verdict = _verdict() if len(known) else None
        batch = choose("Picked for labelling", _BATCHES, key="batch", show=_BATCH_TEXTS.__getitem__)
        shared = choose(
            "Pictures",
            {ALL: False, "shared": True},
            key="pictures",
            show=lambda shared: "only exact duplicates" if shared else "every picture",
        )
    return Filter(predicted=predicted, truth=truth, verdict=verdict, batch=batch, duplicates=shared)


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


def _verdict() -> Verdict | None:
    return choose(
        "Right or wrong",
        _VERDICTS,
        key="verdict",
        show=lambda verdict: _VERDICT_TEXTS.get(verdict, str(verdict)),
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
