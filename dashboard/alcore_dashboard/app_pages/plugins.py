"""What is installed, from where, what it offers, what is broken, and how to write one."""

import streamlit as st

from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.plugin_card import SEARCH, plugin_card
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import plugins
from alcore_dashboard.shared import shared_registry

rows = plugins.plugin_rows(shared_registry())
if not rows:
    empty_state("No plugin is installed, not even the built-in ones: install alcore again.")
    st.stop()
takeaway(md_escape(plugins.takeaway(rows)))
with st.container(horizontal=True, vertical_alignment="bottom"):
    text = st.text_input(
        "Find a plugin or component",
        placeholder="entropy, dataset, keras …",
        type="search",
        max_chars=200,
        key=SEARCH,
        bind="query-params",
        live=True,
    )
    found = plugins.search(rows, text or "")
    csv_button(
        "Download as CSV", lambda: plugins.csv_bytes(found), file="plugins.csv", disabled=not found
    )
if not found:
    empty_state(f"Nothing here is called “{md_escape(text, longest=60)}”.")
    st.button(
        "Show all",
        icon=":material/undo:",
        on_click=st.session_state.update,
        args=({SEARCH: ""},),
    )
alone = sum(len(row.offers) for row in found) == 1
for row in found:
    plugin_card(row, alone=alone)
with st.expander("How to write a plugin", icon=":material/code:", key="example"):
    st.markdown(plugins.example())
