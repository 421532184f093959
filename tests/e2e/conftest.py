"""One real server and one Chromium for all stories.

The store holds an experiment that was really run and one in which every name is hostile; a
plugin that fails is installed.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import open_store
from carry_out import carry_out
from hostile import HOSTILE, play_hostile

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
]
EXPERIMENT = """
title = "Digits, small"
strategies = ["entropy", "random"]
seeds = 2
[dataset]
name = "digits"
[model]
name = "logistic"
[splits]
initial = 30
validation = 50
test = 200
[budget]
samples = 60
batch = 30
"""


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
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} {url}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if (path := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with experiments 1, hostile, and 2, of digits: the newest is what pages show."""
    url = f"sqlite:///{tmp_path_factory.mktemp('e2e') / 'alcore.db'}"
    registry = Registry.load(built_in_only=True)
    with closing(open_store(url)) as store:
        play_hostile(store)
        queue_experiment(store, parse_experiment(EXPERIMENT, registry), registry)
        carry_out(store, registry)
    return url


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installed plugin that raises as soon as it is imported."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "alcore_wrecked.py").write_text(f"raise RuntimeError({HOSTILE!r})\n")
    info = folder / "alcore_wrecked-0.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: alcore-wrecked\nVersion: 0.3\n")
    (info / "entry_points.txt").write_text("[alcore]\nwrecked = alcore_wrecked\n")
    return folder


@contextmanager
def serving(store_url: str, site: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A dashboard on a store: its address and the process that leads its group."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from alcore_dashboard.launch import serve; raise SystemExit(serve({port}))"
    paths = [str(site), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "ALCORE_STORE": store_url,
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        },
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a process group, which a test may kill
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="session")
def server(store_url: str, site: Path) -> Iterator[str]:
    """The address of a dashboard on that store."""
    with serving(store_url, site) as (address, _):
        yield address


@pytest.fixture
def watched(server: str, chromium: Any) -> Iterator[Watched]:
    """A page of a new visitor; whatever it complains about fails the test at its end."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(30_000)
    one = Watched(page=context.new_page(), base=server)
    one.watch()
    yield one
    context.close()
    assert one.complaints == []
