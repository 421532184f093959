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
    found = advice.recommended(_labels(shown), len(shown.class_names), given)
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


def _labels(shown: Shown) -> list[int]:
    """Of the first run that finished a round: random, where there is one."""
    played = ((name, seed) for name, runs in shown.rounds.items() for seed in runs if runs[seed])
    first = next(played)
    run = next(run for run in shown.runs if (run.strategy, run.seed) == first)
    return [event.label for event in shown.store.labels(run.id) if event.label is not None]
