"""Which sample would each criterion label next: of a table, a file, or a stored round?"""

import streamlit as st

from alcore.errors import UsageError
from alcore_dashboard.components import upload
from alcore_dashboard.components.choose import choose_criterion, choose_named, choose_number
from alcore_dashboard.components.criteria_editor import edited_samples
from alcore_dashboard.components.criteria_ranking import draw_agreement, draw_rows, rankings_of
from alcore_dashboard.components.criteria_triangle import explore_triangle, triangle_of_picks
from alcore_dashboard.components.criteria_values import draw_bars, draw_values
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.errors import show_error
from alcore_dashboard.components.parts import draw_parts
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import criteria, criteria_simplex
from alcore_dashboard.services.criteria_ranking import RANKED, criteria_by_name, rank_all
from alcore_dashboard.services.criteria_sources import Source
from alcore_dashboard.shared import shared_registry, shared_store

SOURCES = {
    "example": "An example to play with",
    "upload": "A file to upload",
    "file": "A file on the server",
    "run": "A round of a stored run",
}
DEFAULT_BUDGET = 10
strategies = shared_registry().strategies


def show_example() -> None:
    """The article's table, to be edited, and what each criterion makes of it."""
    summary = st.container()
    charts = st.container()
    st.caption("Each row is a sample, each column a class. Change a number; rows must sum to 1.")
    table = edited_samples()
    try:
        samples = criteria.read_samples(table)
    except UsageError as error:
        with summary:
            takeaway("Correct the table below to see which sample each criterion picks.")
        show_error(error)
        return
    rankings = rank_all(samples, strategies)
    with summary:
        takeaway(md_escape(criteria.takeaway(samples, rankings)))
    with charts:
        draw_bars(samples)
    parts = {
        "What each criterion makes of it": lambda: draw_values(samples, rankings),
        "Every sample of three classes": lambda: show_triangle(samples),
        "What to label first": lambda: show_ranking(samples, default=1),
    }
    draw_parts(parts, key="section")


def show_triangle(samples: Source) -> None:
    """The samples of the table where they have three classes, otherwise three of their own."""
    if len(samples.class_names) == 3:
        explore_triangle(samples, strategies)
    else:
        st.caption(
            f"A triangle has three corners and the table {len(samples.class_names)} classes, so "
            "these are three samples of their own; “Three classes” puts them into the table."
        )
        explore_triangle(criteria_simplex.EXAMPLE, strategies)


def show_ranking(source: Source, *, default: int) -> None:
    """What comes first, how far the criteria agree, and for three classes where the picks lie."""
    rankings = rankings_of(source, strategies)
    if not rankings:
        return
    by_name = {one.name: one for one in rankings}
    with st.grid(3, min_column_width=240):
        ranking = by_name[choose_criterion(by_name)]
        n = choose_number("Labels to buy", "n", 1, min(len(source), RANKED), default)
    draw_rows(source, ranking, rankings, n)
    st.subheader("How far the criteria agree")
    draw_agreement(source, ranking, rankings, n)
    if source.key and len(source.class_names) == 3:
        st.subheader("Where the picks lie")
        triangle_of_picks(source, rankings, n)


def outside_source(kind: str) -> Source | None:
    """Samples of the chosen kind; None after saying what is missing."""
    if kind == "upload":
        return upload.uploaded_source()
    return upload.server_source() if kind == "file" else upload.stored_source(shared_store())


kind = choose_named("Class probabilities", SOURCES, key="source")
if not criteria_by_name(strategies):
    empty_state(
        "No installed strategy offers a criterion.", page="plugins", label="See the plugins"
    )
elif kind == "example":
    show_example()
elif (source := outside_source(kind)) is not None:
    show_ranking(source, default=DEFAULT_BUDGET)
