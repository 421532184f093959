"""Workers write and pages read one SQLite store at the same time; see README.md."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from alcore.errors import AlcoreError
from alcore.store import Store, open_store
from store.examples import add_dataset, add_runs, arrays, event, result

WORKERS, SERVERS, READERS = 3, 2, 10
SECONDS_BETWEEN_LABELS, SECONDS_BETWEEN_BEATS, SECONDS_BETWEEN_VIEWS = 1.0, 0.5, 1.0


@click.command()
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--role", hidden=True)
@click.option("--url", hidden=True)
def main(seconds: float, role: str | None, url: str | None) -> None:
    """Print latencies of three workers and of two dashboards with ten readers each."""
    if role and url:
        click.echo(json.dumps(ROLES[role](open_store(url), seconds)))
        return
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/alcore.db"
        store = open_store(url)
        click.echo(store.place.partition("(")[2].rstrip(")"))
        for _ in range(20):
            add_runs(store, 10)
        roles = ["worker"] * WORKERS + ["server"] * SERVERS
        report([started(role, url, seconds) for role in roles])


def started(role: str, url: str, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, "--role", role, "--url", url, "--seconds", str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def report(processes: "list[subprocess.Popen[str]]") -> None:
    found: dict[str, list[float]] = {}
    for process in processes:
        for name, values in json.loads(process.communicate()[0]).items():
            found.setdefault(name, []).extend(values)
    errors = len(found.pop("errors"))
    click.echo("| | n | median, ms | 99 of 100 below, ms | slowest, ms |\n|---|---|---|---|---|")
    for name, values in sorted(found.items()):
        at = np.percentile(values, [50, 99, 100]) * 1000
        click.echo(f"| {name} | {len(values)} | {at[0]:.1f} | {at[1]:.1f} | {at[2]:.1f} |")
    click.echo(f"errors that reached anyone: {errors}")


class Times(dict[str, list[float]]):
    """Seconds by name, and the errors."""

    def __init__(self) -> None:
        super().__init__(errors=[])

    def take(self, name: str, call: Callable[..., object], *given: object, **named: object) -> None:
        begun = time.perf_counter()
        try:
            call(*given, **named)
        except AlcoreError as error:
            click.echo(str(error), err=True)
            self["errors"].append(time.perf_counter() - begun)
        self.setdefault(name, []).append(time.perf_counter() - begun)


def work(store: Store, seconds: float) -> Times:
    """A round with five labels every second, and a beat every half."""
    times, end = Times(), time.monotonic() + seconds
    dataset = add_dataset(store)
    while time.monotonic() < end:
        run = store.claim_run(process="bench")
        assert run is not None
        store.attach_dataset(run.id, dataset, token=run.token)
        for number in range(50):
            labels = [event(5 * number + i, round=number) for i in range(5)]
            given = (run.id, result(number), arrays(1000, 5), labels, {number: b"png" * 500})
            times.take("write labels", store.commit_round, *given, token=run.token)
            for _ in range(int(SECONDS_BETWEEN_LABELS / SECONDS_BETWEEN_BEATS)):
                where = (run.id, run.token, number, "train", number / 50, 1.0)
                times.take("write progress", store.beat, *where)
                time.sleep(SECONDS_BETWEEN_BEATS)
            if time.monotonic() > end:
                break
    return times


def serve(store: Store, seconds: float) -> Times:
    """Ten readers in one process, as one server has them."""
    times = Times()
    readers = [threading.Thread(target=read, args=(store, seconds, times)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return times


def read(store: Store, seconds: float, times: Times) -> None:
    end = time.monotonic() + seconds
    rng = np.random.default_rng(threading.get_ident() % 2**32)
    while time.monotonic() < end:
        experiment = int(rng.integers(1, 4))
        times.take("read a list of runs", store.list_runs)
        times.take("read an experiment", store.rounds_of, experiment)
        times.take("read labels", store.labels, experiment)
        time.sleep(SECONDS_BETWEEN_VIEWS * rng.uniform(0.5, 1.5))


ROLES = {"worker": work, "server": serve}

if __name__ == "__main__":
    main()
