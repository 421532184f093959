"""Every built-in strategy on digits and flowers, and on a long tail of each: what a label buys.

See README.md for the command and results. The runs stay in the folder's store, so that
`alcore dashboard --store` shows them.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import tomli_w

from alcore.compare import balanced_accuracy
from alcore.comparison import compare
from alcore.played import read
from alcore.statistics import area, mean_interval, tally
from alcore.store import open_store

STRATEGIES = [
    "random",
    "least_confidence",
    "smallest_margin",
    "entropy",
    "bald",
    "vote_entropy",
    "k_means",
    "k_center",
    "typiclust",
    "probcover",
    "max_herding",
    "uherding",
    "badge",
]
BALANCED = ["random", "least_confidence", "smallest_margin"]
DIGITS: dict[str, Any] = {
    "dataset": {"name": "digits"},
    "model": {"name": "logistic"},
    "splits": {"initial": 50, "validation": 200, "test": 500},
    "budget": {"samples": 300, "batch": 50},
}
FLOWERS: dict[str, Any] = {
    "splits": {"initial": 100, "validation": 500, "test": 1000},
    "budget": {"samples": 500, "batch": 50},
}
ARTICLE: dict[str, Any] = {
    "strategies": ["random", "least_confidence"],
    "model": {"name": "logistic"},
    "splits": {"initial": 1000, "validation": 500, "test": 1000},
    "budget": {"samples": 500, "batch": 500},
}
MANY_CLASSES: dict[str, Any] = {
    "strategies": ["random", "least_confidence", "smallest_margin", "entropy", "badge"],
    "model": {"name": "logistic"},
    "splits": {"initial": 200, "validation": 500, "test": 1000},
    "budget": {"samples": 1000, "batch": 200},
}
IMBALANCE = 10.0


def experiments(data: Path) -> dict[str, dict[str, Any]]:
    """Each experiment as the table of its TOML file."""
    table = {"name": "table", "path": str(data / "tf_flowers_inceptionv3.npz")}
    whole: dict[str, dict[str, Any]] = {
        "digits": DIGITS,
        "inception_v3": {**FLOWERS, "dataset": table, "model": {"name": "logistic"}},
        "efficientnet_lite0": {
            **FLOWERS,
            "dataset": {"name": "tf_flowers"},
            "model": {"name": "efficientnet_lite0"},
        },
    }
    found = dict(whole)
    for name, experiment in whole.items():
        tailed = {
            **experiment,
            "splits": {**experiment["splits"], "imbalance": IMBALANCE},
            "budget": {"samples": 200 if name == "digits" else 300, "batch": 25},
        }
        found[f"{name}_tail"] = tailed
        found[f"{name}_tail_balanced"] = {
            **tailed,
            "strategies": BALANCED,
            "selection": {"balance_classes": True},
        }
    in_order = {**ARTICLE["splits"], "order": "source"}
    found["article_order"] = {**ARTICLE, "dataset": table, "splits": in_order}
    found["article_reshuffled"] = {**ARTICLE, "dataset": table}
    found["clusters_50"] = {**MANY_CLASSES, "dataset": {**table, "clusters": 50}}
    return found


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Of the store.")
@click.option("--seeds", default=20, show_default=True)
@click.option("--only", multiple=True, help="Names of experiments, such as digits_tail.")
def main(folder: Path, seeds: int, only: tuple[str, ...]) -> None:
    """Run the experiments one after the other, two runs at a time, then compare each."""
    if "ALCORE_TEST_DATA" not in os.environ:
        raise click.UsageError("ALCORE_TEST_DATA must name the folder of the flowers")
    folder.mkdir(parents=True, exist_ok=True)
    store = ["--store", f"sqlite:///{folder / 'comparison.db'}"]
    done: list[str] = []
    for name, experiment in experiments(Path(os.environ["ALCORE_TEST_DATA"])).items():
        if only and name not in only:
            continue
        file = folder / f"{name}.toml"
        head = {"title": name, "strategies": STRATEGIES, "seeds": seeds}
        file.write_text(tomli_w.dumps({**head, **experiment}), encoding="utf-8")
        click.echo(f"\n## {name}\n")
        run(["run", str(file), "--jobs", "2", *store])
        done.append(name)
        of = [str(1 + done.index(n)) for n in done if n in (name, name.removesuffix("_balanced"))]
        for metric in ("accuracy", "balanced_accuracy"):
            run(["compare", *of, "--metric", metric, *store])
        if len(of) == 2:
            print_gain_of_balancing(store[1], *map(int, of))


def print_gain_of_balancing(url: str, plain: int, balanced: int) -> None:
    """The area under the curve of balanced accuracy with and without, paired by seed."""
    store = open_store(url)
    entries = compare([read(store, plain), read(store, balanced)], balanced_accuracy).entries
    areas = {
        (entry.curve.strategy, entry.experiment): area(entry.curve.labels, entry.curve.values)
        for entry in entries
    }
    click.echo("balance_classes against the plain form, points of area, 95 % by bootstrap")
    for (strategy, experiment), with_it in areas.items():
        if experiment == balanced:
            gains = 100 * (with_it - areas[strategy, plain])
            low, high = mean_interval(gains, np.random.default_rng(0))
            wins = "/".join(map(str, tally(gains)))
            click.echo(f"{strategy}: {gains.mean():+.1f} [{low:+.1f}, {high:+.1f}], {wins}")
    store.close()


def run(arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "alcore", *arguments], check=True)


if __name__ == "__main__":
    main()
