"""How soon a run's progress is seen again after a reload, in a second browser, after a restart.

See README.md for the command, what is measured, and results.
"""

import os
import shutil
import signal
import statistics
import tempfile
import time
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


@click.command()
def main() -> None:
    """Print a table; takes a minute."""
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
        times = measure(chromium, store, run_id, url, Path(made))
        store.stop_run(run_id)
        chromium.close()
    click.echo("| | seconds to the run's progress | rounds it is behind the store then |")
    click.echo("|---|---|---|")
    for name, found in times.items():
        seconds, behind = zip(*found, strict=True)
        median = statistics.median(seconds)
        spread = f"{median:.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        click.echo(f"| {name} | {spread} | at most {max(behind)} |")


def measure(
    chromium: Any, store: Store, run_id: int, url: str, folder: Path
) -> dict[str, list[tuple[float, int]]]:
    times: dict[str, list[tuple[float, int]]] = {}

    def note(name: str, page: Any, act: Any) -> None:
        begun = time.perf_counter()
        act()
        page.get_by_text("At work in").wait_for()
        metric = page.get_by_test_id("stMetric").filter(has_text="Round")
        text = metric.get_by_test_id("stMetricValue").inner_text()
        seconds = time.perf_counter() - begun
        behind = (store.run(run_id).round or 0) - int(text.partition(" of ")[0])
        times.setdefault(name, []).append((seconds, behind))

    with serving(url, folder) as (address, server):
        link = f"{address}/runs?run={run_id}"
        page = visitor(chromium)
        page.goto(link)  # which starts a worker
        page.get_by_text("At work in").wait_for()
        for _ in range(REPEATS):
            note("reload", page, page.reload)
            other = visitor(chromium)
            note("second browser", other, lambda page=other: page.goto(link))
            other.context.close()
        os.killpg(server.pid, signal.SIGKILL)
    for _ in range(REPEATS):
        with serving(url, folder) as (address, server):
            page = visitor(chromium)
            link = f"{address}/runs?run={run_id}"
            note("restarted server", page, lambda page=page, link=link: page.goto(link))
            os.killpg(server.pid, signal.SIGKILL)
    return times


def visitor(chromium: Any) -> Any:
    page = chromium.new_context().new_page()
    page.set_default_timeout(60_000)
    return page


if __name__ == "__main__":
    main()
