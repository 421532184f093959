"""The table of samples and class probabilities, to be edited."""

import pandas as pd
import streamlit as st

from alcore.errors import UsageError
from alcore_dashboard.components.errors import show_error
from alcore_dashboard.services import criteria, criteria_simplex

EDITOR = "criteria_table"
CLASSES = "criteria_classes"
# What the editor's changes are relative to, what it shows now, and how often it began anew.
_BASE, _NOW, _VERSION, _REFUSED = (f"criteria_{name}" for name in ("base", "now", "version", "no"))
_NUMBER = st.column_config.NumberColumn(
    min_value=0.0, max_value=1.0, step=0.01, format="%.2f", required=True
)


def edited_samples() -> pd.DataFrame:
    """The table as it is now; the article's example until somebody changes it."""
    key = _versioned(EDITOR)
    if key not in st.session_state:  # the first visit, or back from another page
        st.session_state[_BASE] = st.session_state.get(_NOW, criteria.EXAMPLE)
    base: pd.DataFrame = st.session_state[_BASE]
    _classes_field(base)
    edited = st.data_editor(
        base,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            criteria.ID: st.column_config.TextColumn("sample", required=True, pinned=True),
            **dict.fromkeys(criteria.class_names(base), _NUMBER),
        },
        alt="Class probabilities of the samples, editable; each row must sum to 1",
    )
    st.session_state[_NOW] = edited
    with st.container(horizontal=True):
        _start_button("Back to the example", ":material/undo:", criteria.EXAMPLE)
        three = criteria.as_table(criteria_simplex.EXAMPLE)
        _start_button("Three classes", ":material/change_history:", three)
    return edited


def _versioned(key: str) -> str:
    version = st.session_state.get(_VERSION, 0)
    return f"{key}_{version}" if version else key


def _classes_field(base: pd.DataFrame) -> None:
    st.text_input(
        "Classes",
        ", ".join(criteria.class_names(base)),
        key=_versioned(CLASSES),
        on_change=_change_classes,
        help="Commas between them. Change a name to rename its column, add one at the end for a "
        "new column, leave one out to remove its column.",
    )
    if refused := st.session_state.pop(_REFUSED, None):
        show_error(refused)


def _change_classes() -> None:
    try:
        names = criteria.read_class_names(st.session_state[_versioned(CLASSES)])
    except UsageError as error:
        st.session_state[_REFUSED] = error
        return
    _begin_with(criteria.with_classes(st.session_state[_NOW], names))


def _start_button(label: str, icon: str, table: pd.DataFrame) -> None:
    st.button(label, icon=icon, on_click=_begin_with, args=(table,))


def _begin_with(table: pd.DataFrame) -> None:
    """Start anew: the browser keeps its changes to an editor for as long as its key lives."""
    st.session_state[_NOW] = table.reset_index(drop=True)
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
