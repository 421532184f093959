"""What is installed, from where, what it offers, and what is broken."""

import pandas as pd
import streamlit as st

from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import plugins
from alcore_dashboard.shared import shared_registry


def draw(row: plugins.PluginRow) -> None:
    """One plugin as a card."""
    with st.container(border=True):
        colour = "red" if row.is_broken else "green"
        st.subheader(f"{md_escape(row.name)} :{colour}[{row.status}]", anchor=False)
        st.caption(md_escape(row.source))
        for error in row.errors:
            st.error(md_escape(error))
        if row.is_broken:
            st.caption(f"To switch it off: {md_escape(row.remedy)}")
        if row.offers:
            st.table(_offers(row.offers), alt=f"Components of {row.name}", hide_index=True)


def _offers(offers: tuple[plugins.Offer, ...]) -> pd.DataFrame:
    lines = [
        {
            "kind": offer.kind,
            "name": md_escape(offer.name),
            "what it is": md_escape(offer.summary),
            "ready": f":orange[needs {md_escape(', '.join(offer.missing))}]"
            if offer.missing
            else "✓",
        }
        for offer in offers
    ]
    return pd.DataFrame(lines)


rows = plugins.plugin_rows(shared_registry())
if not rows:
    empty_state("No plugin is installed, not even the built-in ones: install alcore again.")
    st.stop()
takeaway(md_escape(plugins.takeaway(rows)))
for row in rows:
    draw(row)
