"""`alcore data`: fetching datasets that are not part of alcore."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from alcore.models import Progress
    from alcore.preparation import Download


@click.group()
def data() -> None:
    """Fetch datasets that are not part of alcore."""


@data.command()
@click.argument("name")
@click.option("--archive", type=click.Path(path_type=Path), help="Read this, download nothing.")
@click.option("--unverified", is_flag=True, help="Accept an archive that is not the official one.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where TensorFlow Datasets has prepared it: download nothing.",
)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="split=train")
@click.option("--yes", is_flag=True, help="Download without asking.")
def prepare(
    name: str,
    archive: Path | None,
    unverified: bool,
    data_dir: Path | None,
    overrides: tuple[str, ...],
    yes: bool,
) -> None:
    """Get the content of dataset NAME, such as tf_flowers or tfds:cifar100."""
    from platformdirs import user_cache_path

    from alcore.cli.quiet import native_noise_to
    from alcore.errors import UsageError
    from alcore.options import build
    from alcore.plugins import Registry

    with redirect_stdout(sys.stderr):  # what plugins print is no part of the answer
        registry = Registry.load()
    kind, colon, argument = name.partition(":")
    spec = registry.dataset(kind)
    values = _values(overrides)
    if colon:
        values[spec.argument or "name"] = argument
    if archive and data_dir:
        raise UsageError("give --archive or --data-dir, not both")
    content = archive or data_dir
    options = build(spec.options, values, where="dataset")
    if spec.preparer is None:
        click.echo(f"{name} needs no preparation")
        return
    preparer = spec.preparer(options)
    if content is None and (missing := preparer.missing()):
        _agree(missing, yes=yes)
    cache = user_cache_path("alcore", ensure_exists=True)
    with native_noise_to(cache / "prepare.log"), redirect_stdout(sys.stderr), _bar() as progress:
        preparer.prepare(archive=content, unverified=unverified, progress=progress)
    dataset = spec.create(options)
    click.echo(f"{name} is ready: {len(dataset.ids):,} samples")


def _values(overrides: tuple[str, ...]) -> dict[str, object]:
    from alcore.errors import UsageError

    for override in overrides:
        if "=" not in override:
            raise UsageError(f"--set {override!r} must look like split=train")
    return {key: value for key, _, value in (text.partition("=") for text in overrides)}


def _agree(missing: "Download", *, yes: bool) -> None:
    """Download only what can be downloaded and was agreed to."""
    from alcore.download import check_reachable
    from alcore.errors import AlcoreError, UsageError

    command = f"alcore data prepare {missing.dataset}"
    try:
        check_reachable(missing.url)
    except AlcoreError as error:
        raise AlcoreError(
            f"{error}; use what TensorFlow Datasets has prepared elsewhere: {command} --data-dir "
            f"FOLDER; or get {missing.url} by other means: {command} --archive FILE"
        ) from error
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"this downloads {missing.size} to {missing.folder}; agree with --yes")
    click.confirm(f"Download {missing.size} to {missing.folder}?", abort=True, err=True)


@contextmanager
def _bar() -> Iterator["Progress"]:
    """A bar on standard error, if that is a terminal: what is being done, and how much of it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def told(step: str, fraction: float) -> None:
            # A step that says nothing of its progress gets a bar that only moves.
            bar.update(task, description=step, completed=fraction, total=1.0 if fraction else None)

        yield told
