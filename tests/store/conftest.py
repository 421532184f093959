import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alcore.store import Store, open_store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once, copied for every test."""
    path = tmp_path_factory.mktemp("empty") / "alcore.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    path = shutil.copy(empty_database, tmp_path)
    with closing(open_store(f"sqlite:///{path}")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Store]:
    """For hypothesis: one store for many examples, each with runs of its own."""
    path = shutil.copy(empty_database, tmp_path_factory.mktemp("shared"))
    with closing(open_store(f"sqlite:///{path}")) as opened:
        yield opened
