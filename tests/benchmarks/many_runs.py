"""How long a list of 10,000 runs of 20 rounds takes: the store's own, and the page Runs.

See README.md for the command and results. ALCORE_BENCHMARK_URL names an empty database other
than a new SQLite file.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import click
import numpy as np
import sqlalchemy as sa
from large_store import BATCH, STRATEGIES, new_run, result
from pages import environment, opened

from alcore.presets import experiment_text
from alcore.store import RunState, Store, open_store, schema
from alcore.store import rounds as round_rows
from alcore.worker import _sign_of_life

EXPERIMENTS, RUNS, ROUNDS = 250, 40, 20
ENDED = (*[RunState.DONE] * 17, RunState.FAILED, RunState.STOPPED, RunState.DONE)
LISTS: Mapping[str, dict[str, Any]] = {
    "all, newest page": {},
    "all, last page": {"offset": 9_950},
    "failed": {"states": [RunState.FAILED]},
    "moving": {"states": [RunState.QUEUED, RunState.RUNNING]},
    "one experiment": {"experiment_id": 17},
    "two words": {"search": "entropy PILOT"},
    "words of no run": {"search": "nothing like it"},
    "tag": {"tag": "week-3"},
    "all at once": {"states": [RunState.DONE], "search": "margin", "tag": "week-3"},
}
PAGES: Mapping[str, dict[str, str]] = {
    "all": {},
    "failed": {"state": "failed"},
    "one experiment": {"of": "17"},
    "words": {"words": "entropy pilot"},
    "tag": {"tag": "week-3"},
    "one run": {"run": "4321"},
    "three runs compared": {"runs": "41,42,43"},
}


@click.command()
@click.option("--repeat", default=15, show_default=True, help="How often each is timed.")
def main(repeat: int) -> None:
    """Make the store, which takes half a minute, and print two tables."""
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("ALCORE_BENCHMARK_URL", f"sqlite:///{folder}/alcore.db")
        with environment("ALCORE_STORE", url), closing(open_store(url)) as store:
            start = time.perf_counter()
            fill(store)
            click.echo(f"filled in {time.perf_counter() - start:.0f} s", err=True)
            click.echo("| store | runs found | seconds |\n|---|---|---|")
            for name, words in LISTS.items():
                list_runs = partial(store.list_runs, **words)
                click.echo(f"| {name} | {list_runs()[1]:,} | {timed(list_runs, repeat)} |")
            with _sign_of_life(store) as alive:  # no page shall start a worker
                alive()
                click.echo("\n| page | first view | again |\n|---|---|---|")
                for name, query in PAGES.items():
                    click.echo(page(name, query, repeat))


def page(name: str, query: dict[str, str], repeat: int) -> str:
    app = opened("runs", query)
    start = time.perf_counter()
    app.run()
    first = time.perf_counter() - start
    again = timed(app.run, repeat)
    if problems := [str(each.value) for each in (*app.exception, *app.error, *app.warning)]:
        raise click.ClickException("; ".join(problems))
    return f"| {name} | {first:.2f} | {again} |"


def timed(act: Callable[[], object], repeat: int) -> str:
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return f"{statistics.median(seconds):.3f} ({min(seconds):.3f} to {max(seconds):.3f})"


def fill(store: Store) -> None:
    """Runs as they are after months: most done, some failed or stopped, the newest waiting."""
    config = experiment_text("digits")
    seeds = RUNS // len(STRATEGIES)
    new = [new_run(strategy, seed) for seed in range(seeds) for strategy in STRATEGIES]
    for number in range(EXPERIMENTS):
        store.add_experiment(f"Experiment {number}", config, new)
    with store._database.write() as connection:
        update = sa.update(schema.runs).where(schema.runs.c.id == sa.bindparam("of"))
        rows = [state_of(run_id) for run_id in range(1, EXPERIMENTS * RUNS + 1)]
        names = {name: sa.bindparam(name) for name in rows[0] if name != "of"}
        connection.execute(update.values(names), rows)
    rng = np.random.default_rng(0)
    made = [round_rows._row(0, result(rng, i, BATCH)) for i in range(ROUNDS)]
    for first in range(1, EXPERIMENTS * RUNS + 1, 1_000):
        some = [row | {"run_id": first + i} for i in range(1_000) for row in made]
        with store._database.write() as connection:
            connection.execute(sa.insert(schema.rounds), some)


def state_of(run_id: int) -> dict[str, object]:
    """The newest 60 runs wait, a few before them are at work, all others are over."""
    newness = EXPERIMENTS * RUNS - run_id
    waits, works = newness < 60, 60 <= newness < 63
    ended = ENDED[run_id % len(ENDED)]
    state = RunState.QUEUED if waits else RunState.RUNNING if works else ended
    started = None if waits else schema.now() - timedelta(hours=1)
    return {
        "of": run_id,
        "state": state,
        "error": "the disk is full" if state is RunState.FAILED else None,
        "traceback": "line\n" * 500 if state is RunState.FAILED else None,
        "round": None if waits else ROUNDS - 1,
        "step": "" if waits else "train",
        "fraction": 0.0 if waits else 0.9,
        "started_at": started,
        "finished_at": None if waits or works else schema.now(),
        "lease_until": time.time() + 1e6,
        "best_accuracy": None if waits else 0.9,
        "n_labelled": None if waits else 1_050,
        "title": f"run number {run_id}",
        "note": "a pilot, " * (run_id % 20),
        "tags": [f"week-{run_id % 50}", "paper"],
    }


if __name__ == "__main__":
    main()
