"""Downloads of what a page shows."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from alcore_dashboard.services.csv_file import csv_file


def csv_button(
    label: str,
    content: pd.DataFrame | Callable[[], bytes],
    *,
    file: str,
    quiet: bool = False,
    disabled: bool = False,
) -> None:
    """A table, or what a function gives, as a CSV file that is made when it is asked for."""
    st.download_button(
        label,
        content if callable(content) else lambda: csv_file(content),
        file_name=file,
        mime="text/csv",
        key=f"download_{file}",
        type="tertiary" if quiet else "secondary",
        icon=":material/download:",
        on_click="ignore",
        disabled=disabled,
    )
