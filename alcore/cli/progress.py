"""The progress bar of a run in the terminal."""

from collections.abc import Callable, Iterator
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

from alcore.execution import Step, Watch
from alcore.experiment import Experiment


@contextmanager
def watched(experiment: Experiment, check: Callable[[], None], *, hidden: bool) -> Iterator[Watch]:
    """A bar over all runs of an experiment, on standard error.

    Where that is not a terminal, only the end is written.

    Args:
        experiment: What is run.
        check: Called at every step; may raise KeyboardInterrupt.
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
        seen: dict[int, float] = {}

        def watch(step: Step) -> None:
            check()
            # A run that went on to the next one is complete, whatever it said last.
            done = {number: 1.0 for number in seen if number != step.run.id}
            seen.clear()
            seen.update({**done, step.run.id: step.fraction})
            where = f"{_short(step.run.strategy)}, seed {step.run.seed}"
            text = (
                f"run {len(seen)}/{runs} {where}: round {step.round}/{step.rounds - 1} {step.step}"
            )
            bar.update(task, completed=sum(seen.values()), description=text)

        yield watch
        bar.update(task, completed=runs, description=experiment.title)


def _short(name: str) -> str:
    return name.partition("/")[2]
