"""Charts: from data to Altair, without Streamlit; one module per page or subject."""
