"""The parts of the Budget page below the entry, each a heading, a sentence and a chart."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from alcore.rounds import RoundResult
from alcore.types import IntArray
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures import budget as figures
from alcore_dashboard.services import budget, budget_gains, budget_mix
from alcore_dashboard.services.budget import Cut
from alcore_dashboard.services.units import Units

NEAR, LISTED = 4, 200


def draw_curve(cut: Cut, about: str) -> None:
    """The ranked pool, and the samples on both sides of the cut.

    Args:
        cut: The cut.
        about: What n, round and seed are.
    """
    table = budget.curve(cut)
    mean = float(cut.ranking.values.mean(dtype=np.float64))
    draw_chart(
        figures.utility_curve,
        table,
        n=cut.n,
        mean=mean,
        title=cut.title,
        subtitle=about,
        alt=f"Values of {cut.title} over the ranked pool, cut after {cut.n} samples",
    )
    csv_button("The curve as CSV", table, file="curve.csv", quiet=True)
    _cards(cut, "Just inside the cut", max(0, cut.n - NEAR), cut.n)
    _cards(cut, "Just outside", cut.n, cut.n + NEAR)


def _cards(cut: Cut, heading: str, first: int, last: int) -> None:
    """One card per sample, in the order of the ranking."""
    st.subheader(heading)
    samples = cut.rows(first, last).to_dict("records")
    if not samples:
        st.caption("Nothing is left outside: the budget covers the whole pool.")
    with st.grid(4, min_column_width=140):
        for sample in samples:
            with st.container(border=True, gap="xsmall"):
                if url := picture_url(sample["picture"]):
                    st.image(url, width=96, alt=f"Sample {sample['id']}, {heading.lower()}")
                st.markdown(f"**{sample['order']:,}.** {md_escape(sample['id'], longest=40)}")
                said = md_escape(sample["predicted"], longest=40)
                st.markdown(f"says {said} ({sample['probability']:.0%})")
                st.caption(f"{md_escape(cut.title)} {sample['value']:.4f}")


def draw_list(cut: Cut) -> None:
    """The download, and the head of the list."""
    st.subheader("The list to label")
    csv_button(f"Download all {cut.n:,} as CSV", cut.list_csv, file="to_label.csv")
    shown = min(cut.n, LISTED)
    if shown < cut.n:
        st.caption(f"The first {shown} of {cut.n:,} samples; the CSV has all.")
    rows = cut.rows(0, shown)
    takeaway(f"By {md_escape(cut.title)} label {md_escape(rows['id'].iloc[0])} first.")
    number = st.column_config.NumberColumn
    st.dataframe(
        rows.assign(picture=rows["picture"].map(picture_url)),
        hide_index=True,
        column_order=["order", "picture", "id", "value", "predicted", "probability"],
        column_config={
            "picture": st.column_config.ImageColumn(),
            "value": number(cut.title, format="%.4f"),
            "probability": number(format="%.3f", help="Of the predicted class"),
        },
        alt=f"The first {shown} samples to label, most uncertain first",
    )


def draw_mix(cut: Cut, about: str, predicted: IntArray, labels: IntArray | None) -> None:
    """Classes of the batch by prediction, and by truth where the dataset knows it.

    Args:
        cut: The cut.
        about: What n, round and seed are.
        predicted: Most probable class of every pool sample, shape (n,).
        labels: Class of every sample of the dataset, -1 where unknown; None where all are.
    """
    st.subheader("Which classes the batch holds")
    st.caption(
        "Dots: the batch. Ticks: the pool. Grey bands: where 19 of 20 random batches of this "
        "size have their share; by chance alone 1 class in 20 lies beyond."
    )
    with st.grid(2, min_column_width=320) as grid:
        with grid.cell():
            _draw_classes(cut, about, "predicted class", predicted)
        truth = None if labels is None else labels[cut.pool.positions]
        if truth is not None and (truth >= 0).any():
            with grid.cell():
                _draw_classes(cut, about, "true class", truth)
                st.caption(
                    f"Simulation: the dataset knows the true class of {(truth >= 0).sum():,} of "
                    f"{len(truth):,} pool samples. With real labelling nobody knows them."
                )


def _draw_classes(cut: Cut, about: str, by: str, labels: IntArray) -> None:
    mix = budget_mix.class_mix(labels, cut.chosen, cut.pool.class_names)
    shown = budget_mix.most_different(mix)
    st.markdown(md_escape(budget_mix.mix_takeaway(mix, by), longest=600))
    part = f"; the {len(shown)} of {len(mix)} classes that differ most"
    draw_chart(
        figures.class_mix,
        shown,
        title=f"By {by}" + (" (simulation only)" if by == "true class" else ""),
        subtitle=about + (part if len(shown) < len(mix) else ""),
        alt=f"Share of each {by} in the batch, in the pool and in random batches",
    )
    file = f"{by.replace(' ', '_')}.csv"
    csv_button(f"{by.capitalize()} as CSV", mix, file=file, quiet=True)


def draw_overlap(cut: Cut, about: str, others: Mapping[str, IntArray]) -> None:
    """What other criteria would pick as well.

    Args:
        cut: The cut.
        about: What n, round and seed are.
        others: Order of the pool by every other criterion, by title.
    """
    st.subheader("Would another criterion pick the same?")
    table = budget_mix.overlap_table(cut.ranking.order, others, cut.n)
    takeaway(md_escape(budget_mix.overlap_takeaway(table, cut.title, cut.n), longest=600))
    draw_chart(
        figures.overlap_bars,
        table,
        title=f"Shared with {cut.title}",
        subtitle=about,
        alt=f"Share of the {cut.n} picks of {cut.title} that others and random pick as well",
    )
    csv_button("Overlap as CSV", table, file="overlap.csv", quiet=True)


def draw_gains(results: Sequence[RoundResult], n: int, units: Units, seed: int) -> None:
    """What earlier batches of this size brought in this run."""
    st.subheader("What earlier batches of this size brought")
    table, n_test = budget_gains.gains(results, n, units), results[-1].test.n
    takeaway(md_escape(budget_gains.gains_takeaway(table, n, n_test, units), longest=600))
    if table.empty:
        return
    draw_chart(
        figures.gain_bars,
        table,
        subtitle=f"n = {n_test} test samples, seed {seed} (1 seed)",
        alt=f"Points of test accuracy gained by each of {len(table)} batches of this run",
    )
    st.table(budget_gains.gains_text(table), alt="What earlier batches brought", hide_index=True)
    csv_button("Gains as CSV", table, file="gains.csv", quiet=True)
