"""An empty store on each database: migrated once, copied for every test."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from alcore.store import Store, open_store
from store import postgres


@contextmanager
def _opened(url: str, folder: Path) -> Iterator[Store]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALCORE_FILES", str(folder))
        with closing(open_store(url)) as store:
            yield store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "alcore.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server with an empty store in its database `empty`."""
    try:
        with postgres.server() as folder:
            postgres.execute(folder, "CREATE DATABASE empty")
            with _opened(postgres.url(folder, "empty"), tmp_path_factory.mktemp("empty")):
                pass
            yield folder
    except postgres.UnavailableError as reason:
        pytest.skip(str(reason))


@contextmanager
def _new(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    if kind == "sqlite":
        path = shutil.copy(request.getfixturevalue("empty_database"), folder)
        with _opened(f"sqlite:///{path}", folder) as store:
            yield store
    else:
        server, name = request.getfixturevalue("server"), f"test_{uuid4().hex}"
        postgres.execute(server, f"CREATE DATABASE {name} TEMPLATE empty")
        with _opened(postgres.url(server, name), folder) as store:
            yield store
        postgres.execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with _new(request.param, tmp_path, request) as opened:
        yield opened


@pytest.fixture
def sqlite_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """For tests about the file of a SQLite store: `tmp_path / "alcore.db"`."""
    with _new("sqlite", tmp_path, request) as opened:
        yield opened


@pytest.fixture
def postgresql_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with _new("postgresql", tmp_path, request) as opened:
        yield opened


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """For hypothesis: one store for many examples, each with runs of its own."""
    with _new(request.param, tmp_path_factory.mktemp("shared"), request) as opened:
        yield opened
