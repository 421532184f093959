"""Scoring and exact top-500 against modAL, scikit-activeml and small-text.

Both sides run in turns in one session, on the same float32 input, one thread each. See
README.md for the command and for results.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np

from alcore import Criterion, select
from alcore.topk import select_top
from alcore.types import FloatArray
from alcore_uncertainty.criteria import entropy, least_confidence, smallest_margin

PEERS = ("modAL-python==0.4.2.1", "scikit-activeml==1.0.1", "small-text==1.4.1")
LIBRARIES = ("modAL", "scikit-activeml", "small-text")
CRITERIA = (least_confidence, smallest_margin, entropy)
ROWS, K = 1_000_000, 500
BARS = {
    (5, "least_confidence"): 4.0,
    (5, "smallest_margin"): 4.0,
    (5, "entropy"): 2.0,
    (100, "least_confidence"): 1.5,
    (100, "smallest_margin"): 1.5,
    (100, "entropy"): 1.5,
}
# small-text calls Python once per row here: 3 s and 3 min for a million rows.
SLOW = {("small-text", "smallest_margin"), ("small-text", "entropy")}
SLOW_ROWS = 10_000


@dataclass
class Contender:
    """One line of the table: who, how to run it once, and what it took."""

    name: str
    run: Callable[[], tuple[float, list[int]]]
    peer: bool = False
    scale: float = 1
    seconds: list[float] = field(default_factory=list)
    picks: list[int] = field(default_factory=list)

    def measure(self) -> None:
        seconds, self.picks = self.run()
        self.seconds.append(seconds * self.scale)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


class PeerWorker:
    """The peers' process, with one BLAS thread."""

    def __init__(self, python: str) -> None:
        script = Path(__file__).with_name("peer_worker.py")
        one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        self._process = subprocess.Popen(
            [python, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | one_thread,
        )

    def ask(self, library: str, criterion: str, file: Path, rows: int) -> tuple[float, list[int]]:
        request = {"library": library, "criterion": criterion, "file": str(file)}
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request | {"rows": rows, "k": K}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return answer["seconds"], answer["picks"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def peers_python(given: str | None, folder: Path) -> Iterator[str]:
    """The Python that has the peers; without one, an environment is made for this run."""
    if given is None:
        venv.create(folder / "peers", with_pip=True)
        given = str(folder / "peers" / "bin" / "python")
        subprocess.run([given, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    yield given


def timed(action: Callable[[FloatArray], list[int]], table: FloatArray) -> tuple[float, list[int]]:
    action(table[:1000])  # as in the peers' process
    start = time.perf_counter()
    picks = action(table)
    return time.perf_counter() - start, picks


def contenders(
    criterion: Criterion, table: FloatArray, file: Path, worker: PeerWorker
) -> list[Contender]:
    def one_thread(table: FloatArray) -> list[int]:
        return select_top(criterion, table, K).positions.tolist()

    def two_threads(table: FloatArray) -> list[int]:
        return select_top(criterion, table, K, threads=2).positions.tolist()

    def checked(table: FloatArray) -> list[int]:
        return select(table, criterion, K).positions.tolist()

    def reading(table: FloatArray) -> list[int]:
        table.sum()
        return []

    def peer(library: str) -> Contender:
        slow = (library, criterion.name) in SLOW
        rows = SLOW_ROWS if slow else ROWS
        name = f"{library} (once, {SLOW_ROWS:,} rows, scaled)" if slow else library
        run = lambda: worker.ask(library, criterion.name, file, rows)  # noqa: E731
        return Contender(name, run, peer=True, scale=ROWS / rows)

    return [
        Contender("alcore", lambda: timed(one_thread, table)),
        Contender("alcore, 2 threads", lambda: timed(two_threads, table)),
        Contender("alcore.select, all checks", lambda: timed(checked, table)),
        *(peer(library) for library in LIBRARIES),
        Contender("p.sum()", lambda: timed(reading, table)),
    ]


def same_picks(criterion: Criterion, table: FloatArray, ours: list[int], theirs: list[int]) -> str:
    """Whether two batches are equal but for rows that tie with the last one in float32."""
    values = criterion(table[[*ours, *theirs]].astype(np.float64))
    value_of = dict(zip([*ours, *theirs], values, strict=True))
    cut = value_of[ours[-1]]
    differing = set(ours) ^ set(theirs)
    if not differing:
        return "same"
    gap = max(abs(value_of[row] - cut) for row in differing)
    ulps = gap / np.spacing(np.float32(1))
    if len(theirs) == len(ours) and ulps <= 4:
        return f"same but {len(differing) // 2} within {ulps:.1f} ulp of the cut"
    return f"DIFFERENT: {len(differing) // 2}, up to {gap:.2g} from the cut"


def report(c: int, criterion: Criterion, table: FloatArray, rows: list[Contender]) -> None:
    fastest = min((row for row in rows if row.peer), key=lambda row: row.median)
    reading = rows[-1].median
    click.echo(f"\n### {criterion.name}, {ROWS:,} x {c}\n")
    click.echo(
        "| | median ms | min to max | times faster than the fastest peer | times p.sum() | picks |"
    )
    click.echo("|---|---|---|---|---|---|")
    for row in rows:
        spread = f"{min(row.seconds) * 1e3:.1f} to {max(row.seconds) * 1e3:.1f}"
        ratio = f"{fastest.median / row.median:.1f}" if row is not rows[-1] else ""
        picks = same_picks(criterion, table, rows[0].picks, row.picks) if row.picks else ""
        picks = "" if row.scale != 1 else picks
        click.echo(
            f"| {row.name} | {row.median * 1e3:.1f} | {spread} | {ratio} "
            f"| {row.median / reading:.1f} | {picks} |"
        )
    bar = BARS[c, criterion.name]
    reached = fastest.median / rows[0].median
    best = min(fastest.seconds) / min(rows[0].seconds)
    verdict = "met" if reached >= bar else "NOT MET"
    click.echo(
        f"\nBar {bar:g} times {fastest.name}: {verdict}, {reached:.2f} by medians, "
        f"{best:.2f} by the best of each."
    )


@click.command()
@click.option("--peers", help="A Python with the peers; else an environment is made for the run.")
@click.option("--rounds", default=9, show_default=True, help="Turns each contender gets.")
@click.option("--classes", default="5,100", show_default=True)
def main(peers: str | None, rounds: int, classes: str) -> None:
    """Print the tables."""
    click.echo(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, {', '.join(PEERS)}")
    with (
        tempfile.TemporaryDirectory() as folder,
        peers_python(peers, Path(folder)) as python,
    ):
        worker = PeerWorker(python)
        for c in map(int, classes.split(",")):
            file = Path(folder) / f"p{c}.npy"
            weights = np.random.default_rng(c).random((ROWS, c), dtype=np.float32) ** 4
            np.save(file, weights / weights.sum(axis=1, keepdims=True))
            table = np.load(file)
            for criterion in CRITERIA:
                rows = contenders(criterion, table, file, worker)
                for turn in range(rounds):
                    for row in rows:
                        if row.scale == 1 or turn == 0:
                            row.measure()
                report(c, criterion, table, rows)
        worker.close()


if __name__ == "__main__":
    main()
