"""Form fields made from what options say of themselves."""

from collections.abc import Sequence

import streamlit as st

from alcore.options import OptionInfo, Scalar
from alcore_dashboard.components.text import md_escape


def option_fields(infos: Sequence[OptionInfo], *, key: str) -> dict[str, Scalar]:
    """One field per option, side by side where there is room; the values by option name."""
    if not infos:
        return {}
    with st.grid("auto", min_column_width=150, vertical_alignment="bottom"):
        return {info.name: option_field(info, key=f"{key}_{info.name}") for info in infos}


def option_field(info: OptionInfo, *, key: str) -> Scalar:
    """The field that fits the option's type, bounds and choices."""
    label, help_text = md_escape(info.name.replace("_", " ")), md_escape(info.help)
    if info.choices:
        index = info.choices.index(info.default)
        chosen: Scalar = st.selectbox(label, info.choices, index=index, key=key, help=help_text)
        return chosen
    if info.kind is bool:
        return st.checkbox(label, bool(info.default), key=key, help=help_text)
    if info.kind is str:
        return st.text_input(label, str(info.default), key=key, help=help_text)
    return _number(info, label, help_text, key)


def _number(info: OptionInfo, label: str, help_text: str, key: str) -> int | float:
    kind = int if info.kind is int else float
    low, high = (None if b is None else kind(b) for b in (info.minimum, info.maximum))
    shown = None if kind is int else "%g"
    value = st.number_input(
        label, low, high, kind(info.default), format=shown, key=key, help=help_text
    )
    return value if value is not None else kind(info.default)
