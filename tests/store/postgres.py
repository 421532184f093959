"""A PostgreSQL server of the tests' own, in a temporary folder, reached by a socket there."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg


class UnavailableError(Exception):
    """There can be no server on this machine; the text says why."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server; gives the folder of its socket. Nothing is synced: the data is thrown away.

    Raises:
        UnavailableError: PostgreSQL is not installed, or nobody may start it.
    """
    programs, user = _programs(), _user()
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:  # a socket's path must be short
        if user:
            shutil.chown(folder, **user)
        data = f"{folder}/data"
        make = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "-A",
            "trust",
            "-N",
        ]
        subprocess.run(make, cwd=folder, stdout=subprocess.DEVNULL, check=True, **user)
        settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cfsync=off"]
        serve = [programs / "postgres", "-D", data, *settings]
        with (
            Path(folder, "log").open("wb") as log,
            subprocess.Popen(serve, cwd=folder, stderr=log, **user) as process,
        ):
            try:
                _wait_for(folder)
                yield folder
            finally:
                process.send_signal(signal.SIGQUIT)  # at once, without tidying up


def execute(folder: str, *statements: str) -> None:
    """Run statements outside a transaction, such as CREATE DATABASE."""
    with psycopg.connect(host=folder, user="postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def url(folder: str, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={folder}"


def _programs() -> Path:
    """The folder of initdb: on the path, else the newest of where Debian puts it."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name))
    if not folders:
        raise UnavailableError("PostgreSQL is not installed: there is no initdb")
    return folders[-1]


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    with suppress(LookupError):
        import pwd

        pwd.getpwnam("postgres")
        return {"user": "postgres", "group": "postgres"}
    raise UnavailableError("PostgreSQL does not run as root, and there is no user postgres")


def _wait_for(folder: str) -> None:
    for _ in range(300):
        with suppress(psycopg.OperationalError):
            return execute(folder, "SELECT 1")
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {Path(folder, 'log').read_text()}")
