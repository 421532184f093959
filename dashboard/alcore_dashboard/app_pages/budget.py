"""What a budget buys: the cut on the ranking of the pool, and the list to label."""

import streamlit as st

from alcore_dashboard import figures
from alcore_dashboard.components.choose import choose, chosen_run
from alcore_dashboard.components.empty import empty_state, takeaway
from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import budget
from alcore_dashboard.services.criteria import criteria_by_name
from alcore_dashboard.services.naming import title_of, titles
from alcore_dashboard.shared import shared_registry, shared_store

DEFAULT_CUT = 50

store = shared_store()
with st.grid(3, min_column_width=240):
    run = chosen_run(store)
    found = criteria_by_name(shared_registry().strategies)
    known = titles(found)
    criteria = {known[name]: criterion for name, criterion in found.items()}
    if not criteria:
        empty_state(
            "No installed strategy offers a criterion.", page="plugins", label="See the plugins"
        )
        st.stop()
    criterion = choose("Criterion", criteria, key="criterion")
pool = budget.last_pool(store, run)
if pool is None:
    empty_state(
        "This run keeps no probabilities: it has not finished a round yet, or was pruned.",
        page="rounds",
        label="Watch or start a run",
    )
    st.stop()
size = len(pool.ids)
n = st.slider(
    "Labels to buy", 1, max(size, 2), min(DEFAULT_CUT, size), key="n", bind="query-params"
)
ranking = budget.rank(pool, criterion)
takeaway(md_escape(budget.takeaway(ranking, n)))
st.altair_chart(
    figures.utility_curve(
        budget.curve(ranking, n),
        n=min(n, size),
        mean=float(ranking.values.mean()),
        title=title_of(criterion.name),
        subtitle=f"n = {size} pool samples, round {pool.round}, seed {run.seed}",
    ),
    alt=f"Values of {title_of(criterion.name)} over the ranked pool, cut after {n} samples",
)
st.subheader("The list to label")
table = budget.to_label(pool, ranking, n, store)
st.download_button(
    "Download as CSV",
    budget.csv_bytes(table),
    file_name="to_label.csv",
    mime="text/csv",
    icon=":material/download:",
    on_click="ignore",
)
st.dataframe(
    table.assign(picture=table["picture"].map(picture_url)),
    hide_index=True,
    column_config={
        "picture": st.column_config.ImageColumn(pinned=True),
        "value": st.column_config.NumberColumn(title_of(criterion.name), format="%.4f"),
        "probability": st.column_config.NumberColumn(format="%.3f", help="Of the predicted class"),
    },
    alt=f"The {len(table)} samples to label, most uncertain first",
)
