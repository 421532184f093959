"""A run belongs to the store: neither a page nor a browser nor a server takes it along."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import RunState, Store, open_store
from e2e.conftest import EXPERIMENT, serving

pytestmark = pytest.mark.browser
SECOND = 1000
LONG = ["title=Long", "strategies=random", "seeds=1", "budget.samples=1500", "budget.batch=2"]


@pytest.fixture
def long_run(store_url: str) -> Iterator[tuple[Store, int]]:
    """A run of 751 rounds that waits; removed again, for other tests look at the newest."""
    registry = Registry.load(built_in_only=True)
    with closing(open_store(store_url)) as store:
        experiment = parse_experiment(EXPERIMENT, registry, overrides=LONG)
        number = queue_experiment(store, experiment, registry)
        yield store, store.runs(number)[0].id
        store.delete_experiment(number)


def visit(chromium: Any, address: str) -> Any:
    page = chromium.new_context().new_page()
    page.set_default_timeout(60 * SECOND)
    page.goto(address)
    return page


def shown_round(page: Any) -> int:
    page.get_by_text("At work in").wait_for()
    # By its name: metrics come one by one while the page is drawn.
    metric = page.get_by_test_id("stMetric").filter(has_text="Round")
    return int(metric.get_by_test_id("stMetricValue").inner_text().partition(" of ")[0])


def stop(page: Any) -> None:
    # Not Streamlit's own in the header, which shows while a script takes long.
    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped on request").wait_for()


def test_a_run_is_watched_from_everywhere_stopped_and_resumed(
    chromium: Any, store_url: str, site: Path, long_run: tuple[Store, int]
) -> None:
    store, run_id = long_run
    with serving(store_url, site) as (address, server):
        page = visit(chromium, f"{address}/runs?run={run_id}")  # which starts a worker
        page.get_by_text("about").wait_for()
        done = store.run(run_id).round or 0
        page.reload()
        assert shown_round(page) >= done
        assert shown_round(visit(chromium, f"{address}/runs?run={run_id}")) >= done
        os.killpg(server.pid, signal.SIGKILL)
    done = store.run(run_id).round or 0
    with serving(store_url, site) as (address, _):
        page = visit(chromium, f"{address}/runs?run={run_id}")
        assert shown_round(page) >= done
        assert store.run(run_id).token == 1  # the same worker still has it
        stop(page)
        kept = len(store.rounds(run_id))
        page.get_by_role("button", name="Resume").click()
        assert shown_round(page) >= kept - 1
        stop(page)
    assert len(store.rounds(run_id)) >= kept > done
    assert (store.run(run_id).token, store.run(run_id).state) == (2, RunState.STOPPED)
