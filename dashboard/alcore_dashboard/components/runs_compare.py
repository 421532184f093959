"""Any runs in one chart and one table, with random where it ran beside them."""

from collections.abc import Sequence

import streamlit as st

from alcore.results import why_not_comparable
from alcore.store import ExperimentRecord, RunRecord, Store
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.choose import choose_named
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.runs_table import PERCENT
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.services import runs
from alcore_dashboard.services.csv_file import csv_file

MOST = 6


def show_comparison(store: Store, chosen: Sequence[RunRecord]) -> None:
    """Test accuracy per round of the first few of these runs."""
    st.subheader("The ticked runs compared")
    if len(chosen) > MOST:
        st.caption(f"These are the first {MOST} of the {len(chosen)} ticked runs.")
        chosen = chosen[:MOST]
    begun = [run for run in chosen if store.rounds(run.id)]
    if bare := [str(run.id) for run in chosen if run not in begun]:
        st.caption(f"No round is finished yet by run {', '.join(bare)}.")
    if not begun:
        return
    ids = dict.fromkeys(run.experiment_id for run in begun)
    _say_differences(store, [store.experiment(each) for each in ids])
    siblings = [run for each in ids for run in store.runs(each)]
    drawn = [(run, store.rounds(run.id)) for run in (*begun, *runs.baselines(begun, siblings))]
    found = [(run, rounds) for run, rounds in drawn if rounds]
    sentence = runs.compared_in_words(found)
    takeaway(md_escape(sentence))
    with st.grid(3, min_column_width=220):
        over = choose_named("Over", {"rounds": "rounds", "labels": "labels"}, key="x")
    draw_chart(
        learning_curves,
        runs.curves(found),
        title="Test accuracy of the ticked runs",
        subtitle=runs.compared_subtitle(found),
        x=over,
        x_title=over,
        alt=f"Test accuracy per round of {len(found)} runs. {sentence}",
    )
    st.caption("Random of the same experiment and seed is drawn dashed where it ran.")
    st.dataframe(
        runs.comparison(found),
        hide_index=True,
        column_config={"last accuracy": PERCENT, "best accuracy": PERCENT},
        alt="The runs in numbers",
    )
    csv_button("Download as CSV", lambda: csv_file(runs.curves(found)), file="compared-runs.csv")


def _say_differences(store: Store, experiments: Sequence[ExperimentRecord]) -> None:
    first, *others = experiments
    for other in others:
        if reason := why_not_comparable(store, first, other):
            title = md_escape(other.title, longest=60)
            st.warning(f"“{title}” cannot be held against the others: {md_escape(reason)}.")
