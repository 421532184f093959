"""`alcore store`: where runs are kept, how large it is, whether it is sound; copies, deletions."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from alcore.store import Store
    from alcore.store.check import Finding


@click.group(invoke_without_command=True)
@click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")
@click.pass_context
def store(context: click.Context, url: str | None) -> None:
    """Show where the store is and how large."""
    from alcore.store import open_store

    context.obj = open_store(url)
    if context.invoked_subcommand is None:
        size = context.obj.size()
        click.echo(f"store     {context.obj.place}")
        click.echo(f"files     {context.obj.folder}")
        click.echo(f"runs      {size.runs}")
        click.echo(f"database  {megabytes(size.database_bytes)}")
        click.echo(f"arrays    {megabytes(size.array_bytes)}")
        click.echo(f"features  {megabytes(size.feature_bytes)}")


@store.command()
@click.option("--features", is_flag=True, help="Remove features too; they are computed again.")
@click.pass_context
def prune(context: click.Context, features: bool) -> None:
    """Remove full probabilities of ended runs and leftover files; never picks or labels."""
    freed = context.obj.prune(features=features)
    click.echo(f"freed {megabytes(freed)}")


@store.command()
@click.option("--repair", is_flag=True, help="Put right what can be, then check again.")
@click.pass_context
def check(context: click.Context, repair: bool) -> int:
    """Read every row and file; exit code 1 when something is damaged."""
    found = context.obj.check()
    if repair:
        for finding in (finding for finding in found if finding.repairable):
            click.echo(f"repairing  {finding.sentence}")
        _play_again(context.obj, found)
        context.obj.repair(context.obj.check())
        found = context.obj.check()
    for finding in found:
        click.echo(f"{finding.kind:<10} {finding.sentence}")
    damages = sum(finding.damage for finding in found)
    counts = f"damages: {damages}, leftovers: {len(found) - damages}"
    click.echo(counts if found else "all is well")
    return 1 if damages else 0


def _play_again(store: "Store", found: "list[Finding]") -> None:
    """Compute damaged arrays anew; where that fails the next check says what is left to do."""
    from alcore.errors import AlcoreError
    from alcore.plugins import Registry
    from alcore.replay import rebuild

    damaged: dict[int, set[int]] = {}
    for finding in found:
        if finding.array not in (None, "model"):
            damaged.setdefault(finding.run_id or 0, set()).add(finding.round or 0)
    for run_id, numbers in damaged.items():
        try:
            rebuild(store, Registry.load(), run_id, numbers)
        except AlcoreError as error:
            click.echo(f"failed     {error}")


@store.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, file: Path) -> None:
    """Copy a SQLite store to FILE, a new one, and its files beside it; runs may go on."""
    context.obj.backup(file)
    click.echo(f"copied to {file}; open it with --store sqlite:///{file.absolute()}")


@store.command()
@click.pass_context
def vacuum(context: click.Context) -> None:
    """Give the space of deleted rows back."""
    before = context.obj.size().database_bytes
    context.obj.vacuum()
    after = context.obj.size().database_bytes
    click.echo(f"database  {megabytes(before)} before, {megabytes(after)} after")


@store.command()
@click.argument("run", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete(context: click.Context, run: int, yes: bool) -> None:
    """Delete RUN: its rounds, labels and files. There is no way back."""
    record = context.obj.run(run)
    asked = f"delete run {run} ({record.strategy}, seed {record.seed}, {record.state})?"
    if not yes:
        click.confirm(asked, abort=True)
    context.obj.delete_run(run)
    click.echo(f"deleted run {run}")


def megabytes(n: int) -> str:
    """Bytes for people."""
    return f"{n / 1e6:.1f} MB"
