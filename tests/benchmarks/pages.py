"""How long the pages take to answer, without a browser: one line per page and store.

See README.md for the command, what is measured, and results.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
import numpy as np
from large_store import fill
from streamlit.testing.v1 import AppTest

import alcore_dashboard
from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.presets import experiment_text
from alcore.queueing import queue_experiment
from alcore.store import Store, open_store
from alcore.worker import Worker
from alcore_dashboard.services.criteria_sources import DATA_DIRS

MAIN = Path(alcore_dashboard.__file__).with_name("main.py")
PAGES = ("criteria", "budget", "rounds", "runs", "compare", "worst", "plugins")
STORED = {"source": "run"}  # the criteria page looks at a round of the store
ROWS, CLASSES, PIECE = 1_000_000, 100, 100_000


@click.command()
@click.option("--repeat", default=15, show_default=True, help="Reruns of each page.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the stores; reuse them.")
def main(repeat: int, folder: Path | None) -> None:
    """Print the tables; making the stores takes about two minutes and 1.6 GB."""
    with tempfile.TemporaryDirectory() as made:
        place = folder or Path(made)
        place.mkdir(exist_ok=True)
        click.echo("| store | page | rerun | first view | another choice |")
        click.echo("|---|---|---|---|---|")
        for name, make in {"demonstration": play_demonstration, "large": fill}.items():
            with environment("ALCORE_STORE", store_url(place / f"{name}.db", make)):
                for page in PAGES:
                    click.echo(measure(name, page, repeat))
        path = place / "probabilities.npy"
        if not path.exists():
            write_table(path)
        with environment(DATA_DIRS, str(place)):
            measure_file(path.name, repeat)


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    yield
    if before is None:
        del os.environ[name]
    else:
        os.environ[name] = before


def store_url(path: Path, make: Callable[[Store], object]) -> str:
    """A store that is made once: it takes its name when it is complete."""
    if not path.exists():
        start = time.perf_counter()
        draft = path.with_name(f"{path.stem}-draft.db")
        with closing(open_store(f"sqlite:///{draft}")) as store:
            make(store)
        draft.with_name(f"{draft.stem}-files").rename(path.with_name(f"{path.stem}-files"))
        draft.rename(path)
        click.echo(f"{path.name}: {time.perf_counter() - start:.0f} s", err=True)
    return f"sqlite:///{path}"


def play_demonstration(store: Store) -> None:
    """The runs of `alcore demo`."""
    registry = Registry.load(built_in_only=True)
    queue_experiment(store, parse_experiment(experiment_text("digits"), registry), registry)
    Worker(store=store).work(once=True)


def measure(store: str, page: str, repeat: int) -> str:
    """The first view, reruns of it, and what nobody looked at before."""
    app = opened(page, STORED if page == "criteria" else {})
    first = timed(app.run)
    again = [timed(app.run) for _ in range(repeat)]
    return f"| {store} | {page} | {spread(again)} | {first:.2f} | {other_choices(app)} |"


def opened(page: str, query: dict[str, str]) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=600)
    app.query_params.update(query)
    return app.switch_page(f"app_pages/{page}.py")


def timed(act: Callable[[], AppTest]) -> float:
    start = time.perf_counter()
    app = act()
    seconds = time.perf_counter() - start
    if problems := [str(each.value) for each in (*app.exception, *app.error)]:
        raise click.ClickException("; ".join(problems))
    return seconds


def other_choices(app: AppTest) -> str:
    """Times of three runs, or metrics, that are chosen one after the other."""
    box = next((each for each in app.selectbox if each.key in ("run", "y")), None)
    if box is None:
        return "–"
    options = box.options[len(box.options) // 2 :][:3]
    return spread([timed(app.selectbox(key=box.key).set_value(each).run) for each in options])


def spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


def write_table(path: Path) -> None:
    rng = np.random.default_rng(0)
    table = np.lib.format.open_memmap(path, "w+", np.float32, (ROWS, CLASSES))
    for start in range(0, ROWS, PIECE):
        powers = np.exp(3 * rng.standard_normal((PIECE, CLASSES), dtype=np.float32))
        table[start : start + PIECE] = powers / powers.sum(axis=1, keepdims=True)
    table.flush()


def measure_file(name: str, repeat: int) -> None:
    """A million rows by path: the first table, then each criterion for the first time and again."""
    click.echo(f"\n| {ROWS:,} x {CLASSES} by path | seconds |")
    click.echo("|---|---|")
    app = opened("criteria", {"source": "file", "file": name})
    click.echo(f"| first table | {timed(app.run):.2f} |")
    criteria = app.selectbox(key="criterion")
    first, *others = list(criteria.options)
    for title in (*others, first):
        seconds = timed(app.selectbox(key="criterion").set_value(title).run)
        click.echo(f"| change to {title} | {seconds:.2f} |")
    click.echo(f"| rerun | {spread([timed(app.run) for _ in range(repeat)])} |")


if __name__ == "__main__":
    main()
