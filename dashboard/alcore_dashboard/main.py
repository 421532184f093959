"""What every page has in common: navigation, title, errors as sentences."""

from pathlib import Path

import streamlit as st

from alcore_dashboard.components.address import address_of_choices
from alcore_dashboard.components.errors import errors_as_sentences

# A file of our own: icons by name are fetched from another host when they become the favicon.
ICON = Path(__file__).with_name("icon.svg")

st.set_page_config(page_title="alcore", page_icon=str(ICON), layout="wide")

page = st.navigation(
    [
        st.Page(
            "app_pages/criteria.py",
            title="Criteria",
            icon=":material/rule:",
            help="Which sample each criterion would label next, and why.",
        ),
        st.Page(
            "app_pages/budget.py",
            title="Budget",
            icon=":material/content_cut:",
            help="Where the budget cuts the ranking of a run's pool, and the list to label.",
        ),
        st.Page(
            "app_pages/rounds.py",
            title="Accuracy per round",
            url_path="rounds",
            icon=":material/show_chart:",
            help="Start an experiment, watch it, and compare its strategies with random.",
        ),
        st.Page(
            "app_pages/worst.py",
            title="Worst samples",
            url_path="worst",
            icon=":material/image_search:",
            help="The samples of which a round's model was least sure.",
        ),
        st.Page(
            "app_pages/plugins.py",
            title="Plugins",
            icon=":material/extension:",
            help="What is installed, from where, and what it offers.",
        ),
    ],
    position="top",
)
st.title(page.title, icon=page.icon)
with errors_as_sentences(), address_of_choices(page.url_path):
    page.run()
