"""Where the browser finds thumbnails."""

from urllib.parse import urlsplit

import streamlit as st


def origin() -> str:
    """Scheme, host and port under which the browser sees this app; "" outside a browser."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def picture_url(path: object) -> str | None:
    """The full address of a thumbnail path, which elements need; None where a table has none."""
    return f"{origin() or 'http://localhost'}{path}" if isinstance(path, str) else None
