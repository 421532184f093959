"""Errors as one sentence on the page; the traceback goes to the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from alcore.errors import AlcoreError
from alcore_dashboard.components.text import md_escape

_log = logging.getLogger("alcore.dashboard")


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Show whatever goes wrong inside as a sentence, and end this part of the page."""
    try:
        yield
    except Exception as error:
        show_error(error)


def show_error(error: Exception) -> bool:
    """Show one error; True tells Streamlit that no traceback is wanted."""
    if isinstance(error, AlcoreError):
        st.error(md_escape(error, longest=2000), icon=":material/error:")
    else:
        _log.error("a page failed", exc_info=error)
        name = md_escape(type(error).__name__)
        st.error(f"This page met an unexpected error ({name}); see the log of the server.")
    return True
