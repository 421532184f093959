"""Three samples, five classes: which one would each criterion label next?"""

import pandas as pd
import streamlit as st

from alcore.errors import UsageError
from alcore_dashboard import figures
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.errors import show_error
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import criteria
from alcore_dashboard.shared import shared_registry

EDITOR = "criteria_table"
_NUMBER = st.column_config.NumberColumn(
    min_value=0.0, max_value=1.0, step=0.01, format="%.2f", required=True
)


def edited_samples() -> pd.DataFrame:
    """The table, editable; the example until somebody changes it."""
    classes = [column for column in criteria.EXAMPLE.columns if column != criteria.ID]
    return st.data_editor(
        criteria.EXAMPLE,
        key=EDITOR,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            criteria.ID: st.column_config.TextColumn("sample", required=True, pinned=True),
            **dict.fromkeys(classes, _NUMBER),
        },
        alt="Class probabilities of the samples, editable; each row must sum to 1",
    )


def draw_bars(samples: criteria.Samples) -> None:
    """One small chart per sample."""
    table = criteria.long_form(samples)
    with st.grid(3, min_column_width=280):
        for name in samples.ids:
            one = table[table[criteria.ID] == name]
            chart = figures.class_bars(
                one, title=f"Sample {name}", subtitle=f"n = 1 sample, {len(one)} classes"
            )
            top = one["class"].iloc[int(one["probability"].argmax())]
            st.altair_chart(chart, alt=f"Class probabilities of sample {name}, highest for {top}")


def draw_values(samples: criteria.Samples, rows: tuple[criteria.CriterionRow, ...]) -> None:
    """One line per criterion; its pick is red and carries a mark."""
    lines = []
    for row in rows:
        end = "largest" if row.direction == "max" else "smallest"
        line = {"criterion": md_escape(row.title), "picks the": end}
        for i, name in enumerate(samples.ids):
            line[md_escape(name)] = (
                "–" if row.values is None else _cell(row.values[i], i == row.picked)
            )
        lines.append(line)
    st.table(
        pd.DataFrame(lines).set_index("criterion"), alt="Value of each criterion for each sample"
    )
    st.caption(":red[**▲ picked**] marks the sample that the criterion would label first.")
    for row in rows:
        if row.error is not None:
            st.warning(f"{md_escape(row.name)} failed: {md_escape(row.error)}")


def _cell(value: float, picked: bool) -> str:
    return f":red[**{value:.3f} ▲ picked**]" if picked else f"{value:.3f}"


summary = st.container()
st.subheader("What the model says")
st.caption("Each row is a sample, each column a class. Change a number; rows must sum to 1.")
table = edited_samples()
st.button(
    "Back to the example",
    icon=":material/undo:",
    on_click=st.session_state.pop,
    args=(EDITOR, None),
)
try:
    samples = criteria.read_samples(table)
except UsageError as error:
    with summary:
        takeaway("Correct the table below to see which sample each criterion picks.")
    show_error(error)
    st.stop()
rows = criteria.criterion_rows(samples, shared_registry().strategies)
with summary:
    takeaway(md_escape(criteria.takeaway(samples, rows)))
draw_bars(samples)
st.subheader("What each criterion makes of it")
if rows:
    draw_values(samples, rows)
else:
    empty_state(
        "No installed strategy offers a criterion.", page="plugins", label="See the plugins"
    )
