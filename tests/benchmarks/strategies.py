"""Strategies of alcore_diversity against scikit-activeml's, a literal reference, and size.

Every selection runs in a process of its own (strategy_worker.py), one thread, on the same files.
See README.md for the command and for results.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
from kernels import peers_python

from alcore_diversity import alcore_strategies

SPECS = {spec.name: spec for spec in alcore_strategies()}
PEER = "scikit-activeml"
RADIUS = 0.8
PIECE = 50_000


@dataclass(frozen=True)
class Data:
    """A made-up pool: clusters in a space whose directions matter less and less."""

    n: int
    d: int
    classes: int = 10
    labelled: int = 20

    def write(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        width = (1 + np.arange(self.d)) ** -0.5
        centres = rng.normal(size=(5 * self.classes, self.d)) * width
        head = rng.normal(size=(self.d, self.classes)) * 3

        def rows(n: int) -> Any:
            noise = rng.normal(size=(n, self.d)) * width
            return (centres[rng.integers(len(centres), size=n)] + noise).astype(np.float32)

        np.save(folder / "labelled.npy", rows(self.labelled))
        shapes = {"pool": (self.n, self.d), "probabilities": (self.n, self.classes)}
        files = [
            np.lib.format.open_memmap(
                folder / f"{name}.npy", mode="w+", dtype=np.float32, shape=shape
            )
            for name, shape in shapes.items()
        ]
        for start in range(0, self.n, PIECE):
            part = rows(min(PIECE, self.n - start))
            logits = part @ head
            chances = np.exp(logits - logits.max(axis=1, keepdims=True))
            files[0][start : start + PIECE] = part
            files[1][start : start + PIECE] = chances / chances.sum(axis=1, keepdims=True)


@dataclass
class Runner:
    """Writes data once, and runs jobs in processes."""

    peers: str
    folder: Path
    turns: int
    _current: Data | None = field(default=None, init=False)

    def prepare(self, data: Data) -> None:
        if data != self._current:
            data.write(self.folder)
            self._current = data

    def cluster(self, k: int) -> None:
        """One k-means result for both sides."""
        from sklearn.cluster import KMeans
        from sklearn.preprocessing import normalize

        rows = [np.load(self.folder / f"{name}.npy") for name in ("labelled", "pool")]
        labels = KMeans(k, n_init=1, random_state=0).fit_predict(normalize(np.concatenate(rows)))
        np.save(self.folder / "clusters.npy", labels)

    def once(self, side: str, strategy: str, n: int, **more: Any) -> dict[str, Any]:
        defaults = {"options": {}, "dtype": "float32", "seed": 0, "candidates": None}
        flags = dict.fromkeys(("clusters", "legacy", "from_origin", "objective"), False)
        job = defaults | flags | {"side": side, "strategy": strategy, "n": n} | more
        python = self.peers if side == PEER else sys.executable
        script = str(Path(__file__).with_name("strategy_worker.py"))
        job["folder"] = str(self.folder)
        one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        done = subprocess.run(
            [python, script, json.dumps(job)],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            env=os.environ | one_thread,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def several(self, turns: int, *job: Any, **more: Any) -> "Measured":
        return Measured([self.once(*job, **more) for _ in range(turns)])


@dataclass
class Measured:
    """The same job some times."""

    answers: list[dict[str, Any]]

    @property
    def seconds(self) -> float:
        return statistics.median(answer["seconds"] for answer in self.answers)

    @property
    def spread(self) -> str:
        seconds = [answer["seconds"] for answer in self.answers]
        low, high = min(seconds), max(seconds)
        return f"{self.seconds:.3g} ({low:.3g} to {high:.3g})" if len(seconds) > 1 else f"{low:.3g}"

    @property
    def extra(self) -> float:
        return float(max(answer["extra"] for answer in self.answers))

    @property
    def picks(self) -> list[int]:
        picks: list[int] = self.answers[0]["picks"]
        return picks


def table(title: str, *heads: str) -> None:
    click.echo(f"\n### {title}\n\n| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))


def line(*cells: object) -> None:
    click.echo("| " + " | ".join(map(str, cells)) + " |")


def agreement(ours: list[int], theirs: list[int]) -> str:
    if ours == theirs:
        return "same"
    first = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
    return f"{len(set(ours) & set(theirs))} of {len(ours)} the same, the first {first} in order"


@dataclass(frozen=True)
class Row:
    """One line against scikit-activeml; `check` is the job whose picks are compared, if another."""

    strategy: str
    data: Data
    n: int
    bar: float
    peer_turns: int | None = None
    check: dict[str, Any] = field(default_factory=lambda: {"dtype": "float64"})
    job: dict[str, Any] = field(default_factory=dict)


AGAINST = (
    Row(
        "badge",
        Data(5000, 768, classes=100, labelled=0),
        20,
        bar=50,
        peer_turns=1,
        check={"from_origin": True},
        job={"dtype": "float64", "legacy": True},
    ),
    Row("max_herding", Data(5000, 768), 100, bar=10),
    Row("probcover", Data(5000, 768), 100, bar=10, job={"options": {"radius": RADIUS}}),
    Row(
        "typiclust",
        Data(5000, 768),
        100,
        bar=10,
        check={"dtype": "float64", "clusters": True},
        job={"options": {"neighbours": 5}},
    ),
    Row("k_center", Data(100_000, 1280), 500, bar=2, peer_turns=1, check={}),
)


def against(runner: Runner, rows: Iterable[Row]) -> None:
    """The bars."""
    table(
        "Against scikit-activeml",
        *("", "alcore s", "scikit-activeml s", "times faster", "alcore extra MB"),
        *("scikit-activeml extra MB", "share", "picks"),
    )
    for row in rows:
        runner.prepare(row.data)
        if row.check.get("clusters"):
            runner.cluster(row.data.labelled + row.n)
        ours = runner.several(runner.turns, "alcore", row.strategy, row.n, **row.job)
        theirs = runner.several(
            row.peer_turns or runner.turns, PEER, row.strategy, row.n, **row.job
        )
        dtype = row.job.get("dtype", "float32")
        job, picks = row.job | row.check, [ours.picks, theirs.picks]
        if row.check:
            picks = [
                runner.once(side, row.strategy, row.n, **job)["picks"] for side in ("alcore", PEER)
            ]
        features = row.data.n * row.data.d * np.dtype(dtype).itemsize / 2**20
        line(
            f"{row.strategy}, n = {row.data.n:,}, d = {row.data.d}, B = {row.n}",
            ours.spread,
            theirs.spread,
            f"{theirs.seconds / ours.seconds:.1f}, bar {row.bar:g}",
            f"{ours.extra:.0f} ({ours.extra / features:.1%} of the features)",
            f"{theirs.extra:.0f}",
            f"{ours.extra / theirs.extra:.1%}",
            agreement(*picks),
        )


def reference(runner: Runner) -> None:
    """Picks against the definition on whole matrices; k-center against scikit-activeml."""
    table("Picks in float64, n = 2,000, d = 64, B = 50", "", "picks")
    runner.prepare(Data(2000, 64))
    runner.cluster(70)
    jobs: dict[str, dict[str, Any]] = {
        "badge": {},
        "max_herding": {},
        "probcover": {"options": {"radius": RADIUS}},
        "typiclust": {"options": {"neighbours": 20}, "clusters": True},
        "k_center": {},
    }
    for strategy, more in jobs.items():
        other = PEER if strategy == "k_center" else "literal"
        both = [
            runner.once(side, strategy, 50, dtype="float64", **more)["picks"]
            for side in ("alcore", other)
        ]
        line(f"{strategy} against {other}", agreement(*both))


def alone(runner: Runner) -> None:
    """Ours at sizes where the others cannot follow."""
    table("alcore alone", "", "s", "extra MB")
    for strategy in ("max_herding", "uherding", "probcover", "typiclust"):
        runner.prepare(Data(20_000, 768))
        ours = runner.several(1, "alcore", strategy, 100)
        line(f"{strategy}, n = 20,000, d = 768, B = 100", ours.spread, f"{ours.extra:.0f}")


def large(runner: Runner) -> None:
    """The bar is 1 GB."""
    table("BADGE of a million", "", "s", "extra MB")
    runner.prepare(Data(1_000_000, 256, classes=100))
    ours = runner.several(1, "alcore", "badge", 20)
    line("badge, n = 1,000,000, d = 256, C = 100, B = 20", ours.spread, f"{ours.extra:.0f}")


def growth(runner: Runner) -> None:
    """Strategies with `exact_up_to` get so many candidates, as in a run."""
    sizes = (10_000, 100_000, 1_000_000)
    answers: dict[str, list[str]] = {name: [] for name in SPECS}
    for n in sizes:
        runner.prepare(Data(n, 64))
        for name, spec in SPECS.items():
            got = runner.once("alcore", name, 50, candidates=spec.exact_up_to)
            answers[name].append(f"{got['seconds']:.2f} s, {got['extra']:.0f} MB")
    table("Seconds and extra memory, d = 64, C = 10, B = 50", "", *(f"{n:,}" for n in sizes))
    for name, cells in answers.items():
        limit = SPECS[name].exact_up_to
        line(name if limit is None else f"{name} ({limit:,} candidates at most)", *cells)


def subsample(runner: Runner) -> None:
    """What the picks cover of all 40,000, chosen among all and among 20,000 of them."""
    table(
        "Objective on 40,000 samples, d = 64, B = 50",
        *("", "all are candidates", "20,000 are, 3 draws", "loss"),
    )
    runner.prepare(Data(40_000, 64))
    options: dict[str, Any]
    for strategy, options in {
        "max_herding": {},
        "uherding": {},
        "probcover": {"radius": RADIUS},
    }.items():
        more: dict[str, Any] = {"options": options, "objective": True}
        whole = runner.once("alcore", strategy, 50, **more)["objective"]
        parts = [
            runner.once("alcore", strategy, 50, candidates=20_000, seed=seed, **more)["objective"]
            for seed in range(3)
        ]
        drawn = ", ".join(f"{part:.4f}" for part in parts)
        line(strategy, f"{whole:.4f}", drawn, f"{1 - statistics.mean(parts) / whole:.2%}")


PARTS = {
    "reference": reference,
    "alone": alone,
    "badge_large": large,
    "growth": growth,
    "subsample": subsample,
}


@click.command()
@click.option("--peers", help="A Python with the peers; else an environment is made for the run.")
@click.option("--turns", default=3, show_default=True, help="Of each side; the slowest have one.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([*(row.strategy for row in AGAINST), *PARTS]),
    help="Some tables or lines only.",
)
def main(peers: str | None, turns: int, only: tuple[str, ...]) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder, peers_python(peers, Path(folder)) as found:
        runner = Runner(found, Path(folder), turns)
        if rows := [row for row in AGAINST if not only or row.strategy in only]:
            against(runner, rows)
        for name, part in PARTS.items():
            if not only or name in only:
                part(runner)


if __name__ == "__main__":
    main()
