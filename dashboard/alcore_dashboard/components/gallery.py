"""Samples as cards: picture, classes, criteria, what became of them; and as a table to sort."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from alcore.types import FloatArray, IntArray
from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.style import BLUE, GREY
from alcore_dashboard.services.worst import NONE, UNKNOWN, Worst
from alcore_dashboard.services.worst_table import same_picture

BARS = 10
_VISIBLE = 0.005  # less is 0.00 in print
_SIDE, _BESIDE = 96, 146
# A bar is coloured space, which no screen reader has to spell; Streamlit pads it by three spaces.
_WHOLE, _PADDING = 60, 3
_LATEST = 4
_NEW_LINE = "  \n"


def gallery(worst: Worst, shown: IntArray, values: Mapping[str, FloatArray]) -> None:
    """The shown samples, as many in a row as there is room for.

    Args:
        worst: The samples.
        shown: Indices of those to draw.
        values: Of every criterion, by its title with the mark of its direction, shape (k,).
    """
    groups = same_picture(worst)
    with st.grid("auto", min_column_width=290):
        for index in shown.tolist():
            with st.container(border=True, gap="small"):
                _head(worst, index, groups[index])
                st.markdown(details(worst, index, values))


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


def _head(worst: Worst, index: int, group: int) -> None:
    url = picture_url(worst.picture(index))
    if url is None:
        st.markdown(head_text(worst, index, group))
        return
    with st.container(horizontal=True, gap="small"):
        st.image(url, width=_SIDE, alt=f"Sample {worst.ids[index]}")
        st.markdown(head_text(worst, index, group), width=_BESIDE)


def head_text(worst: Worst, index: int, group: int) -> str:
    """Which sample it is, whether the model is right, and its badges, as markdown."""
    name = f"**{index + 1}.** {md_escape(worst.ids[index], longest=60)}"
    lines = [name, _verdict(worst, index), _badges(worst, index, group)]
    return _NEW_LINE.join(line for line in lines if line)


def details(worst: Worst, index: int, values: Mapping[str, FloatArray]) -> str:
    """Class bars, criteria and what became of the sample, as markdown."""
    lines = [
        f"{md_escape(title, longest=30)} {column[index]:.3f}" for title, column in values.items()
    ]
    parts = [_bars(worst, index), lines]
    if len(worst.later.rounds):
        parts.append([_afterwards(worst, index)])
    small = (_NEW_LINE.join(f":small[{line}]" for line in part) for part in parts if part)
    return "\n\n".join(small)


def _verdict(worst: Worst, index: int) -> str:
    said, truth = int(worst.predicted[index]), int(worst.truth[index])
    name = _class(worst, said)
    if truth == UNKNOWN:
        return f"says **{name}**"
    if said == truth:
        return f":green[✓ right], says **{name}**"
    return f":red[✗ wrong], says **{name}**, is **{_class(worst, truth)}**"


def _class(worst: Worst, label: int) -> str:
    return md_escape(worst.dataset.class_names[label], longest=30)


def _badges(worst: Worst, index: int, group: int) -> str:
    picked = ":blue-badge[picked] " if worst.picked[index] else ""
    return picked + (f":orange-badge[same picture {group}]" if group else "")


def _bars(worst: Worst, index: int) -> list[str]:
    row, truth = worst.probabilities[index], int(worst.truth[index])
    order = np.argsort(-row, kind="stable")
    first = [label for label in order[:BARS].tolist() if row[label] >= _VISIBLE]
    if truth not in (UNKNOWN, *first):
        first[BARS - 1 :] = [truth]
    lines = []
    for label in first:
        colour = BLUE if label == order[0] else GREY
        mark = " ◀ true" if label == truth else ""
        lines.append(
            f"{_bar(float(row[label]), colour)}**{_class(worst, label)}** {row[label]:.2f}{mark}"
        )
    if rest := len(order) - len(first):
        lines.append(
            f"{rest} more class{'es' * (rest > 1)}, together {max(1 - row[first].sum(), 0.0):.2f}"
        )
    return lines


def _bar(probability: float, colour: str) -> str:
    width = round(min(probability, 1.0) * _WHOLE)
    if width < _PADDING - 1:
        return ""
    spaces = "\u00a0" * (width - _PADDING) or "\u200b"
    return f':color[{spaces}]{{background="{colour}"}} '


def _afterwards(worst: Worst, index: int) -> str:
    """The newest later predictions that are kept, oldest first, and when it was labelled."""
    later, truth = worst.later, int(worst.truth[index])
    seen = np.flatnonzero(later.predicted[:, index] != NONE)
    parts = ["…"] if len(seen) > _LATEST else []
    for row in seen[-_LATEST:]:
        said = int(later.predicted[row, index])
        mark = "" if truth == UNKNOWN else ":green[✓] " if said == truth else ":red[✗] "
        top = later.top[row, index]
        parts.append(f"round {later.rounds[row]}: {mark}**{_class(worst, said)}** {top:.2f}")
    labelled = int(later.labelled_in[index])
    if labelled != NONE:
        parts.append(f"labelled in round {labelled}, training data since")
    return f"After retraining – {'; '.join(parts) or 'no prediction kept'}"
