"""The parts of the Budget page below the entry, each a heading, a sentence and a chart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from alcore.rounds import RoundResult
from alcore.types import IntArray
from alcore_dashboard.components import budget_samples
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures import budget as figures
from alcore_dashboard.services import budget, budget_gains, budget_mix
from alcore_dashboard.services import budget_samples as samples
from alcore_dashboard.services.units import Units


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A pool, its ranking, and how many are bought.

    Attributes:
        pool: The pool.
        ranking: Its ranking by the chosen criterion.
        n: Samples inside the cut, 1 to the size of the pool.
        title: Name of the criterion.
        about: What n, round and seed are, for charts.
        ids: Ids of all samples of the dataset.
        pictures: Positions in the dataset of which there is a thumbnail.
    """

    pool: budget.Pool
    ranking: budget.Ranking
    n: int
    title: str
    about: str
    ids: Sequence[str]
    pictures: Collection[int]

    def rows(self, ranks: IntArray) -> pd.DataFrame:
        """The samples at these places of the ranking."""
        return samples.samples_at(self.pool, self.ranking, ranks, self.ids, self.pictures)


def draw_curve(cut: Cut) -> None:
    """The ranked pool, and the samples on both sides of the cut."""
    values = cut.ranking.values
    table = budget.curve(cut.ranking, cut.n)
    st.altair_chart(
        figures.utility_curve(
            table,
            n=cut.n,
            mean=float(values.mean(dtype=np.float64)),
            title=cut.title,
            subtitle=cut.about,
        ),
        alt=f"Values of {cut.title} over the ranked pool, cut after {cut.n} samples",
    )
    csv_button("The curve as CSV", table, file="curve.csv", quiet=True)
    size = len(cut.pool)
    _draw_near(cut, "Just inside the cut", samples.inside(cut.n, size))
    _draw_near(cut, "Just outside", samples.outside(cut.n, size))


def _draw_near(cut: Cut, heading: str, ranks: IntArray) -> None:
    st.subheader(heading)
    if len(ranks):
        budget_samples.cards(cut.rows(ranks), cut.title, heading.lower())
    else:
        st.caption("Nothing is left outside: the budget covers the whole pool.")


def draw_list(cut: Cut) -> None:
    """The download, and the head of the list."""
    st.subheader("The list to label")
    csv_button(
        f"Download all {cut.n:,} as CSV",
        lambda: samples.list_csv(cut.pool, cut.ranking, cut.n, cut.ids),
        file="to_label.csv",
    )
    shown = min(cut.n, budget_samples.SHOWN)
    if shown < cut.n:
        st.caption(f"The first {shown} of {cut.n:,} samples; the CSV has all.")
    rows = cut.rows(np.arange(shown))
    takeaway(f"By {md_escape(cut.title)} label {md_escape(rows['id'].iloc[0])} first.")
    budget_samples.sample_list(rows, cut.title)


def draw_mix(cut: Cut, predicted: IntArray, labels: IntArray | None) -> None:
    """Classes of the batch by prediction, and by truth where the dataset knows it.

    Args:
        cut: The cut.
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
            _draw_classes(cut, "predicted class", predicted)
        truth = None if labels is None else labels[cut.pool.positions]
        if truth is not None and (truth >= 0).any():
            with grid.cell():
                _draw_classes(cut, "true class", truth)
                st.caption(
                    f"Simulation: the dataset knows the true class of {(truth >= 0).sum():,} of "
                    f"{len(truth):,} pool samples. With real labelling nobody knows them."
                )


def _draw_classes(cut: Cut, by: str, labels: IntArray) -> None:
    mix = budget_mix.class_mix(labels, cut.ranking.order[: cut.n], cut.pool.dataset.class_names)
    shown = budget_mix.most_different(mix)
    st.markdown(md_escape(budget_mix.mix_takeaway(mix, by), longest=600))
    part = f"; the {len(shown)} of {len(mix)} classes that differ most"
    st.altair_chart(
        figures.class_mix(
            shown,
            title=f"By {by}" + (" (simulation only)" if by == "true class" else ""),
            subtitle=cut.about + (part if len(shown) < len(mix) else ""),
        ),
        alt=f"Share of each {by} in the batch, in the pool and in random batches",
    )
    file = f"{by.replace(' ', '_')}.csv"
    csv_button(f"{by.capitalize()} as CSV", mix, file=file, quiet=True)


def draw_overlap(cut: Cut, others: Mapping[str, IntArray]) -> None:
    """What other criteria would pick as well.

    Args:
        cut: The cut.
        others: Order of the pool by every other criterion, by title.
    """
    st.subheader("Would another criterion pick the same?")
    table = budget_mix.overlap_table(cut.ranking.order, others, cut.n)
    takeaway(md_escape(budget_mix.overlap_takeaway(table, cut.title, cut.n), longest=600))
    st.altair_chart(
        figures.overlap_bars(table, title=f"Shared with {cut.title}", subtitle=cut.about),
        alt=f"Share of the {cut.n} picks of {cut.title} that others and random pick as well",
    )
    csv_button("Overlap as CSV", table, file="overlap.csv", quiet=True)


def draw_gains(results: Sequence[RoundResult], n: int, units: Units, seed: int) -> None:
    """What earlier batches of this size brought in this run."""
    st.subheader("What earlier batches of this size brought")
    found = budget_gains.gains(results, n)
    takeaway(md_escape(budget_gains.gains_takeaway(found, n, units), longest=600))
    if not found:
        return
    table = budget_gains.gains_table(found, units)
    st.altair_chart(
        figures.gain_bars(
            table, subtitle=f"n = {found[-1].n_test} test samples, seed {seed} (1 seed)"
        ),
        alt=f"Points of test accuracy gained by each of {len(found)} batches of this run",
    )
    st.table(budget_gains.gains_text(table), alt="What earlier batches brought", hide_index=True)
    csv_button("Gains as CSV", table, file="gains.csv", quiet=True)
