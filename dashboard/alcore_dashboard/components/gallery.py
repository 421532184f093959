"""Samples as cards: picture, classes, probabilities."""

import streamlit as st

from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services.worst import WorstSample

BARS = 3
_SIDE = 112


def gallery(samples: tuple[WorstSample, ...]) -> None:
    """All samples, as many in a row as there is room for."""
    with st.grid("auto", min_column_width=168):
        for number, sample in enumerate(samples, start=1):
            with st.container(border=True, gap="xsmall"):
                _card(sample, number)


def _card(sample: WorstSample, number: int) -> None:
    if url := picture_url(sample.picture):
        st.image(url, width=_SIDE, alt=f"Sample {sample.id}")
    st.markdown(f"**{number}.** {md_escape(sample.id, longest=40)}")
    st.markdown(_verdict(sample))
    class_bars(sample.probabilities[:BARS])


def _verdict(sample: WorstSample) -> str:
    said = f"says {md_escape(sample.predicted, longest=40)}"
    if sample.truth is None:
        return said
    if sample.is_right:
        return f":green[✓ right], {said}"
    return f":red[✗ wrong], {said}, is {md_escape(sample.truth, longest=40)}"


def class_bars(probabilities: tuple[tuple[str, float], ...]) -> None:
    """A bar per class, the classes in the given order."""
    for name, value in probabilities:
        st.progress(min(value, 1.0), text=f"{md_escape(name, longest=30)} {value:.2f}")
