"""All samples of three classes at once, and one of them to be moved."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from alcore.components import StrategySpec
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.simplex import triangle
from alcore_dashboard.services import criteria, criteria_simplex
from alcore_dashboard.services.criteria_ranking import Ranking, common_sentence, rank_all
from alcore_dashboard.services.criteria_sources import Source

_EXPLAINED = (
    "Every point of a triangle is a sample. At a corner the model is sure of that class; in the "
    "middle it knows nothing. The lighter a place, the earlier the criterion labels it."
)


@st.fragment
def explore_triangle(samples: Source, strategies: Mapping[str, StrategySpec]) -> None:
    """One triangle per criterion, with the samples; two sliders move one of them."""
    with errors_as_sentences():
        summary = st.container()
        st.caption(_EXPLAINED)
        shown = _moved(samples)
        rankings = rank_all(shown, strategies)
        with summary:
            takeaway(md_escape(criteria.takeaway(shown, rankings)))
        with st.grid(3, min_column_width=290):
            for ranking in rankings:
                if ranking.error is None:
                    picked = ranking.rows[:1]
                    _draw(
                        shown,
                        ranking,
                        criteria_simplex.dots(shown.ids or (), shown.probabilities, picked),
                        f"{shown.subtitle}, red ▲ is picked",
                        alt=f"Triangle of three classes ranked by {ranking.title}, which picks "
                        f"{shown.names(picked)[0]}",
                    )


def _moved(samples: Source) -> Source:
    with st.grid(3, min_column_width=240, vertical_alignment="bottom"):
        names = list(samples.ids or ())
        name = st.selectbox("Sample to move", names, key="triangle_sample")
        index = names.index(name) if name in names else 0
        first, share = criteria_simplex.sliders(samples.probabilities[index])
        # A changed table gives other sliders, which begin where the sample now is.
        key = f"triangle_{names[index]}_{first}_{share}"
        one, two, three = (md_escape(c, longest=40) for c in samples.class_names)
        first = st.slider(f"Probability of {one}", 0.0, 1.0, first, 0.01, key=f"{key}_first")
        share = st.slider(
            f"How much of the rest {two} gets", 0.0, 1.0, share, 0.01, key=f"{key}_share"
        )
    shown = criteria_simplex.moved(samples, index, first, share)
    p = shown.probabilities[index]
    st.caption(f"{md_escape(names[index])}: {one} {p[0]:.2f}, {two} {p[1]:.2f}, {three} {p[2]:.2f}")
    return shown


def triangle_of_picks(source: Source, rankings: Sequence[Ranking], n: int) -> None:
    """Where each criterion's first n picks lie, for sources of three classes."""
    takeaway(common_sentence(rankings, n))
    st.caption(_EXPLAINED)
    with st.grid(3, min_column_width=290):
        for ranking in rankings:
            rows = ranking.rows[: min(n, criteria_simplex.DOTS_SHOWN)]
            _draw(
                source,
                ranking,
                criteria_simplex.dots(source.names(rows), source.probabilities[rows], ()),
                f"dots: its first {len(rows)} picks; {source.subtitle}",
                alt=f"The first {len(rows)} picks by {ranking.title}",
            )


def _draw(source: Source, ranking: Ranking, dots: pd.DataFrame, subtitle: str, alt: str) -> None:
    draw_chart(
        triangle,
        criteria_simplex.heat(ranking.criterion),
        dots,
        source.class_names,
        title=ranking.title,
        subtitle=subtitle,
        width="content",
        alt=alt,
    )
