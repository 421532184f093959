"""One plugin: where it is from, how it is, and what it offers."""

import streamlit as st

from alcore.options import OptionInfo
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services.plugins import Offer, PluginRow, option_text

SEARCH = "component"
_COLOURS = {"ok": "green", "error": "red", "blocked": "gray"}


def plugin_card(row: PluginRow, *, alone: bool) -> None:
    """Draw one plugin; `alone` says that its only component is all that was asked for."""
    with st.container(border=True):
        st.subheader(
            f"{md_escape(row.name)} :{_COLOURS[row.status]}-badge[{row.mark}]", anchor=False
        )
        st.caption(md_escape(row.source))
        for error in row.errors:
            st.error(md_escape(error, longest=600), icon=":material/error:")
        if row.remedy:
            st.caption(md_escape(row.remedy))
        for offer in row.offers:
            with st.expander(offer_label(offer), expanded=alone):
                _offer(offer, alone=alone)


def offer_label(offer: Offer) -> str:
    """Kind, name and summary; what is missing comes first."""
    name = md_escape(offer.name.partition("/")[2])
    waits = f":orange[needs {md_escape(', '.join(offer.missing))}] " if offer.missing else ""
    return f"{offer.kind} **{name}** {waits}– {md_escape(offer.summary)}"


def _offer(offer: Offer, *, alone: bool) -> None:
    for wanted in offer.missing:
        st.warning(
            f"Not ready: needs {md_escape(wanted)}. Install it with: "
            f"pip install {md_escape(chr(34) + wanted + chr(34))}",
            icon=":material/download:",
        )
    for paragraph in offer.documentation:
        st.markdown(md_escape(paragraph, longest=600))
    st.markdown("\n".join(f"- **{name}:** {md_escape(text)}" for name, text in offer.facts))
    st.markdown("Options:" if offer.options else "It has no options.")
    st.markdown("\n".join(_option(info) for info in offer.options))
    st.code(offer.use, language=None, wrap_lines=True)
    if not alone:
        st.button(
            "Link to this component",
            key=f"link {offer.kind} {offer.name}",
            icon=":material/link:",
            on_click=st.session_state.update,
            args=({SEARCH: offer.name},),
        )


def _option(info: OptionInfo) -> str:
    return f"- **{md_escape(info.name)}** {md_escape(option_text(info))}"
