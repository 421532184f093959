"""Learning curves: what each label bought, against random and the ceiling."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from alcore.compare import Curve
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.results import (
    Ceiling,
    curves_of,
    pool_size,
    whole_pool_experiments,
    why_not_comparable,
)
from alcore.store import ExperimentRecord
from alcore.worker import ensure_worker
from alcore_dashboard.components.address import chosen_text
from alcore_dashboard.components.chart import draw_chart
from alcore_dashboard.components.choose import choose
from alcore_dashboard.components.download import csv_button
from alcore_dashboard.components.empty import takeaway
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.rounds_cache import (
    moved_on,
    read_ceiling,
    read_rounds,
    read_savings,
)
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.services import rounds, start
from alcore_dashboard.services.naming import experiment_label
from alcore_dashboard.services.rounds_shown import Shown
from alcore_dashboard.services.units import Units
from alcore_dashboard.shared import shared_registry

MOST_COMPARED, MOST_LISTED = 4, 30
_COMPARED, _PICKED = "compare", "compare_picked"
_NOTHING = "nothing"


def show_learning(shown: Shown) -> None:
    """Curves of any metric over labels, rounds, money or hours; labels saved below."""
    units = Units.from_settings(shown.experiment.settings)
    with st.grid(3, min_column_width=220):
        known = {metric.key: metric for metric in rounds.metrics(shown.short_class_names)}
        metric = choose("Shown", known, key="y", show=lambda each: each.title)
        axis = choose("Over", rounds.axes(units), key="x", show=lambda each: each.title)
        others = _choose_others(shown)
    found = curves_of(shown.rounds, metric.of)
    if not found:
        takeaway(md_escape(f"No test split here defines the {metric.title}."))
        return
    moved = moved_on(shown.runs)
    saved = (
        [] if shown.running else read_savings(shown.store, shown.experiment.id, moved, shown.rounds)
    )
    sentence = rounds.sentence(metric, found, saved, running=shown.running)
    takeaway(md_escape(sentence, longest=600))
    drawn = [(shown.experiment, found), *_curves_of_others(shown, others, metric)]
    table = rounds.with_x(_table(drawn), axis, units)
    top = read_ceiling(shown.store, shown.experiment.id, metric)
    _draw(shown, drawn, table, metric, axis, top, sentence)
    with st.container(horizontal=True, vertical_alignment="center"), errors_as_sentences():
        csv_button(
            "Download the curves as CSV",
            lambda: rounds.csv_bytes(table, metric, axis),
            file=f"curves-{shown.experiment.id}-{metric.key}.csv",
        )
        if top is None and not shown.running:
            _offer_ceiling(shown)
    if saved:
        st.subheader("Labels saved against random")
        savings = rounds.savings_table(saved).astype(str).map(md_escape)
        st.table(savings, alt="Labels saved by each strategy", hide_index=True)


Drawn = Sequence[tuple[ExperimentRecord, list[Curve]]]


def _table(drawn: Drawn) -> pd.DataFrame:
    several = len(drawn) > 1
    tables = [
        rounds.curve_table(found, suffix=f" · #{experiment.id}" if several else "")
        for experiment, found in drawn
    ]
    return pd.concat(tables, ignore_index=True)


def _draw(
    shown: Shown,
    drawn: Drawn,
    table: pd.DataFrame,
    metric: rounds.NamedMetric,
    axis: rounds.Axis,
    top: Ceiling | None,
    sentence: str,
) -> None:
    every = [curve for _, found in drawn for curve in found]
    draw_chart(
        learning_curves,
        table,
        subtitle=rounds.subtitle(shown.rounds, every),
        x="x",
        x_title=axis.title,
        whole=axis.kind in (None, "labels"),
        y_title=f"test {metric.title}",
        ceiling=None if top is None else (top.value, rounds.ceiling_text(top)),
        alt=f"Learning curves of {len(every)} strategies, {metric.title}. {sentence}",
    )
    if len(drawn) > 1:
        names = (f"#{experiment_label(experiment)}" for experiment, _ in drawn)
        st.caption("  \n".join(md_escape(name) for name in names))


def _choose_others(shown: Shown) -> list[ExperimentRecord]:
    """Experiments to draw as well; the address holds their ids, joined by dots."""
    records = {str(r.id): r for r in shown.store.experiments() if r.id != shown.experiment.id}
    if not records:
        return []

    def is_allowed(text: str) -> bool:
        ids = text.split(".")
        return len(ids) <= MOST_COMPARED and all(each in records for each in ids)

    text = chosen_text(_COMPARED, _NOTHING, is_allowed, label="Experiments to compare with")
    st.session_state[_COMPARED] = text
    picked = [] if text == _NOTHING else text.split(".")
    if st.session_state.get(_PICKED) != picked:
        st.session_state[_PICKED] = picked
    with st.popover("Compare with", icon=":material/stacked_line_chart:"):
        st.pills(
            f"Other experiments, at most {MOST_COMPARED}",
            list(dict.fromkeys([*picked, *list(records)[:MOST_LISTED]])),
            selection_mode="multi",
            format_func=lambda each: md_escape(experiment_label(records[each])),
            key=_PICKED,
            on_change=_note_picked,
        )
    return [records[each] for each in picked]


def _note_picked() -> None:
    st.session_state[_COMPARED] = ".".join(st.session_state[_PICKED][:MOST_COMPARED]) or _NOTHING


def _curves_of_others(
    shown: Shown, others: Sequence[ExperimentRecord], metric: rounds.NamedMetric
) -> list[tuple[ExperimentRecord, list[Curve]]]:
    """Those that may stand beside this experiment; of the others it is said why not."""
    found = []
    for other in others:
        reason = why_not_comparable(shown.store, shown.experiment, other)
        if reason is None:
            theirs = curves_of(
                read_rounds(shown.store, other.id, shown.store.runs(other.id)), metric.of
            )
            found.append((other, theirs))
        else:
            title = md_escape(other.title, longest=60)
            st.info(f"“{title}” is not on the chart: {md_escape(reason)}.")
    return found


def _offer_ceiling(shown: Shown) -> None:
    """A button for the experiment that labels the whole pool, unless it is under way."""
    pool = pool_size(shown.store, shown.experiment.id)
    if not pool:
        return
    under_way = [
        each
        for each in whole_pool_experiments(shown.store, shown.experiment.id)
        if any(n for state, n in each.states.items() if not state.is_over)
    ]
    if under_way:
        label = md_escape(experiment_label(under_way[0]))
        st.caption(f"What the model reaches with all labels is being measured: #{label}.")
        return
    sent = st.button(
        "Measure the ceiling",
        icon=":material/vertical_align_top:",
        key="ceiling",
        help="Train on the whole pool, with the same splits and seeds, as an experiment of its "
        "own; what it reaches becomes a line in this chart.",
    )
    if sent:
        registry = shared_registry()
        experiment = parse_experiment(shown.experiment.config, registry)
        queue_experiment(shown.store, start.ceiling_experiment(experiment, pool), registry)
        ensure_worker(shown.store)
        st.rerun()
