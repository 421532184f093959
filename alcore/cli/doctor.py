"""`alcore doctor`: what is installed and where things are, and what alcore thinks of it."""

import json
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from alcore.errors import sentence

if TYPE_CHECKING:
    from alcore.store.connect import Database

Verdict = Literal["ok", "look", "bad"]
_NOT_YET = "no store there yet; it is made when needed"
_BAD_BYTES, _LOW_BYTES = 200e6, 2e9
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


class Fact(NamedTuple):
    """One line: what it is about, what was found, what alcore thinks of it, what to do."""

    name: str
    value: str
    verdict: Verdict = "ok"
    todo: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")
def doctor(as_json: bool, url: str | None) -> int:
    """Show versions, store, folders, plugins, worker; exit code 1 when something is bad."""
    facts = list(_facts(url))
    if as_json:
        click.echo(json.dumps([fact._asdict() for fact in facts], indent=2))
    else:
        click.echo("\n".join(map(_line, facts)))
    return 1 if any(fact.verdict == "bad" for fact in facts) else 0


def _line(fact: Fact) -> str:
    todo = f"; {fact.todo}" if fact.todo else ""
    return f"{fact.verdict:<5}{fact.name:<12}{fact.value}{todo}"


def _facts(url: str | None) -> Iterator[Fact]:
    parts: dict[str, Callable[[], Iterator[Fact]]] = {
        "versions": _versions,
        "store": lambda: _store(url),
        "caches": _caches,
        "plugins": _plugins,
        "cores": _cores,
    }
    for name, part in parts.items():
        try:
            yield from part()
        except Exception as error:  # what is broken is told, and the rest too
            todo = "name another store, or restore a backup of it" if name == "store" else ""
            yield Fact(name, sentence(error), "bad", todo)


def _versions() -> Iterator[Fact]:
    yield Fact("alcore", version("alcore"))
    yield Fact("Python", f"{platform.python_version()} ({sys.executable})")
    yield Fact("SQLAlchemy", version("sqlalchemy"))
    for name, extra in (("Streamlit", "dashboard"), ("TensorFlow", "tensorflow")):
        try:
            yield Fact(name, version(name))
        except PackageNotFoundError:
            todo = f"for it: pip install 'alcore[{extra}]'"
            yield Fact(name, "not installed", "look", todo)


def _store(url: str | None) -> Iterator[Fact]:
    from alcore.store.connect import HEAD, reach

    database = reach(url)
    try:
        yield Fact("store", database.name)
        yield _folder("files", database.files)
        if database.path is not None:
            if not database.path.exists():
                yield Fact("schema", _NOT_YET)
                return
            yield _journal(database)
        yield (schema := _schema(database))
        if schema.value == HEAD:
            yield _worker(database)
    finally:
        database.close()


def _journal(database: "Database") -> Fact:
    from alcore.store.connect import journal_mode

    wanted, present = journal_mode(sqlite3.sqlite_version_info), database.journal_mode()
    why = "" if wanted == "wal" else ", because WAL can damage a store before SQLite 3.51.3"
    value = f"{sqlite3.sqlite_version}, {present.upper()} and synchronous FULL{why}"
    if present == wanted:
        return Fact("SQLite", value)
    todo = f"{wanted.upper()} follows when no other process has the store open"
    return Fact("SQLite", value, "look", todo)


def _schema(database: "Database") -> Fact:
    from alcore.store.connect import HEAD

    found = database.version()
    if found is None or found == HEAD:
        return Fact("schema", found or _NOT_YET)
    if found.isdecimal() and found > HEAD:
        todo = "install the alcore that made it"
        return Fact("schema", f"{found} is newer than {HEAD}", "bad", todo)
    copy = " and keeps a copy as it was" if database.path else ""
    return Fact("schema", found, "look", f"the next command brings it to {HEAD}{copy}")


def _worker(database: "Database") -> Fact:
    from alcore.store import Store
    from alcore.worker import worker_alive

    store = Store(database)
    if (process := worker_alive(store)) is not None:
        return Fact("worker", f"alive, process {process or 'unknown'}")
    if store.has_waiting():
        todo = "start one: alcore worker"
        return Fact("worker", "none, but runs wait", "look", todo)
    return Fact("worker", "none, and no run waits")


def _caches() -> Iterator[Fact]:
    from platformdirs import user_cache_path

    yield _folder("downloads", user_cache_path("alcore"))
    for name, variable in (("TF Hub", "TFHUB_CACHE_DIR"), ("TFDS", "TFDS_DATA_DIR")):
        if folder := os.environ.get(variable):
            yield _folder(name, Path(folder).expanduser())


def _folder(name: str, folder: Path) -> Fact:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    value = f"{folder}, {free / 1e9:.1f} GB free"
    if not there.is_dir() or not os.access(there, os.W_OK):
        todo = "name another one, or let this user write there"
        return Fact(name, f"{folder} cannot be written", "bad", todo)
    if free < _LOW_BYTES:
        verdict: Verdict = "bad" if free < _BAD_BYTES else "look"
        return Fact(name, value, verdict, "make room: alcore store prune")
    return Fact(name, value)


def _plugins() -> Iterator[Fact]:
    from alcore.plugins import Registry

    with redirect_stdout(sys.stderr):  # what plugins print is no part of the list
        plugins = Registry.load(strict=False).plugins
    working = [plugin.name for plugin in plugins if plugin.status == "ok"]
    yield Fact("plugins", ", ".join(working) or "none")
    for plugin in plugins:
        for error in plugin.errors:
            todo = f"to switch it off: {plugin.remedy}"
            yield Fact("plugins", f"{plugin.name}: {error}", "bad", todo)


def _cores() -> Iterator[Fact]:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = [f"{name}={os.environ[name]}" for name in _THREADS if name in os.environ]
    set_to = ", ".join(threads) or "threads as alcore sets them"
    yield Fact("cores", f"{allowed} of {os.cpu_count()} may be used; {set_to}")
