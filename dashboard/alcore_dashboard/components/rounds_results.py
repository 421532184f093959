"""What an experiment has shown, one view at a time, drawn again while it runs."""

from collections.abc import Callable, Mapping

import streamlit as st

from alcore.results import (
    ONE_SPLIT,
    dataset_id_of,
    duplicates_text,
    has_one_split,
    left_out_text,
)
from alcore.store import Store
from alcore_dashboard.components.address import chosen_text, write_address
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.rounds_advice import show_advice
from alcore_dashboard.components.rounds_batches import show_batches
from alcore_dashboard.components.rounds_cache import read_rounds
from alcore_dashboard.components.rounds_classes import show_classes
from alcore_dashboard.components.rounds_confusion import show_confusion
from alcore_dashboard.components.rounds_learning import show_learning
from alcore_dashboard.services.rounds_shown import Shown

_SECONDS = 2.0
_VIEWS: Mapping[str, tuple[str, Callable[[Shown], None]]] = {
    "learning": ("Learning curves", show_learning),
    "classes": ("Classes", show_classes),
    "batches": ("Batches", show_batches),
    "confusion": ("Confusion", show_confusion),
    "advice": ("Advice", show_advice),
}


def show_results(store: Store, experiment_id: int, *, running: bool) -> None:
    """The chosen view; it alone is drawn again when something in it is chosen."""

    @st.fragment(run_every=_SECONDS if running else None)
    def part() -> None:
        with errors_as_sentences():
            shown = _read(store, experiment_id, running)
            if shown.dataset is None or not shown.strategies:
                _nothing_yet(shown)
                return
            _, draw = _VIEWS[_choose_view()]
            draw(shown)
            _notes(shown)
        write_address()

    part()


def _notes(shown: Shown) -> None:
    """What to keep in mind of the splits, whatever is shown."""
    notes = [ONE_SPLIT if has_one_split(shown.experiment) else ""]
    notes += [left_out_text(shown.runs), duplicates_text(shown.runs)]
    for note in filter(None, notes):
        st.caption(f"{note}.")


def _nothing_yet(shown: Shown) -> None:
    if not shown.runs:
        empty_state("All runs of this experiment were deleted.")
    elif shown.running:
        empty_state("No round is finished yet. The curve grows here with every round.")
    else:
        empty_state(
            "This experiment ended before its first round was finished. Correct what is said "
            "above, if anything, and start it again."
        )


def _choose_view() -> str:
    chosen = chosen_text("view", "learning", _VIEWS.__contains__, label="View")
    if st.session_state.get("view") != chosen:
        st.session_state["view"] = chosen
    st.segmented_control(
        "View",
        list(_VIEWS),
        format_func=lambda key: _VIEWS[key][0],
        key="view",
        required=True,
        label_visibility="collapsed",
    )
    return chosen


def _read(store: Store, experiment_id: int, running: bool) -> Shown:
    runs = store.runs(experiment_id)
    dataset_id = dataset_id_of(runs)
    return Shown(
        store=store,
        experiment=store.experiment(experiment_id),
        runs=tuple(runs),
        rounds=read_rounds(store, experiment_id, runs),
        dataset=None if dataset_id is None else store.dataset(dataset_id),
        running=running,
    )
