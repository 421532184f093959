"""`alcore store`: where runs are kept, how large it is, making it smaller."""

import click


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


def megabytes(n: int) -> str:
    """Bytes for people."""
    return f"{n / 1e6:.1f} MB"
