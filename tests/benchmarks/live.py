"""How soon a run's progress is seen again after a reload, in a second browser, after a restart.

See README.md for the command, what is measured, and results.
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import Store, open_store
from e2e.conftest import EXPERIMENT, SWITCHES, serving

LONG = [
    "strategies=random",
    "seeds=1",
    "model.name=dense",
    "model.epochs=100",
    "budget.samples=1500",
    "budget.batch=2",
]
REPEATS = 5
PLAIN = """
import streamlit as st
st.metric("Round", "1 of 2")
st.write("Of no run")
"""
# In the page itself: asking from outside takes seconds while it is busy drawing.
WATCH = """
new MutationObserver((_, observer) => {
  const value = [...document.querySelectorAll("[data-testid=stMetric]")]
    .filter((one) => one.innerText.startsWith("Round"))
    .map((one) => one.querySelector("[data-testid=stMetricValue]"))[0];
  if (!value || !value.innerText.includes(" of ")) return;
  window.seen = [performance.now() / 1000, value.innerText];
  observer.disconnect();
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
Seen = dict[str, list[tuple[float, int]]]


@click.command()
def main() -> None:
    """Print a table; takes two minutes."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=SWITCHES
        )
        url = f"sqlite:///{made}/alcore.db"
        store, registry = open_store(url), Registry.load(built_in_only=True)
        number = queue_experiment(
            store, parse_experiment(EXPERIMENT, registry, overrides=LONG), registry
        )
        run_id = store.runs(number)[0].id
        seen = measure(chromium, store, run_id, url, Path(made))
        store.stop_run(run_id)
        chromium.close()
    click.echo("| | seconds | a page of two lines | rounds behind the store |")
    click.echo("|---|---|---|---|")
    for name in [name for name in seen if not name.startswith("plain ")]:
        behind = max(rounds for _, rounds in seen[name])
        plain = spread(seen[f"plain {name}"])
        click.echo(f"| {name} | {spread(seen[name])} | {plain} | at most {behind} |")


def spread(seen: list[tuple[float, int]]) -> str:
    seconds = [each for each, _ in seen]
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


def measure(chromium: Any, store: Store, run_id: int, url: str, folder: Path) -> Seen:
    """Ours and a page of two lines take turns: the latter shows what Streamlit itself takes."""
    seen: Seen = {}

    def note(name: str, act: Any, page: Any) -> None:
        act()
        seconds, text = page.wait_for_function("window.seen").json_value()
        behind = (store.run(run_id).round or 0) - int(text.partition(" of ")[0])
        seen.setdefault(name, []).append((seconds, behind))

    def reloads(address: str, name: str) -> None:
        page = visitor(chromium)
        page.goto(address)
        page.wait_for_function("window.seen")
        note(f"{name}reload", page.reload, page)
        other = visitor(chromium)
        note(f"{name}second browser", lambda: other.goto(address), other)
        for each in (page, other):
            each.context.close()

    def restart(address: str, name: str) -> None:
        page = visitor(chromium)
        note(f"{name}restarted server", lambda: page.goto(address), page)
        page.context.close()

    with serving(url, folder) as (address, server), plain(folder) as other:
        reloads(f"{address}/runs?run={run_id}", "warm-up ")  # which starts a worker
        for _ in range(REPEATS):
            reloads(f"{address}/runs?run={run_id}", "")
            reloads(other, "plain ")
        os.killpg(server.pid, signal.SIGKILL)
    for _ in range(REPEATS):
        with serving(url, folder) as (address, server):
            restart(f"{address}/runs?run={run_id}", "")
            os.killpg(server.pid, signal.SIGKILL)
        with plain(folder) as other:
            restart(other, "plain ")
    return {name: each for name, each in seen.items() if not name.startswith("warm-up")}


@contextmanager
def plain(folder: Path) -> Iterator[str]:
    """A new Streamlit server with a page of two lines: its address."""
    app = folder / "plain.py"
    app.write_text(PLAIN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    flags += ["--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    command = [sys.executable, "-m", "streamlit", "run", str(app), *flags]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not listens(port):
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        process.kill()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def visitor(chromium: Any) -> Any:
    page = chromium.new_context().new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(WATCH)
    return page


if __name__ == "__main__":
    main()
