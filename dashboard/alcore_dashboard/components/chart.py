"""Charts whose specification is made once for the same data: Altair takes 20 to 60 ms for one."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from alcore_dashboard.figures.style import Figure


def draw_chart(
    make: Callable[..., Figure],
    *data: object,
    alt: str,
    width: Literal["stretch", "content"] = "stretch",
    **words: object,
) -> None:
    """Draw the chart that `make(*data, **words)` gives; its data must be `figures.style.inline`.

    Args:
        make: A function of `figures`.
        data: Its positional arguments, tables among them.
        alt: What the chart shows, for those who do not see it.
        width: Of the column, or the chart's own.
        words: Its named arguments.
    """
    spec = _specification(f"{make.__module__}.{make.__qualname__}", make, data, words)
    st.vega_lite_chart(spec, width=width, alt=alt)


@st.cache_data(max_entries=100, show_spinner=False)
def _specification(
    name: str, _make: Callable[..., Figure], data: tuple[object, ...], words: dict[str, object]
) -> dict[str, Any]:
    del name  # with the data, what the cache goes by
    spec: dict[str, Any] = _make(*data, **words).to_dict(validate=False)
    spec["config"].pop("view", None)  # Altair's default sizes, which would hide Streamlit's
    return spec
