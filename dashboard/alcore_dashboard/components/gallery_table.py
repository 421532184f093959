"""The same samples as a table: all of them at once, to sort and to search."""

import pandas as pd
import streamlit as st

from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.services.worst import Worst


def sample_table(worst: Worst, table: pd.DataFrame, marks: dict[str, str]) -> None:
    """Rows of `worst_table` with pictures and class bars.

    Args:
        worst: The samples.
        table: The rows to show.
        marks: For each criterion's column its title with the mark of its direction.
    """
    shown = table.copy()
    rows = table.index.tolist()
    shown.insert(2, "classes", [worst.probabilities[row].tolist() for row in rows])
    if any(worst.pictures):
        shown.insert(0, "picture", [picture_url(worst.picture(row)) for row in rows])
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        row_height=48,
        placeholder="–",
        column_config={
            "picture": st.column_config.ImageColumn(pinned=True),
            "classes": st.column_config.BarChartColumn(
                y_min=0, y_max=1, help="Probability of each class, in the order of the classes"
            ),
            "probability": number(format="%.3f", help="Of the predicted class"),
            "later probability": number(format="%.3f", help="Of the class predicted later"),
            **{name: number(mark, format="%.3f") for name, mark in marks.items()},
        },
        alt=f"The {len(shown)} samples, the least sure first",
    )
