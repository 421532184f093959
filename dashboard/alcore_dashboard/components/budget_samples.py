"""The samples around the cut as cards, the list to label, and downloads."""

import pandas as pd
import streamlit as st

from alcore_dashboard.components.pictures import picture_url
from alcore_dashboard.components.text import md_escape

SHOWN = 200


def cards(samples: pd.DataFrame, title: str, alike: str) -> None:
    """One card per sample, in the order of the ranking.

    Args:
        samples: As `services.budget_samples.samples_at` gives them.
        title: Name of the criterion.
        alike: What they have in common, for readers of the alternative texts.
    """
    with st.grid(4, min_column_width=140):
        for sample in samples.to_dict("records"):
            with st.container(border=True, gap="xsmall"):
                if url := picture_url(sample["picture"]):
                    st.image(url, width=96, alt=f"Sample {sample['id']}, {alike}")
                st.markdown(f"**{sample['order']:,}.** {md_escape(sample['id'], longest=40)}")
                said = md_escape(sample["predicted"], longest=40)
                st.markdown(f"says {said} ({sample['probability']:.0%})")
                st.caption(f"{md_escape(title)} {sample['value']:.4f}")


def sample_list(samples: pd.DataFrame, title: str) -> None:
    """The samples to label as a table."""
    st.dataframe(
        samples.assign(picture=samples["picture"].map(picture_url)),
        hide_index=True,
        column_order=["order", "picture", "id", "value", "predicted", "probability"],
        column_config={
            "picture": st.column_config.ImageColumn(),
            "value": st.column_config.NumberColumn(title, format="%.4f"),
            "probability": st.column_config.NumberColumn(
                format="%.3f", help="Of the predicted class"
            ),
        },
        alt=f"The first {len(samples)} samples to label, most uncertain first",
    )
