"""100 million samples in a memory-mapped file, ranked exactly in little memory.

Prints seconds and the peak of anonymous memory (RssAnon): pages of the file itself count as
resident too, but the system takes them back whenever it needs them. Linux only.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np

from alcore import Criterion, criterion
from alcore.topk import Top, select_top
from alcore.types import FloatArray
from alcore_uncertainty.criteria import least_confidence, smallest_margin

K = 500
CLASSES = 10
PIECE = 1_000_000


@criterion(direction="max")
def constant(probabilities: FloatArray) -> FloatArray:
    """The same for all: every sample ties with the last one picked."""
    return np.zeros(len(probabilities), dtype=np.float32)


def write_table(path: Path, n: int) -> None:
    """Random float32 probabilities, written piece by piece."""
    table = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, CLASSES))
    rng = np.random.default_rng(0)
    for start in range(0, n, PIECE):
        weights = rng.random((min(PIECE, n - start), CLASSES), dtype=np.float32)
        table[start : start + PIECE] = weights / weights.sum(axis=1, keepdims=True)
    table.flush()


def anonymous_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


@contextmanager
def peak_memory() -> Iterator[Callable[[], float]]:
    """Looks every 5 ms; the function given tells the highest so far."""
    done = threading.Event()
    seen = [anonymous_megabytes()]

    def watch() -> None:
        while not done.wait(0.005):
            seen.append(anonymous_megabytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: max(seen)
    finally:
        done.set()
        watcher.join()


def plain_values(criterion_name: str, piece: FloatArray) -> FloatArray:
    """The criteria once more, as one would write them without alcore."""
    if criterion_name == "least_confidence":
        return piece.max(axis=1)
    if criterion_name == "smallest_margin":
        ordered = np.sort(piece, axis=1)
        return ordered[:, -1] - ordered[:, -2]
    return np.zeros(len(piece), dtype=np.float32)


def check(name: str, table: FloatArray, top: Top) -> None:
    """Hold the picks against a plain pass: all below the cut, and the first of those at it."""
    cut = np.abs(top.utilities[-1])
    below: list[int] = []
    at_cut: list[int] = []
    for start in range(0, len(table), PIECE):
        values = plain_values(name, np.asarray(table[start : start + PIECE]))
        below += (start + np.flatnonzero(values < cut)).tolist()
        if len(at_cut) < K:
            at_cut += (start + np.flatnonzero(values == cut)[:K]).tolist()
    expected = below + at_cut[: K - len(below)]
    assert sorted(top.positions.tolist()) == sorted(expected), f"{name}: wrong picks"


@click.command()
@click.option("--rows", default=100_000_000, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Where the file of 4 GB is put.")
@click.option("--threads", default=1, show_default=True)
def main(rows: int, folder: Path | None, threads: int) -> None:
    """Print one line per criterion."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "probabilities.npy"
        write_table(path, rows)
        table = np.load(path, mmap_mode="r")
        click.echo("| criterion | seconds | peak RssAnon, MB | picks |")
        click.echo("|---|---|---|---|")
        for each in (least_confidence, smallest_margin, constant):
            click.echo(measure(each, table, threads))


def measure(each: Criterion, table: FloatArray, threads: int) -> str:
    with peak_memory() as peak:
        start = time.perf_counter()
        top = select_top(each, table, K, threads=threads)
        seconds = time.perf_counter() - start
        highest = peak()
    check(each.name, table, top)
    return f"| {each.name} | {seconds:.1f} | {highest:.0f} | equal to those of a plain pass |"


if __name__ == "__main__":
    main()
