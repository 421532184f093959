"""`alcore run`: carry out an experiment file, watch it, compare with random."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alcore.errors import UsageError
from alcore.presets import NAMES, experiment_text

if TYPE_CHECKING:
    from alcore.cli.progress import Watch
    from alcore.store import Store

_POLL_SECONDS = 0.5


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--preset", type=click.Choice(NAMES), help="A ready-made experiment, not a FILE.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="model.epochs=3")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, nothing else.")
@click.option("--estimate", "only_estimate", is_flag=True, help="Say what it takes and stop.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, help="Runs side by side; default 1.")
@click.option("--store", "url", help="Where to keep it; default: ALCORE_STORE, or your own.")
def run(
    file: Path | None,
    preset: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    only_estimate: bool,
    jobs: int,
    url: str | None,
) -> int:
    """Carry out the experiment in FILE (TOML)."""
    from alcore.cli.claims import claims_table
    from alcore.cli.output import estimate_line, result_rows, result_table
    from alcore.cli.progress import watched
    from alcore.cli.quiet import native_noise_to
    from alcore.cli.signals import stoppable
    from alcore.estimate import estimate_by_trial
    from alcore.experiment import parse_experiment
    from alcore.features import FeatureCache
    from alcore.plugins import Registry
    from alcore.queueing import check_components, queue_experiment
    from alcore.store import RunState, open_store

    # What plugins print goes to standard error: standard output has the result alone.
    with redirect_stdout(sys.stderr):
        registry = Registry.load()
    experiment = parse_experiment(_text(file, preset), registry, overrides=overrides)
    check_components(experiment, registry)
    store = open_store(url)
    cache = FeatureCache(store.folder / "features")
    with native_noise_to(store.folder / "worker.log"), redirect_stdout(sys.stderr):
        click.echo(estimate_line(estimate_by_trial(experiment, registry, cache=cache)), err=True)
        if only_estimate:
            return 0
        number = queue_experiment(store, experiment, registry)
        with stoppable() as check, watched(experiment, hidden=as_json) as watch:
            _follow(store, number, jobs, check, watch)
    rows = result_rows(store, number)
    if as_json:
        click.echo(_json(number, rows))
    else:
        click.echo(claims_table(store, number, experiment) + result_table(store, number, rows))
    return 0 if set(store.experiment(number).states) == {RunState.DONE} else 1


def _follow(
    store: "Store", experiment_id: int, jobs: int, check: Callable[[], None], watch: "Watch"
) -> None:
    """Until all runs are over. Ctrl-C stops them after the batch at hand, again: at once."""
    from alcore.worker import ensure_worker

    if not ensure_worker(store, jobs):
        click.echo("a worker is at work already and takes these runs in their turn", err=True)
    stopped = False
    while not all(run.state.is_over for run in store.runs(experiment_id)):
        watch(store.runs(experiment_id))
        try:
            check()
            time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            store.request_stop(experiment_id)
            if stopped:
                raise
            click.echo("stopping; Ctrl-C again to stop in the middle of a step", err=True)
            stopped = True
        store.expire_leases()
        if store.has_waiting(experiment_id):
            ensure_worker(store, jobs)
    if stopped:
        raise KeyboardInterrupt


def _text(file: Path | None, preset: str | None) -> str:
    if file is not None and preset is None:
        return _read(file)
    if file is None and preset is not None:
        return experiment_text(preset)
    raise UsageError("give either the FILE of an experiment or --preset, such as article")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text; an experiment is a TOML file") from error
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error


def _json(number: int, rows: list[dict[str, Any]]) -> str:
    return json.dumps({"experiment": number, "strategies": rows}, indent=2)
