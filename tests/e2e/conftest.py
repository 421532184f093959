"""A real server with a store of its own, and Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
]


@dataclass(kw_only=True)
class Watched:
    """A browser page, and all that went wrong on it or left this machine."""

    page: Any
    base: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        url = message.location.get("url", "")
        # Streamlit looks for its own base path below the page's address first: 404 is its answer.
        if message.type in ("error", "warning") and "/_stcore/" not in url:
            self.complaints.append(f"{message.type}: {message.text} {url}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard with an empty store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("e2e")
    code = f"from alcore_dashboard.launch import serve; raise SystemExit(serve({port}))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "ALCORE_STORE": f"sqlite:///{folder / 'alcore.db'}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)


@pytest.fixture
def browser_page(server: str) -> Iterator[Watched]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        watched = Watched(page=page, base=server)
        watched.watch()
        yield watched
        browser.close()
