"""What to do next, by stated rules."""

import streamlit as st

from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import advice
from alcore_dashboard.services.rounds_shown import Shown
from alcore_dashboard.shared import shared_registry


def show_advice(shown: Shown) -> None:
    """The recommended strategy, whether to go on, and what the random share measured."""
    assert shown.dataset is not None  # the caller has seen to it
    given = advice.provides(shared_registry(), shown.runs[0].model, shown.dataset.name)
    newest = next(run for runs in shown.rounds.values() for run in runs.values() if run)
    found = advice.recommended(newest, len(shown.class_names), given)
    takeaway(md_escape(advice.recommendation_text(found), longest=600))
    table = advice.stop_table(shown.rounds).map(lambda text: md_escape(text, longest=600))
    st.subheader("Go on labelling?")
    st.table(table, alt="Stop advice per strategy, with its reasons", hide_index=True)
    st.caption(
        "Stop: the budget is spent, or the curve is flat and the predictions are stable. Look: "
        "one of the two, or no better than random. In hindsight: the same rules after every "
        "round of the finished runs."
    )
    for text in (advice.audit_text(shown.rounds), advice.candidates_text(shown.rounds)):
        if text:
            st.caption(md_escape(text, longest=600))
