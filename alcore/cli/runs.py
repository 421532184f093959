"""`alcore runs`: what is queued, at work and over; stop, resume, and why a run failed."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from alcore.store import RunRecord, Store


@click.group(invoke_without_command=True)
@click.option("--state", help="Only runs in this state, such as failed.")
@click.option("--tag", default="", help="Only runs with this tag.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, help="Newest first; 20.")
@click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")
@click.pass_context
def runs(context: click.Context, state: str | None, tag: str, limit: int, url: str | None) -> None:
    """List runs, newest first."""
    from alcore.errors import UsageError
    from alcore.store import RunState, open_store

    store = context.obj = open_store(url)
    store.expire_leases()
    if context.invoked_subcommand is not None:
        return
    if state is not None and state not in set(RunState):
        raise UsageError(f"there is no state {state!r}; states are {', '.join(RunState)}")
    found, n = store.list_runs([RunState(state)] if state else (), tag=tag, limit=limit)
    click.echo(f"{'id':>6}  {'state':<12} {'done':>4} {'labels':>7} {'best':>6}  run")
    for run in found:
        click.echo(_line(run))
    if n > len(found):
        click.echo(f"{n - len(found)} more; --limit shows them")


def _line(run: "RunRecord") -> str:
    best = "" if run.best_accuracy is None else f"{run.best_accuracy:.1%}"
    name = f"{run.strategy}, {run.model}, seed {run.seed} {run.title}".rstrip()
    labels = "" if run.n_labelled is None else run.n_labelled
    return f"{run.id:>6}  {run.state:<12} {run.fraction:>4.0%} {labels:>7} {best:>6}  {name}"


@runs.command()
@click.argument("run_id", type=int, metavar="ID")
@click.option("--traceback", is_flag=True, help="Where in the code it failed.")
@click.pass_obj
def show(store: "Store", run_id: int, traceback: bool) -> None:
    """Show a run: where it is, how it ended, where its log lies."""
    run = store.run(run_id)
    for name, value in _facts(run).items():
        if value:
            click.echo(f"{name:<12} {value}")
    click.echo(f"{'log':<12} {store.log_file(run_id)}")
    if traceback:
        click.echo(store.traceback(run_id) or "no traceback: it did not fail in Python")


def _facts(run: "RunRecord") -> dict[str, object]:
    return {
        "run": f"{run.id} of experiment {run.experiment_id}",
        "title": run.title,
        "strategy": run.strategy,
        "model": run.model,
        "seed": str(run.seed),
        "state": run.state,
        "why": run.error,
        "at": f"round {run.round or 0}, {run.step}, {run.fraction:.0%}" if run.step else "",
        "taken up": f"{run.token} times" if run.token > 1 else "",
        "began with": run.began_with,
        "worker": run.process,
        "tags": ", ".join(run.tags),
        "note": run.note,
    }


@runs.command()
@click.argument("run_id", type=int, metavar="ID")
@click.pass_obj
def stop(store: "Store", run_id: int) -> None:
    """Stop a run after the step at hand; a second time: at once."""
    store.stop_run(run_id)
    click.echo(f"run {run_id} is {store.run(run_id).state}")


@runs.command()
@click.argument("run_id", type=int, metavar="ID")
@click.pass_obj
def resume(store: "Store", run_id: int) -> None:
    """Queue a stopped, interrupted or failed run again; its rounds stay."""
    from alcore.worker import ensure_worker

    store.resume_run(run_id)
    ensure_worker(store)
    click.echo(f"run {run_id} is queued")
