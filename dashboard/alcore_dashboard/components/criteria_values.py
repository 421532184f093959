"""The article's table: what each criterion makes of a few samples."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.criteria import class_bars
from alcore_dashboard.services import criteria

MOST_CHARTS = 12
_INVISIBLE = "\u2060"


def draw_bars(samples: criteria.Samples) -> None:
    """One small chart per sample."""
    table = criteria.long_form(samples)
    with st.grid(3, min_column_width=280):
        for name in samples.ids[:MOST_CHARTS]:
            one = table[table[criteria.ID] == name]
            top = one["class"].iloc[int(one["probability"].argmax())]
            draw_chart(
                class_bars,
                one,
                title=f"Sample {name}",
                subtitle=f"n = 1 sample, {len(one)} classes",
                alt=f"Class probabilities of sample {name}, highest for {top}",
            )
    if len(samples.ids) > MOST_CHARTS:
        st.caption(f"Charts of the first {MOST_CHARTS} of {len(samples.ids)} samples.")


def draw_values(samples: criteria.Samples, rows: Sequence[criteria.CriterionRow]) -> None:
    """Value, direction and equation per criterion; its pick is red and carries a mark."""
    titles = ["criterion", "picks the", *map(md_escape, samples.ids)]
    lines = [_line(row, len(samples.ids)) for row in rows]
    table = pd.DataFrame(lines, columns=_all_different(titles))
    st.table(
        table.set_index("criterion"),
        alt="Value of each criterion for each sample, and which end is uncertain",
    )
    st.caption("▲ picked, in red, marks the sample that the criterion would label first.")
    st.markdown("\n".join(map(_explained, rows)))
    for row in rows:
        if row.error is not None:
            st.warning(f"{md_escape(row.name)} failed: {md_escape(row.error)}")


def _line(row: criteria.CriterionRow, n: int) -> list[str]:
    end = "largest" if row.direction == "max" else "smallest"
    values = ["–"] * n
    if row.values is not None:
        values = [_cell(value, i == row.picked) for i, value in enumerate(row.values)]
    return [md_escape(row.title), end, *values]


def _explained(row: criteria.CriterionRow) -> str:
    said = " ".join(part for part in (row.summary, row.equation) if part)
    said = said or "its plugin does not say how it is computed."
    return f"- **{md_escape(row.title)}**: {md_escape(said, longest=1000)}"


def _cell(value: float, picked: bool) -> str:
    return f":red[**{value:.3f} ▲ picked**]" if picked else f"{value:.3f}"


def _all_different(titles: Sequence[str]) -> list[str]:
    """A sample may be called "criterion", and long names may be cut to the same text."""
    seen: Counter[str] = Counter()
    found = []
    for title in titles:
        found.append(title + _INVISIBLE * seen[title])
        seen[title] += 1
    return found
