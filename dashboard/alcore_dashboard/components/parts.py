"""Parts of a page of which one is open at a time: only that one costs time."""

from collections.abc import Callable, Mapping

import streamlit as st


def draw_parts(parts: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """A tab per part, the first one open; the open one stands in the address as `key`."""
    tabs = st.tabs(list(parts), key=key, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
