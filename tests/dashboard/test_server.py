"""The thumbnail route: the picture, 404 otherwise, and nothing for other websites."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette

from alcore.store import Store
from alcore_dashboard.server import ROUTES, app
from alcore_dashboard.services.worst import worst_samples

ROUTED = Starlette(routes=ROUTES)


def get(path: str) -> tuple[int, dict[str, str], bytes]:
    """One GET request, straight through the application's own interface."""
    path, _, query = path.partition("?")
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
        "headers": [(b"origin", b"http://evil.example")], "http_version": "1.1", "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(ROUTED(scope, receive, send))
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent)


def test_a_stored_picture_is_served_to_this_site_alone(played: Store) -> None:
    worst = worst_samples(played, played.runs()[0], 0, newest=0)
    picture = worst and worst.picture(0)
    assert picture is not None
    status, headers, body = get(picture)
    assert status == 200
    assert body.startswith(b"\x89PNG")
    assert headers["content-type"] == "image/png"
    assert headers["cache-control"].startswith("private")
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    [
        "/thumbnail/1/99999",
        "/thumbnail/77/0",
        "/thumbnail/1/x",
        "/thumbnail/1/..%2f0",
        "/thumbnail/",
    ],
)
def test_everything_else_is_not_found(path: str, played: Store) -> None:
    assert get(path)[0] == 404


def test_streamlit_finds_the_app_in_both_files() -> None:
    from pathlib import Path

    from streamlit.web.server.app_discovery import discover_asgi_app

    import alcore_dashboard

    package = Path(alcore_dashboard.__file__).parent
    assert discover_asgi_app(package / "server.py").import_string == "server:app"
    assert discover_asgi_app(package.parent / "app.py").import_string == "app:app"
    assert app.script_path == package / "main.py"
