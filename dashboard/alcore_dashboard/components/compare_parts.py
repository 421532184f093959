"""The parts of a comparison: curves and tests, calibration, batches."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from alcore.comparison import Comparison
from alcore.comparison_tables import Row, batch_rows, final_rows, gain_rows
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.choose import choose
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.compare import reliability
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.services import compare

_WIDTH = 760


def show_curves(found: Comparison, metric: str, cautions: Sequence[str]) -> None:
    """Learning curves, what they gain over random, and what cannot be concluded."""
    names = compare.called(found)
    subtitle = compare.subtitle(found, found.entries)
    draw_chart(
        learning_curves,
        compare.curve_table(found),
        subtitle=f"{subtitle}; band: one standard deviation",
        y_title=f"test {metric}",
        alt=f"Learning curves of {len(names)} strategies, {metric}.",
    )
    st.subheader("Area under the curve against random")
    _table(gain_rows(found, names), "Area, gain, test and labels saved of each strategy")
    st.caption(
        "Area over labels divided by their range, so that it reads like the metric. Gain in "
        "points with a 95% interval by bootstrap over seeds; wins, ties and losses by seed; p of "
        "the two-sided signed-rank test (zeros left out), and after Holm's correction for all "
        "strategies here. Labels saved are by accuracy. Random is that of the first experiment "
        "with the same model."
    )
    st.subheader("What cannot be concluded")
    st.markdown("\n".join(f"- {md_escape(note, longest=600)}." for note in cautions))
    st.subheader("The last round")
    _table(final_rows(found, names), "Metrics of the last round of each strategy")


def show_calibration(found: Comparison) -> None:
    """The reliability of one strategy's last models, beside random's."""
    names = compare.called(found)
    entries = dict(zip(_ids(found), found.entries, strict=True))
    known = dict(zip(entries, names, strict=True))
    order = sorted(entries, key=lambda each: entries[each].is_random)
    chosen = choose(
        "Strategy", {each: each for each in order}, key="strategy", show=known.__getitem__
    )
    entry = entries[chosen]
    sentence = compare.reliability_sentence(known[chosen], entry)
    st.markdown(md_escape(sentence, longest=600))
    table = compare.reliability_table(entry, compare.baseline(found, entry))
    if not len(table):
        return
    with st.container(width=_WIDTH):
        draw_chart(
            reliability,
            table,
            subtitle=f"{compare.subtitle(found, [entry])}, {known[chosen]}",
            alt=f"Accuracy against the largest probability. {sentence}",
        )
        st.caption(
            "15 bins of equal width over the largest probability, the last round of all seeds "
            "together; the larger a point, the more samples; below the diagonal is overconfident. "
            "ECE is the mean distance to the diagonal over samples."
        )


def show_batches(found: Comparison) -> None:
    """What was labelled, how long choosing took, how much the batches have in common."""
    _table(batch_rows(found, compare.called(found)), "Classes, times and overlap of batches")
    st.caption(
        f"{compare.subtitle(found, found.entries)}. Classes among all labels, the initial ones "
        "included; median time to choose a batch; “with 2” is the share of samples that the "
        "batches of this and the second strategy have in common (Jaccard index), between runs "
        "with the same seed and as many labels, mean over rounds and seeds. The column of random "
        "shows what chance gives."
    )


def _ids(found: Comparison) -> list[str]:
    """What stands in the address; the name alone where that is enough, as on other pages."""
    several = len({entry.experiment for entry in found.entries}) > 1
    return [
        entry.curve.strategy + (f":{entry.experiment}" if several else "")
        for entry in found.entries
    ]


def _table(rows: Sequence[Row], alt: str) -> None:
    st.table(pd.DataFrame(rows).map(md_escape), alt=alt, hide_index=True)
