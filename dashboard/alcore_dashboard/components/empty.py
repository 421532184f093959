"""What a page shows while there is nothing to show."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent.parent / "app_pages"


def empty_state(message: str, *, page: str | None = None, label: str = "") -> None:
    """Say what is missing and what to do next, with a link to the page where to do it."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.markdown(message, text_alignment="center")
        if page:
            st.page_link(PAGES / f"{page}.py", label=label, icon=":material/arrow_forward:")


def takeaway(sentence: str) -> None:
    """The one line that says what the page shows."""
    st.markdown(f"**{sentence}**")
