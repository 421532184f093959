"""What the pages show, as plain data: from the store and the registry, without Streamlit."""
