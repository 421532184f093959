"""`alcore compare`: every strategy against random, and what that does not show."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from alcore.compare import METRICS

if TYPE_CHECKING:
    from alcore.comparison import Comparison
    from alcore.comparison_tables import Row
    from alcore.played import Played


@click.command()
@click.argument("experiments", type=int, nargs=-1, required=True, metavar="EXPERIMENT...")
@click.option("--metric", type=click.Choice(list(METRICS)), default="accuracy", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, nothing else.")
@click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")
def compare(experiments: tuple[int, ...], metric: str, as_json: bool, url: str | None) -> None:
    """Hold the strategies of EXPERIMENT, or of several on the same splits, against random."""
    import json

    from alcore.comparison import compare as compare_played
    from alcore.comparison_words import cautions
    from alcore.played import check_comparable, read
    from alcore.store import open_store

    store = open_store(url)
    numbers = list(dict.fromkeys(experiments))
    check_comparable(store, [store.experiment(number) for number in numbers])
    played = [read(store, number) for number in numbers]
    found = compare_played(played, METRICS[metric])
    notes = cautions(played, found)
    if as_json:
        click.echo(json.dumps({"metric": metric, **_numbers(found), "cautions": notes}, indent=2))
    else:
        click.echo("\n".join(_lines(played, found, metric, notes)))


def _numbers(found: "Comparison") -> dict[str, Any]:
    from alcore.comparison_tables import numbers

    curves = [entry.curve for entry in found.entries]
    return {
        "test_samples": found.n,
        "classes": found.n_classes,
        "strategies": [numbers(entry) for entry in found.entries],
        "curves": [
            {
                "labels": curve.labels.tolist(),
                "seeds": curve.seeds,
                "values": curve.values.tolist(),
            }
            for curve in curves
        ],
        "overlap": found.overlap,
    }


def _lines(
    played: "Sequence[Played]", found: "Comparison", metric: str, notes: Sequence[str]
) -> Iterator[str]:
    from alcore import comparison_tables as tables
    from alcore.comparison_words import names, summary

    called = names(found)
    for one in played:
        yield f"experiment {one.experiment.id}: {' '.join(one.experiment.title.split())}"
    title = tables.metric_title(metric)
    yield f"\n{title} on {found.n} test samples, mean ± sd over seeds, by labels"
    yield from _table(tables.curve_rows(found, called))
    yield "\ngain in area under that curve, in points [95 %]; wins/ties/losses by seed"
    yield from _table(tables.gain_rows(found, called))
    yield "\nthe last round"
    yield from _table(tables.final_rows(found, called))
    if not any(entry.calibration for entry in found.entries):
        yield "calibration is not known: these rounds are of an earlier version"
    yield "\nwhat was labelled; batches in common (mean Jaccard index over rounds and seeds)"
    yield from _table(tables.batch_rows(found, called))
    yield f"\n{summary(found, called)}"
    yield from (f"- {note}." for note in notes)


def _table(rows: "Sequence[Row]") -> Iterator[str]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        aligned = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *aligned])
