"""The table of runs: what is in it, and which runs somebody chose there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from alcore.store import ExperimentRecord, RunRecord, RunState, Store
from alcore_dashboard.components.choose import choose, choose_named
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.services import runs
from alcore_dashboard.services.naming import experiment_label

PER_PAGE = 50
OPENED, COMPARED = "run", "runs"
_ALL, _WORDS, _TAG, _PAGE, _BEFORE = "all", "words", "tag", "page", "runs_filter"
_TICKED, _TABLE, _TABLES = "runs_ticked", "runs_table", "runs_tables"
PERCENT = st.column_config.NumberColumn(format="%.1f %%")
_STATES: dict[str, str] = {
    _ALL: "every state",
    "moving": "all that moves",
    **{state.value: text for state, text in runs.STATES.items()},
}
_STATES_OF = {_ALL: (), "moving": runs.MOVING, **{one.value: (one,) for one in RunState}}

Wanted = dict[str, Any]


def choose_filter(experiments: Sequence[ExperimentRecord]) -> Wanted:
    """State, experiment, words and tag, all in the address, as `Store.list_runs` takes them."""
    known: dict[str, ExperimentRecord | None] = {str(one.id): one for one in experiments}
    with st.grid(4, min_column_width=150):
        state = choose_named("State", _STATES, key="state")
        experiment = choose(
            "Experiment",
            {_ALL: None, **known},
            key="of",
            show=lambda one: experiment_label(one) if one else "every experiment",
        )
        words = st.text_input(
            "Words",
            placeholder="in strategy, model, title or note",
            type="search",
            max_chars=200,
            key=_WORDS,
            bind="query-params",
        )
        tag = st.text_input("Tag", type="search", max_chars=50, key=_TAG, bind="query-params")
    return {
        "states": _STATES_OF[state],
        "experiment_id": experiment.id if experiment else None,
        "search": words or "",
        "tag": (tag or "").strip().lower(),
    }


def show_table(store: Store, wanted: Wanted, experiments: Mapping[int, ExperimentRecord]) -> None:
    """One page of the runs that the filter lets through, newest first."""
    if st.session_state.get(_BEFORE, wanted) != wanted:
        st.session_state[_PAGE] = 1
    st.session_state[_BEFORE] = wanted
    total = store.list_runs(**wanted, limit=0)[1]
    if not total:
        empty_state("No run is like that.")
        st.button("Show all runs", icon=":material/undo:", on_click=_show_all)
        return
    place, pages = st.container(), -(-total // PER_PAGE)
    page = st.pagination(pages, key=_PAGE, bind="query-params") if pages > 1 else 1
    found, _ = store.list_runs(**wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    with place:
        _draw(found, total, experiments)


def _show_all() -> None:
    st.session_state.update({"state": _ALL, "of": _ALL, _WORDS: "", _TAG: ""})


def _draw(found: list[RunRecord], total: int, experiments: Mapping[int, ExperimentRecord]) -> None:
    ids = [str(run.id) for run in found]
    ticked = compared()
    if st.session_state.get(_TICKED) != ticked:  # by a link or a button: the table is a new one
        st.session_state.update({_TICKED: ticked, _TABLES: st.session_state.get(_TABLES, 0) + 1})
    # Rows are ticked by number: with other rows, too, the table is a new one.
    key = f"runs_{st.session_state[_TABLES]}_{hash(tuple(ids))}"
    st.session_state[_TABLE] = key
    st.dataframe(
        runs.run_table(found, experiments, datetime.now(UTC)),
        key=key,
        on_select=lambda: _note_ticks(key, ids),
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [row for row, each in enumerate(ids) if each in ticked]}
        },
        hide_index=True,
        column_config={
            "run": st.column_config.ButtonColumn(
                pinned=True, type="tertiary", key="opened_run", on_click=_open
            ),
            "state": st.column_config.TextColumn(pinned=True),
            "progress": st.column_config.ProgressColumn(
                min_value=0, max_value=1, format="percent", width="small"
            ),
            "best accuracy": PERCENT,
        },
        placeholder="–",
        alt=f"{len(found)} of {total} runs, the newest first",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        noun = "run" if total == 1 else "runs"
        st.caption(f"{total:,} {noun}. Press a number to open a run; tick several to compare.")
        if ticked:
            st.button(
                f"Untick {len(ticked)}", type="tertiary", on_click=choose_runs, args=(COMPARED, "")
            )


def compared() -> list[str]:
    """The ids of the ticked runs."""
    text: str = st.session_state.get(COMPARED) or ""
    return text.split(",") if text else []


def choose_runs(key: str, ids: str) -> None:
    """Open this run, or compare these: `key` is OPENED or COMPARED."""
    st.session_state[key] = ids


def _note_ticks(key: str, ids: Sequence[str]) -> None:
    """Those ticked on other pages stay."""
    if key != st.session_state[_TABLE]:  # sent before the browser saw the new table
        return
    elsewhere = [each for each in compared() if each not in ids]
    ticked = elsewhere + [ids[row] for row in st.session_state[key]["selection"]["rows"]]
    st.session_state.update({COMPARED: ",".join(ticked), _TICKED: ticked})


def _open() -> None:
    choose_runs(OPENED, st.session_state["opened_run"]["label"])
