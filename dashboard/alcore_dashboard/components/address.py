"""Choices that stand in the address of the page, so that a copied address shows the same page.

Streamlit can bind a widget to the address, but then the address holds the text of the chosen
option: renaming an experiment would break every link to it. Here it holds ids.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st

from alcore_dashboard.components.text import md_escape

_NOTES = "address"
_LONGEST = 40


@dataclass(kw_only=True)
class _Notes:
    """What one visitor chose so far.

    Attributes:
        page: The page that was shown last.
        asked: What its address said, by query parameter.
        chosen: What was picked or linked to; it holds on every page that asks for the same.
        shown: What was shown last, which may be a default.
        drawn: The parameters of this page, and whether they stand in the address.
        refused: Names and texts of what the address asks for in vain.
        kept: What stays as it is shown until another page is opened, though the default moves.
        whole: Whether the whole page is being drawn, not a fragment of it alone.
    """

    page: str | None = None
    asked: dict[str, str | None] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, bool] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    whole: bool = False


def _notes() -> _Notes:
    notes: _Notes = st.session_state.setdefault(_NOTES, _Notes())
    return notes


@contextmanager
def address_of_choices(page: str) -> Iterator[None]:
    """Around a page: above it what its address asks for in vain, in the address what it shows."""
    place = st.container()
    notes = _notes()
    if page != notes.page:
        notes.page = page
        notes.asked.clear()
        notes.kept.clear()
    notes.drawn.clear()
    notes.refused.clear()
    notes.whole = True
    try:
        yield
    finally:
        with place:
            for label, asked in notes.refused:
                _warn(label, asked)
        write_address()
        notes.whole = False


def write_address() -> None:
    """Write all choices of the page into the address at once; also for the end of a fragment."""
    notes = _notes()
    now = {key: notes.shown[key] for key, is_written in notes.drawn.items() if is_written}
    if notes.chosen and any(st.query_params.get(key) != text for key, text in now.items()):
        st.query_params.update(now)
        notes.asked.update(now)
    for key in notes.drawn:
        if not notes.shown[key] and key in st.query_params:
            del st.query_params[key]
            notes.asked[key] = None


def chosen_text(
    key: str,
    default: str,
    is_allowed: Callable[[str], bool],
    *,
    label: str,
    moving: bool = False,
    stays: bool = False,
) -> str:
    """What is chosen for `key`, as it stands in the address.

    An address that was opened or gone back to comes first, then what was picked in the widget
    of that key, then what was chosen before, perhaps on another page.

    Args:
        key: Name of the query parameter and key of the widget.
        default: What holds until something is chosen, and instead of what is not there.
        is_allowed: Whether a text can be chosen now.
        label: Name for people.
        moving: Whether the default may be another one tomorrow; then it stands in the address too.
        stays: Whether it is shown all the same until another page is opened.
    """
    notes = _notes()
    asked, picked = st.query_params.get(key), st.session_state.get(key)
    if not notes.whole and key in notes.asked:
        # An address is opened with the whole page; what a fragment on a timer brings along may
        # be older than what was written since.
        asked = notes.asked[key]
    if asked is not None and asked != notes.asked.get(key):
        notes.chosen[key] = asked
        if not is_allowed(asked):
            notes.refused.append((label, asked))
    elif asked is None and notes.asked.get(key) is not None:
        notes.chosen.pop(key, None)
    elif picked is not None and str(picked) != notes.shown.get(key, default):
        notes.chosen[key] = str(picked)
    candidates = (notes.chosen.get(key), asked, notes.kept.get(key), default)
    shown = next(text for text in candidates if text == default or (text and is_allowed(text)))
    if stays:
        notes.kept[key] = shown
    notes.asked[key], notes.shown[key] = asked, shown
    notes.drawn[key] = shown != "" and (moving or key in notes.chosen)
    return shown


def _warn(label: str, asked: str) -> None:
    st.warning(
        f"The address asks for {md_escape(label.lower())} “{md_escape(asked, longest=_LONGEST)}”, "
        "which is not here; the page shows the default instead.",
        icon=":material/link_off:",
    )
