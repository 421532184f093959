"""A store with a small experiment that was really run, and pages opened without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import alcore_dashboard
from alcore import worker
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.store import Store, open_store
from alcore_dashboard import shared
from alcore_dashboard.components import live, rounds_learning, runs_one
from carry_out import carry_out
from fakes import EXPERIMENT, registry

MAIN = Path(alcore_dashboard.__file__).with_name("main.py")
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[Store]:
    """The stores for which a page asked for a worker, which does not start here."""
    stores: list[Store] = []
    for place in (worker, live, rounds_learning, runs_one):
        monkeypatch.setattr(place, "ensure_worker", stores.append)
    return stores


@pytest.fixture(scope="session")
def played_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store in which the experiment of `fakes` is done; only to be read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('played') / 'alcore.db'}"
    store, made = open_store(url), registry()
    queue_experiment(store, parse_experiment(EXPERIMENT, made), made)
    carry_out(store, made)
    store.close()
    return url


@pytest.fixture
def played(played_url: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The same store as the pages' own."""
    monkeypatch.setenv("ALCORE_STORE", played_url)
    return shared.shared_store()


@pytest.fixture
def empty() -> Store:
    """The pages' own store, with nothing in it."""
    return shared.shared_store()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Open a page by the name of its file; the registry is that of `fakes`."""
    made = registry()
    for place in (shared, rounds_learning):
        monkeypatch.setattr(place, "shared_registry", lambda: made)

    def opened(name: str, query: dict[str, str] | None = None) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        app.query_params.update(query or {})
        app.run()
        return app.switch_page(f"app_pages/{name}.py").run()

    return opened
