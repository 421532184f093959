"""The web application: Streamlit's own routes and one for thumbnails.

`streamlit run` finds the app in this file by reading its text, so the assignment at the end
must stay a plain call of `App`.
"""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.starlette import App

from alcore_dashboard.components.errors import show_error
from alcore_dashboard.shared import shared_registry, shared_store

MAIN = Path(__file__).with_name("main.py")

# The address carries the dataset's fingerprint, so what is cached can never be another picture.
# Without a CORS header, and closed to embedding, no other website can read private photos.
_HEADERS = {
    "Cache-Control": "private, max-age=604800, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def thumbnail(request: Request) -> Response:
    """The PNG of one sample, or 404."""
    dataset_id, position = request.path_params["dataset_id"], request.path_params["position"]
    png = shared_store().thumbnail(dataset_id, position)
    if png is None:
        return Response(status_code=404)
    return Response(png, media_type="image/png", headers=_HEADERS)


def not_below_a_page(_: Request) -> Response:
    """What Streamlit's frontend asks below a page's address before it asks at the root.

    Any answer that is no success sends it on, but one from 400 up is an error in the console.
    """
    return Response(status_code=300)


@asynccontextmanager
async def lifespan(_: App) -> AsyncIterator[None]:
    """Load what the first page needs while the browser is still loading its own part."""
    threading.Thread(target=_warm_up, daemon=True).start()
    yield


def _warm_up() -> None:
    from alcore_dashboard.figures.criteria import class_bars
    from alcore_dashboard.services import criteria

    shared_registry()
    samples = criteria.read_samples(criteria.EXAMPLE.head(1))
    class_bars(criteria.long_form(samples), title="", subtitle="").to_dict()


__all__ = ["MAIN", "ROUTES", "app", "lifespan", "show_error"]

ROUTES = [
    Route("/thumbnail/{dataset_id:int}/{position:int}", thumbnail),
    Route("/{page}/_stcore/health", not_below_a_page),
    Route("/{page}/_stcore/host-config", not_below_a_page),
]

app = App(MAIN, routes=ROUTES, on_script_error=show_error, lifespan=lifespan)
