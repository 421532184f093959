"""`alcore dashboard` and `alcore demo`: the one room that may start the dashboard."""

import importlib
import importlib.util
import os
import subprocess
import sys
from importlib.resources import as_file, files
from typing import Any

import click

from alcore.errors import AlcoreError

_PORT = click.option("--port", type=int, help="Where to listen; default: 8501.")
_STORE = click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")


@click.command()
@_PORT
@_STORE
def dashboard(port: int | None, url: str | None) -> int:
    """Serve the dashboard on this machine."""
    return _serve(_launcher(), port, url)


@click.command()
@_PORT
@_STORE
def demo(port: int | None, url: str | None) -> int:
    """Run the demonstration on real digits, then serve the dashboard.

    What has been run before is not run again.
    """
    from alcore.presets import DEMONSTRATION

    launcher = _launcher()
    launcher.check_port(launcher.DEFAULT_PORT if port is None else port)
    for name in DEMONSTRATION:
        _run_once(name, url)
    return _serve(launcher, port, url)


def _launcher() -> Any:
    for module in ("streamlit", "alcore_dashboard"):
        if importlib.util.find_spec(module) is None:
            raise AlcoreError(
                'the dashboard needs alcore[dashboard]; pip install "alcore[dashboard]"'
            )
    return importlib.import_module("alcore_dashboard.launch")


def _serve(launcher: Any, port: int | None, url: str | None) -> int:
    from alcore.store import open_store

    os.environ["ALCORE_STORE"] = open_store(url).url
    code: int = launcher.serve(port)
    return code


def _run_once(name: str, url: str | None) -> None:
    from alcore.experiment import parse_experiment, resolved
    from alcore.plugins import Registry
    from alcore.presets import experiment_text
    from alcore.queueing import check_components
    from alcore.store import RunState, open_store

    registry = Registry.load()
    experiment = parse_experiment(experiment_text(name), registry)
    try:
        check_components(experiment, registry)
    except AlcoreError as error:
        click.echo(f"{experiment.title}: left out, {error}", err=True)
        return
    config = resolved(experiment, registry).to_toml()
    store = open_store(url)
    for earlier in store.experiments():
        if earlier.config == config and set(earlier.states) == {RunState.DONE}:
            return
    # A process of its own, so that the one that serves stays small.
    with as_file(files("alcore.presets") / f"{name}.toml") as path:
        command = [sys.executable, "-m", "alcore", "run", str(path)]
        # The URL may hold a password, which a command line would show to everybody.
        environment = {**os.environ, "ALCORE_STORE": store.url}
        if subprocess.run(command, check=False, env=environment).returncode:
            raise AlcoreError(f"the demonstration {experiment.title!r} failed; see above")
