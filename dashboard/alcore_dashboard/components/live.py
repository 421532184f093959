"""How an experiment stands, drawn again every second while it runs."""

import streamlit as st

from alcore.compare import Curve
from alcore.results import Outcome, curves, outcomes
from alcore.store import Store
from alcore_dashboard import figures
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import rounds
from alcore_dashboard.services.naming import duration, title_of


def show_experiment(store: Store, experiment_id: int) -> None:
    """Progress while it runs; takeaway, learning curves and labels saved."""
    running = not rounds.progress(store.runs(experiment_id)).is_over

    @st.fragment(run_every=1.0 if running else None)
    def part() -> None:
        with errors_as_sentences():
            state = rounds.progress(store.runs(experiment_id))
            if running and state.is_over:
                st.rerun()
            if running:
                _progress(store, experiment_id, state)
            _failures(state)
            if state.is_over and not state.all_done:
                st.caption(f"Runs: {rounds.state_counts(store.experiment(experiment_id).states)}.")
            _results(store, experiment_id, running)

    part()


def _progress(store: Store, experiment_id: int, state: rounds.Progress) -> None:
    eta = "" if state.eta_seconds is None else f", about {duration(state.eta_seconds)} left"
    st.progress(state.fraction, text=f"{state.over} of {state.total} runs are over{eta}")
    for run in state.active:
        where = f"round {run.round}, {md_escape(run.step)}" if run.round is not None else "starting"
        st.caption(
            f"{md_escape(title_of(run.strategy))}, seed {run.seed}: {run.state.value}, {where}, "
            f"{run.fraction:.0%} done"
        )
    if not state.active:
        st.caption("Waiting for a worker; without one, run `alcore worker --once`.")
    if st.button("Stop", icon=":material/stop:", disabled=state.stopping, key="stop"):
        store.request_stop(experiment_id)
        st.rerun()


def _failures(state: rounds.Progress) -> None:
    for text in sorted({run.error or "unknown error" for run in state.failed}):
        count = sum((run.error or "unknown error") == text for run in state.failed)
        st.error(f"{count} of {state.total} runs failed: {md_escape(text)}")


def _results(store: Store, experiment_id: int, running: bool) -> None:
    found = curves(store, experiment_id)
    if not found:
        empty_state("No round is finished yet. The curve grows here with every round.")
        return
    table = rounds.curve_table(found)
    sentence = "The experiment is still running; what it shows comes at its end."
    saved = [] if running else _savings(store.url, experiment_id, found)
    if saved:
        sentence = rounds.takeaway(saved)
    takeaway(md_escape(sentence))
    st.altair_chart(
        figures.learning_curves(table, subtitle=rounds.subtitle(store, experiment_id, found)),
        alt=f"Learning curves of {len(found)} strategies. {sentence}",
    )
    if saved:
        st.dataframe(
            rounds.savings_table(saved), hide_index=True, alt="Labels saved by each strategy"
        )


@st.cache_data(max_entries=64, show_spinner=False)
def _savings(url: str, experiment_id: int, _found: list[Curve]) -> list[Outcome]:
    """Labels saved in an experiment that is over; its bootstrap takes a tenth of a second."""
    del url, experiment_id  # they are the key of the cache
    return outcomes(_found)
