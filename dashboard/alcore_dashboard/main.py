"""What every page has in common: navigation, title, errors as sentences."""

from pathlib import Path

import streamlit as st

from alcore_dashboard.components.address import address_of_choices
from alcore_dashboard.components.errors import errors_as_sentences

# A file of our own: icons by name are fetched from another host when they become the favicon.
ICON = Path(__file__).with_name("icon.svg")

st.set_page_config(page_title="alcore", page_icon=str(ICON), layout="wide")

PAGES = {
    "criteria": ("Criteria", "rule", "Which sample each criterion would label next, and why."),
    "budget": (
        "Budget",
        "content_cut",
        "Where the budget cuts the ranking of a run's pool, and the list to label.",
    ),
    "rounds": (
        "Accuracy per round",
        "show_chart",
        "Start an experiment, watch it, and compare its strategies with random.",
    ),
    "runs": (
        "Runs",
        "list_alt",
        "What waits, runs and has ended: stop it, resume it, see why it failed, compare.",
    ),
    "compare": (
        "Compare",
        "balance",
        "Every strategy against random, over the same seeds, and what that does not show.",
    ),
    "worst": (
        "Worst samples",
        "image_search",
        "The samples of which a round's model was least sure.",
    ),
    "plugins": ("Plugins", "extension", "What is installed, from where, and what it offers."),
}

page = st.navigation(
    [
        st.Page(f"app_pages/{name}.py", title=title, icon=f":material/{icon}:", help=what)
        for name, (title, icon, what) in PAGES.items()
    ],
    position="top",
)
st.title(page.title, icon=page.icon)
with errors_as_sentences(), address_of_choices(page.url_path):
    page.run()
