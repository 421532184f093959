"""`alcore worker`: carry out what waits in the store."""

import click


@click.command()
@click.option("--once", is_flag=True, help="End when nothing is waiting.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, help="Runs at a time; default 1.")
@click.option("--experiment", type=int, help="Only the runs of this experiment.")
@click.option(
    "--lease",
    type=click.FloatRange(0.5, 3600),
    default=60.0,
    help="Seconds of silence after which another worker takes a run; default 60.",
)
@click.option(
    "--step-limit",
    type=click.FloatRange(0.1, 100_000),
    default=60.0,
    help="Minutes without a step after which a run has hung; default 60.",
)
@click.option("--store", "url", help="Default: ALCORE_STORE, or your own.")
def worker(
    once: bool,
    jobs: int,
    experiment: int | None,
    lease: float,
    step_limit: float,
    url: str | None,
) -> int:
    """Carry out queued runs, oldest first, and take up interrupted ones.

    The dashboard and `alcore run` start one where none is alive.
    """
    from alcore.cli.signals import stoppable
    from alcore.store import RunState, open_store
    from alcore.worker import Worker

    with stoppable() as check:
        ended = Worker(
            store=open_store(url),
            jobs=jobs,
            experiment_id=experiment,
            lease_seconds=lease,
            step_seconds=60 * step_limit,
            check=check,
        ).work(once=once)
    counts = ", ".join(f"{n} {state}" for state, n in sorted(ended.items())) or "nothing to do"
    click.echo(counts)
    return 1 if RunState.FAILED in ended else 0
