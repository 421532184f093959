"""What people may do with a run and with an experiment alike: name it, delete it."""

from collections.abc import Callable

import streamlit as st

from alcore.store import ExperimentRecord, RunRecord


def describe_form(
    record: RunRecord | ExperimentRecord,
    save: Callable[[str, str, list[str]], None],
    *,
    key: str,
) -> None:
    """Title, note and tags, and what keeps them."""
    with st.form(f"{key}_{record.id}", border=False):
        title = st.text_input("Title", record.title, max_chars=200)
        note = st.text_area("Note", record.note, max_chars=10_000)
        tags = st.text_input(
            "Tags", " ".join(record.tags), max_chars=1_000, placeholder="words to find it by"
        )
        if st.form_submit_button("Save", icon=":material/save:"):
            save(title, note, tags.split())
            st.rerun()


def delete_button(question: str, *, key: str) -> bool:
    """A button that asks before it is meant; True once somebody is sure."""
    asked = f"{key}_asked"

    def ask(again: bool) -> None:
        st.session_state[asked] = again

    if not st.session_state.get(asked):
        st.button("Delete …", icon=":material/delete:", on_click=ask, args=(True,), key=key)
        return False
    st.warning(question)
    with st.container(horizontal=True):
        sure = st.button("Delete for good", icon=":material/delete_forever:", key=f"{key}_sure")
        st.button("Keep it", on_click=ask, args=(False,), key=f"{key}_not")
    return sure
