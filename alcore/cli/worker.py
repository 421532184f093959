"""`alcore worker`: carry out what waits in the store."""

import click


@click.command()
@click.option("--once", is_flag=True, help="End when nothing is waiting.", required=True)
@click.option("--experiment", type=int, help="Only the runs of this experiment.")
@click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")
def worker(once: bool, experiment: int | None, url: str | None) -> int:
    """Carry out queued runs, oldest first. The dashboard starts one when it queues runs."""
    from alcore.cli.signals import stoppable
    from alcore.plugins import Registry
    from alcore.store import RunState, open_store
    from alcore.worker import work

    store, registry = open_store(url), Registry.load()
    with stoppable() as check:
        ended = work(store, registry, experiment_id=experiment, watch=lambda step: check())
    counts = ", ".join(f"{n} {state}" for state, n in sorted(ended.items())) or "nothing to do"
    click.echo(counts)
    return 1 if RunState.FAILED in ended else 0
