"""Damaged arrays of a round, computed again: the same seed, labels and versions give the same."""

from dataclasses import replace

from alcore.errors import AlcoreError
from alcore.execution import labels_by_round, prepared
from alcore.experiment import parse_experiment
from alcore.models import Progress, unwatched
from alcore.plugins import Registry
from alcore.rounds import RoundResult
from alcore.store import Store


def rebuild(
    store: Store,
    registry: Registry,
    run_id: int,
    numbers: set[int],
    progress: Progress = unwatched,
) -> None:
    """Play a run again, without asking anybody, and replace the arrays of some of its rounds.

    It takes as long as the run took up to the last of them.

    Args:
        store: Where the run is.
        registry: Where its components are.
        run_id: The run.
        numbers: The rounds whose files are damaged.
        progress: Told of every step.

    Raises:
        AlcoreError: It comes out differently than it was stored: another machine, other
            versions, another number of threads. Nothing is replaced from that round on.
    """
    record = store.run(run_id)
    experiment = parse_experiment(store.experiment(record.experiment_id).config, registry)
    loaded, run = prepared(store, registry, record, experiment, progress)
    stored = store.rounds(run_id)
    _, batches = labels_by_round(store, run_id, len(stored))
    for result in stored[: max(numbers) + 1]:
        batch = {loaded.dataset.ids[i]: label for i, label in batches[result.number].items()}
        asked = run.ask()
        if tuple(batch) != (asked or ()):
            raise _differs(run_id, result.number)
        if asked is not None:
            run.tell(batch)
        if _numbers(run.rounds[-1].result) != _numbers(result):
            raise _differs(run_id, result.number)
        if result.number in numbers:
            store.rewrite_arrays(run_id, result.number, run.rounds[-1].arrays)


def _numbers(result: RoundResult) -> RoundResult:
    return replace(result, seconds={})


def _differs(run_id: int, number: int) -> AlcoreError:
    return AlcoreError(
        f"round {number} of run {run_id} comes out differently now than when it was stored, "
        "because of other versions or another machine; restore a backup, or run it again"
    )
