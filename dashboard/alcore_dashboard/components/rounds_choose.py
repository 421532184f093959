"""Choosing among the strategies and runs of one experiment."""

from alcore.results import RANDOM
from alcore.store import RunRecord
from alcore_dashboard.components.choose import choose, choose_named
from alcore_dashboard.services.naming import run_label, titles
from alcore_dashboard.services.rounds_shown import Shown


def choose_strategy(shown: Shown) -> str:
    """A strategy that finished a round; random comes last."""
    return choose_named("Strategy", titles(shown.strategies), key="strategy")


def choose_run(shown: Shown) -> RunRecord:
    """A run that finished a round; those of random come last."""
    runs = [run for run in shown.runs if shown.rounds[run.strategy][run.seed]]
    runs.sort(key=lambda run: run.strategy == RANDOM)
    return choose("Run", {str(run.id): run for run in runs}, key="run", show=run_label)
