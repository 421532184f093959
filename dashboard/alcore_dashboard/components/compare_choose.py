"""Which experiments are compared, and the comparison, computed once for the same rounds."""

from collections.abc import Sequence

import streamlit as st

from alcore.comparison import Comparison, compare
from alcore.played import Played, read
from alcore.results import why_not_comparable
from alcore.store import ExperimentRecord, Store
from alcore_dashboard.components.address import chosen_text
from alcore_dashboard.components.rounds_cache import moved_on
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services.naming import experiment_label
from alcore_dashboard.services.rounds import NamedMetric
from alcore_dashboard.shared import BY_ID

OF, _PICKED = "of", "of_picked"
MOST = 5


def choose_experiments(records: Sequence[ExperimentRecord]) -> list[ExperimentRecord]:
    """Some of these, at least one, the newest first; the address holds their ids."""
    by_id = {str(record.id): record for record in records}

    def is_allowed(text: str) -> bool:
        ids = text.split(",")
        return len(ids) == len(set(ids)) <= MOST and all(each in by_id for each in ids)

    text = chosen_text(OF, str(records[0].id), is_allowed, label="Experiments", moving=True)
    st.session_state.update({OF: text, _PICKED: text.split(",")})
    st.multiselect(
        "Experiments",
        list(by_id),
        format_func=lambda each: experiment_label(by_id[each]),
        key=_PICKED,
        on_change=_note_picked,
        max_selections=MOST,
    )
    return [by_id[each] for each in text.split(",")]


def _note_picked() -> None:
    st.session_state[OF] = ",".join(st.session_state[_PICKED])


def comparable(store: Store, chosen: Sequence[ExperimentRecord]) -> list[ExperimentRecord]:
    """Those with a round that may stand beside the first such; of the others it is said why not."""
    found: list[ExperimentRecord] = []
    for one in chosen:
        if reason := _why_not(store, found, one):
            title = md_escape(one.title, longest=60)
            st.info(f"“{title}” is left out: {md_escape(reason)}.")
        else:
            found.append(one)
    return found


def _why_not(store: Store, found: Sequence[ExperimentRecord], one: ExperimentRecord) -> str | None:
    if not any(store.rounds_of(one.id).values()):
        return "none of its rounds is finished yet"
    return why_not_comparable(store, found[0], one) if found else None


def read_comparison(
    store: Store, chosen: Sequence[ExperimentRecord], metric: NamedMetric
) -> tuple[list[Played], Comparison]:
    """What was played and what it shows; made again when a run has moved on."""
    moved = tuple((one.id, moved_on(store.runs(one.id))) for one in chosen)
    played = [_played(store, *each) for each in moved]
    return played, _comparison(store, moved, metric.key, played, metric)


@st.cache_resource(max_entries=8, show_spinner="Reading its runs", hash_funcs=BY_ID)
def _played(store: Store, experiment_id: int, moved: int) -> Played:
    del moved  # with the others, what the cache goes by
    return read(store, experiment_id)


@st.cache_resource(max_entries=32, show_spinner="Comparing", hash_funcs=BY_ID)
def _comparison(
    store: Store,
    moved: tuple[tuple[int, int], ...],
    key: str,
    _played: list[Played],
    _metric: NamedMetric,
) -> Comparison:
    del store, moved, key  # they are the key of the cache
    return compare(_played, _metric.of)
