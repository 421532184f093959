"""The article's table: what each criterion makes of a few samples."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.criteria_ranking import say_failures
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.criteria import class_bars
from alcore_dashboard.services import criteria
from alcore_dashboard.services.criteria_ranking import Ranking
from alcore_dashboard.services.criteria_sources import Source

MOST_CHARTS = 12
_INVISIBLE = "\u2060"


def draw_bars(samples: Source) -> None:
    """One small chart per sample."""
    table, names = criteria.long_form(samples), samples.ids or ()
    with st.grid(3, min_column_width=280):
        for name in names[:MOST_CHARTS]:
            one = table[table[criteria.ID] == name]
            top = one["class"].iloc[int(one["probability"].argmax())]
            draw_chart(
                class_bars,
                one,
                title=f"Sample {name}",
                subtitle=f"n = 1 sample, {len(one)} classes",
                alt=f"Class probabilities of sample {name}, highest for {top}",
            )
    if len(names) > MOST_CHARTS:
        st.caption(f"Charts of the first {MOST_CHARTS} of {len(names)} samples.")


def draw_values(samples: Source, rankings: Sequence[Ranking]) -> None:
    """Value, direction and equation per criterion; its pick is red and carries a mark."""
    titles = ["criterion", "picks the", *map(md_escape, samples.ids or ())]
    lines = [_line(ranking, len(samples)) for ranking in rankings]
    table = pd.DataFrame(lines, columns=_all_different(titles))
    st.table(
        table.set_index("criterion"),
        alt="Value of each criterion for each sample, and which end is uncertain",
    )
    st.caption("▲ picked, in red, marks the sample that the criterion would label first.")
    st.markdown("\n".join(map(_explained, rankings)))
    say_failures(rankings)


def _line(ranking: Ranking, n: int) -> list[str]:
    end = "largest" if ranking.criterion.direction == "max" else "smallest"
    cells = ["–"] * n
    for place, (row, value) in enumerate(zip(ranking.rows, ranking.values, strict=True)):
        cells[row] = f"{value:.3f}" if place else f":red[**{value:.3f} ▲ picked**]"
    return [md_escape(ranking.title), end, *cells]


def _explained(ranking: Ranking) -> str:
    one = ranking.criterion
    said = " ".join(part for part in (one.summary, criteria.equation(one)) if part)
    said = said or "its plugin does not say how it is computed."
    return f"- **{md_escape(ranking.title)}**: {md_escape(said, longest=1000)}"


def _all_different(titles: Sequence[str]) -> list[str]:
    """A sample may be called "criterion", and long names may be cut to the same text."""
    seen: Counter[str] = Counter()
    found = []
    for title in titles:
        found.append(title + _INVISIBLE * seen[title])
        seen[title] += 1
    return found
