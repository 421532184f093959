"""A ranking of many samples: the first rows, how criteria differ, the picks as CSV."""

from collections.abc import Mapping, Sequence

import streamlit as st

from alcore.components import StrategySpec
from alcore.strategies import Criterion
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.criteria import rank_chart
from alcore_dashboard.services import criteria_ranking
from alcore_dashboard.services.criteria_ranking import Ranking
from alcore_dashboard.services.criteria_sources import BY_KEY, Source


def rankings_of(source: Source, strategies: Mapping[str, StrategySpec]) -> list[Ranking]:
    """The source ranked by every criterion; those that fail get their sentence and are left out."""
    rank = _kept if source.key else criteria_ranking.rank
    rankings = criteria_ranking.rank_all(source, strategies, rank)
    say_failures(rankings)
    return [ranking for ranking in rankings if ranking.error is None]


def say_failures(rankings: Sequence[Ranking]) -> None:
    """Which criteria failed, and why."""
    for ranking in rankings:
        if ranking.error is not None:
            st.warning(f"{md_escape(ranking.name)} failed: {md_escape(ranking.error)}")


@st.cache_resource(max_entries=64, show_spinner="Ranking the samples", hash_funcs=BY_KEY)
def _kept(source: Source, name: str, title: str, _criterion: Criterion) -> Ranking:
    return criteria_ranking.rank(source, name, title, _criterion)


def draw_rows(source: Source, ranking: Ranking, rankings: list[Ranking], n: int) -> None:
    """The first rows of the ranking, with pictures and class bars where there are any."""
    takeaway(md_escape(criteria_ranking.table_sentence(source, ranking, n)))
    table = criteria_ranking.top_rows(source, ranking, rankings, n)
    table["picture"] = table["picture"].map(picture_url)
    pictures = bool(table["picture"].notna().any())
    st.dataframe(
        table if pictures else table.drop(columns="picture"),
        hide_index=True,
        row_height=56 if pictures else None,
        column_config={
            "order": st.column_config.NumberColumn(width="small"),
            "picture": st.column_config.ImageColumn(width="small"),
            "value": st.column_config.NumberColumn(ranking.title, format="%.4f"),
            "probability": st.column_config.NumberColumn(
                format="%.3f", help="Of the predicted class"
            ),
            "bars": st.column_config.BarChartColumn(
                "class bars", y_min=0, y_max=max(map(max, table["bars"]))
            ),
        },
        placeholder=f"> {len(ranking.rows):,}",
        alt=f"The first {len(table)} samples by {ranking.title}, most uncertain first",
    )
    shown = f"The first {len(table):,} of {n:,} picks. " if len(table) < n else ""
    bars = md_escape(criteria_ranking.bar_order(source.class_names), longest=1000)
    st.caption(f"{shown}{md_escape(source.subtitle)}. {bars}")
    csv_button(
        "Download the picks as CSV",
        lambda: criteria_ranking.picks_as_csv(source, ranking, n).encode(),
        file="picks.csv",
    )


def draw_agreement(source: Source, ranking: Ranking, rankings: list[Ranking], n: int) -> None:
    """How ranks change from criterion to criterion, and how many picks they share."""
    ordered = [ranking, *(other for other in rankings if other.name != ranking.name)]
    lines = criteria_ranking.rank_lines(source, ranking, ordered, n)
    sentence = criteria_ranking.rank_sentence(lines)
    takeaway(md_escape(sentence))
    shown = lines["sample"].nunique()
    draw_chart(
        rank_chart,
        lines,
        [one.title for one in ordered],
        n=n,
        title=f"The first {shown} by {ranking.title}, ranked by all",
        subtitle=source.subtitle,
        alt=f"Rank of {shown} samples by each of {len(ordered)} criteria. {sentence}",
    )
    takeaway(md_escape(criteria_ranking.overlap_sentence(rankings, n, len(source))))
    table = criteria_ranking.overlap_table(rankings, n, len(source))
    st.table(
        table.rename(index=md_escape, columns=md_escape),
        alt=f"How many of their first {n} picks each two criteria share",
    )
    st.caption(f"Shared picks of {n:,} each. {md_escape(source.subtitle)}.")
