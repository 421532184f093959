"""Choosing an experiment, a run, a round or a number; the choice stands in the address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alcore.results import RANDOM
from alcore.rounds import RoundResult
from alcore.store import ExperimentRecord, RunRecord, Store
from alcore_dashboard.components.address import chosen_text
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.services.naming import experiment_label, run_label, short_names, titles

T = TypeVar("T")


def choose(
    label: str,
    options: Mapping[str, T],
    *,
    key: str,
    show: Callable[[T], str] | None = None,
    moving: bool = False,
    stays: bool = False,
) -> T:
    """One of the options; the first one until something else is chosen.

    Args:
        label: Above the list.
        options: By id, which stands in the address as the query parameter `key`.
        key: The same on every page that asks for the same thing.
        show: The text of an option in the list, different for each; by default its id.
        moving: Whether the first option may be another one tomorrow.
        stays: Whether what is shown stays all the same until another page is opened.
    """
    ids = list(options)
    chosen = chosen_text(key, ids[0], options.__contains__, label=label, moving=moving, stays=stays)
    st.session_state[key] = chosen
    texts = {each: show(option) if show else each for each, option in options.items()}
    st.selectbox(label, ids, format_func=texts.__getitem__, key=key)
    return options[chosen]


def choose_named(label: str, names: Mapping[str, str], *, key: str) -> str:
    """The id of one of these names; the first one until something else is chosen."""
    return choose(label, {each: each for each in names}, key=key, show=names.__getitem__)


def choose_number(
    label: str, key: str, minimum: int, maximum: int, default: int, *, slider: bool = False
) -> int:
    """A whole number between two bounds, both included.

    Args:
        label: Above the field.
        key: Name of its query parameter, the same on every page.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        default: Until another one is chosen; the nearest bound where it lies outside.
        slider: Whether it is a slider, which needs two different bounds, or a field.
    """

    def is_allowed(text: str) -> bool:
        return text.isascii() and text.isdecimal() and minimum <= int(text) <= maximum

    first = str(max(minimum, min(default, maximum)))
    st.session_state[key] = int(chosen_text(key, first, is_allowed, label=label))
    widget = st.slider if slider else st.number_input
    return int(widget(label, minimum, maximum, step=1, key=key))


def choose_criterion(names: Iterable[str]) -> str:
    """One of the criteria, given by qualified names; the first until another one is chosen."""
    by_short = {short: name for name, short in short_names(names).items()}
    known = titles(by_short.values())
    return choose("Criterion", by_short, key="criterion", show=known.__getitem__)


def choose_experiment(store: Store) -> ExperimentRecord | None:
    """An experiment, the newest first; None where there is none."""
    records = {str(record.id): record for record in store.experiments()}
    if not records:
        return None
    return choose(
        "Experiment", records, key="experiment", show=experiment_label, moving=True, stays=True
    )


def chosen_run(store: Store, place: DeltaGenerator) -> RunRecord:
    """An experiment and one of its runs; with no experiment, the empty state ends the page."""
    with place:
        experiment = choose_experiment(store)
    if experiment is None:
        empty_state(
            "There is no experiment yet. Start one, or run `alcore demo`.",
            page="rounds",
            label="Start an experiment",
        )
        st.stop()
    runs = sorted(store.runs(experiment.id), key=lambda run: run.strategy == RANDOM)
    if not runs:
        empty_state(
            "All runs of this experiment were deleted.", page="rounds", label="Start another one"
        )
        st.stop()
    by_id = {str(run.id): run for run in runs}
    with place:
        return choose("Run", by_id, key="run", show=run_label, moving=True, stays=True)


def finished_rounds(store: Store, run: RunRecord) -> list[RoundResult]:
    """The rounds of a run; without one, the empty state ends the page."""
    rounds = store.rounds(run.id)
    if not rounds:
        empty_state("This run has not finished a round yet.", page="rounds", label="Watch it")
        st.stop()
    return rounds


def chosen_round(results: Sequence[RoundResult]) -> RoundResult:
    """One of the rounds of a run, at least one, in order; the newest first."""
    rounds = {str(result.number): result for result in reversed(results)}
    return choose("Round", rounds, key="round", show=round_label, moving=True)


def round_label(result: RoundResult) -> str:
    """``"4 (250 labels)"``."""
    return f"{result.number} ({result.n_labelled} labels)"
