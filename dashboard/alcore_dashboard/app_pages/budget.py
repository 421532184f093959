"""What a budget buys: the cut on the ranking of the pool, and the list to label."""

import streamlit as st

from alcore_dashboard.components import budget_cache, budget_sections
from alcore_dashboard.components.budget_entry import budget_entry, cost_settings
from alcore_dashboard.components.choose import choose_criterion, chosen_run
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.parts import draw_parts
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import budget
from alcore_dashboard.services.criteria_ranking import criteria_by_name
from alcore_dashboard.services.naming import titles
from alcore_dashboard.services.units import Units
from alcore_dashboard.shared import shared_registry, shared_store

store = shared_store()
grid = st.grid(3, min_column_width=240)
run = chosen_run(store, grid)
criteria = criteria_by_name(shared_registry().strategies)
known = titles(criteria)
if not criteria:
    empty_state(
        "No installed strategy offers a criterion.", page="plugins", label="See the plugins"
    )
    st.stop()
with grid:
    name = choose_criterion(sorted(criteria, key=lambda name: name != run.strategy))
pool = budget.last_pool(store, run)
if pool is None:
    empty_state(budget.why_no_pool(store, run), page="rounds", label="Watch or start a run")
    st.stop()
experiment = store.experiment(run.experiment_id)
units = Units.from_settings(experiment.settings)
results = store.rounds(run.id)
ranking = budget_cache.ranking(pool, name, criteria[name])
summary = st.container()
n = budget_entry(len(pool), units, budget.usual_cut(results))
cut = budget.Cut(pool=pool, ranking=ranking, n=n, title=known[name])
with summary:
    takeaway(md_escape(budget.takeaway(cut, units)))
saved = cost_settings(units, key=f"costs_{experiment.id}")
if saved is not None:
    store.set_experiment_settings(experiment.id, saved.to_settings(experiment.settings))
    st.rerun()
about = f"n = {n:,} of {pool.subtitle.removeprefix('n = ')}"
budget_sections.draw_curve(cut, about)


def draw_classes() -> None:
    """Classes of the batch against the pool's."""
    labels = None if run.dataset_id is None else store.dataset_labels(run.dataset_id)
    budget_sections.draw_mix(cut, about, budget_cache.predicted(cut.pool), labels)


def draw_others() -> None:
    """The batch against those of other criteria."""
    orders, failed = budget_cache.other_orders(cut.pool, criteria, but=name)
    for sentence in failed:
        st.warning(md_escape(sentence))
    others = {known[other]: order for other, order in orders.items()}
    budget_sections.draw_overlap(cut, about, others)


parts = {
    "The list to label": lambda: budget_sections.draw_list(cut),
    "Classes": draw_classes,
    "Other criteria": draw_others,
    "Earlier batches": lambda: budget_sections.draw_gains(results, n, units, run.seed),
}
draw_parts(parts, key="part")
