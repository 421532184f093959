"""One plugin: where it is from, how it is, and what it offers."""

import streamlit as st

from alcore.options import OptionInfo, describe
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services.plugins import Offer, PluginRow, documentation, facts, option_text

SEARCH = "component"
_COLOURS = {"ok": "green", "error": "red", "blocked": "gray"}


def plugin_card(row: PluginRow, *, alone: bool) -> None:
    """Draw one plugin; `alone` says that its only component is all that was asked for."""
    with st.container(border=True):
        st.subheader(
            f"{md_escape(row.info.name)} :{_COLOURS[row.info.status]}-badge[{row.mark}]",
            anchor=False,
        )
        st.caption(md_escape(row.source))
        for error in row.info.errors:
            st.error(md_escape(error, longest=600), icon=":material/error:")
        if row.remedy:
            st.caption(md_escape(row.remedy))
        for offer in row.offers:
            with st.expander(offer_label(offer), expanded=alone):
                _offer(offer, alone=alone)


def offer_label(offer: Offer) -> str:
    """Kind, name and summary; what is missing comes first."""
    name = md_escape(offer.name.partition("/")[2])
    missing = ", ".join(offer.spec.missing())
    waits = f":orange[needs {md_escape(missing)}] " if missing else ""
    return f"{offer.kind} **{name}** {waits}– {md_escape(offer.spec.summary)}"


def _offer(offer: Offer, *, alone: bool) -> None:
    options = [_option(info) for info in describe(offer.spec.options)]
    for wanted in offer.spec.missing():
        st.warning(
            f"Not ready: needs {md_escape(wanted)}. Install it with: "
            f"pip install {md_escape(chr(34) + wanted + chr(34))}",
            icon=":material/download:",
        )
    for paragraph in documentation(offer.spec):
        st.markdown(md_escape(paragraph, longest=600))
    st.markdown("\n".join(f"- **{name}:** {md_escape(text)}" for name, text in facts(offer.spec)))
    st.markdown("Options:" if options else "It has no options.")
    st.markdown("\n".join(options))
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
