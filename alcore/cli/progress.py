"""The progress bar of a run in the terminal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from alcore.experiment import Experiment
from alcore.store import RunRecord, RunState

Watch = Callable[[Sequence[RunRecord]], None]


@contextmanager
def watched(experiment: Experiment, *, hidden: bool) -> Iterator[Watch]:
    """A bar over all runs of an experiment, on standard error; told of them now and then.

    Where that is not a terminal, only the end is written.

    Args:
        experiment: What is run.
        hidden: Show no bar.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    runs = len(experiment.strategies) * len(experiment.seeds)
    with Progress(*columns, console=console, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task(experiment.title, total=runs)

        def watch(runs: Sequence[RunRecord]) -> None:
            done = sum(1.0 if run.state.is_over else run.fraction for run in runs)
            over = sum(run.state.is_over for run in runs)
            at_work = [_where(run) for run in runs if run.state is RunState.RUNNING]
            text = f"{over} of {len(runs)} runs done; {', '.join(at_work) or 'waiting'}"
            bar.update(task, completed=done, description=text)

        yield watch
        bar.update(task, completed=runs, description=experiment.title)


def _where(run: RunRecord) -> str:
    name = run.strategy.partition("/")[2]
    return f"{name}, seed {run.seed}: round {run.round or 0} {run.step}"
