"""The batches a strategy chose: how right the model was on them, against the test split."""

import streamlit as st

from alcore import chosen
from alcore.results import claims_of
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.rounds_cache import read_first_batches
from alcore_dashboard.components.rounds_choose import choose_strategy
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.services import rounds, rounds_batches
from alcore_dashboard.services.naming import title_of
from alcore_dashboard.services.rounds_shown import Shown


def show_batches(shown: Shown) -> None:
    """Accuracy on test split, own batches and those of random, by round."""
    strategy = choose_strategy(shown)
    found = rounds_batches.batch_curves(shown.rounds, strategy)
    sentence = rounds_batches.takeaway(found, strategy)
    takeaway(md_escape(sentence, longest=600))
    table = rounds_batches.batch_table(found)
    draw_chart(
        learning_curves,
        table,
        title=f"What {title_of(strategy)} chose",
        subtitle=rounds.subtitle(shown.rounds, list(found.values())),
        x="round",
        x_title="round",
        y_title="accuracy",
        alt=f"Accuracy per round on batches and test split. {sentence}",
    )
    st.caption("A batch is measured by the model that chose it, before any training on it.")
    _first_batch(shown, strategy)
    csv_button(
        "Download as CSV",
        lambda: rounds_batches.csv_bytes(table, strategy),
        file=f"batches-{shown.experiment.id}.csv",
    )


def _first_batch(shown: Shown, strategy: str) -> None:
    """What the first batch was like and what it bought, beside what somebody claims of it."""
    runs = [run for run in shown.runs if run.strategy == strategy]
    found = read_first_batches(shown.store, runs)
    if not found:
        return
    claims = claims_of(shown.experiment)
    seeds = "1 seed" if len(found) == 1 else f"mean of {len(found)} seeds"
    st.subheader("The first batch")
    table = rounds_batches.first_batch_table(chosen.rows(found, claims)).map(md_escape)
    st.table(table, alt="The first batch: accuracies and differences", hide_index=True)
    source = f"; claimed: {claims.source}" if claims else ""
    st.caption(md_escape(f"{title_of(strategy)}, {seeds}{source}", longest=600))
