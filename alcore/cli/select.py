"""`alcore select`: from a file of probabilities to the list of samples to label."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click


@click.command()
@click.argument("probabilities", type=click.Path(path_type=Path))
@click.option("--strategy", default="least_confidence", show_default=True, help="Who chooses.")
@click.option("-n", "--number", type=int, required=True, help="How many samples to label.")
@click.option("--out", type=click.Path(path_type=Path), help="CSV to write; else it is printed.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True)
def select(
    probabilities: Path, strategy: str, number: int, out: Path | None, seed: int, threads: int
) -> None:
    """Choose NUMBER samples from PROBABILITIES (.npy, .parquet or .csv).

    One row per sample, one column per class, rows summing to 1.
    """
    from alcore.errors import AlcoreError, sentence
    from alcore.probabilities import read_probabilities
    from alcore.selection import picks_csv, write_picks
    from alcore.selection import select as choose

    table = read_probabilities(probabilities)
    # What was read from a file has been checked with it. What plugins print is no pick.
    try:
        with redirect_stdout(sys.stderr):
            picks = choose(
                table.probabilities,
                strategy,
                number,
                ids=table.ids,
                seed=seed,
                threads=threads,
                check=False,
            )
    except AlcoreError:
        raise
    except Exception as error:
        raise AlcoreError(f"strategy {strategy!r} failed: {sentence(error)}") from error
    if out is None:
        click.echo(picks_csv(picks), nl=False)
        return
    write_picks(picks, out)
    click.echo(f"{len(picks.positions)} samples by {strategy} written to {out}", err=True)
