"""What `alcore run` prints beside the claims of a publication."""

from collections.abc import Iterator, Sequence

from alcore.chosen import Chosen, first_batches, rows
from alcore.experiment import Claims, Experiment
from alcore.results import ONE_SPLIT, RANDOM
from alcore.store import Store

_WORST_SHOWN = 20


def claims_table(store: Store, experiment_id: int, experiment: Experiment) -> str:
    """The measured first batch of every strategy beside the claims; "" where nobody claims."""
    if experiment.claims is None:
        return ""
    found: dict[str, list[Chosen]] = {}
    for one in first_batches(store, store.runs(experiment_id)):
        if one.run.strategy != RANDOM:
            found.setdefault(one.run.strategy, []).append(one)
    lines = [line for runs in found.values() for line in _compared(runs, experiment.claims)]
    lines += [line for runs in found.values() for line in _worst(store, runs[0])]
    if experiment.order == "source":
        lines.append(f"{ONE_SPLIT}: --set splits.order=shuffled --set seeds=10")
    return "".join(f"{line}\n" for line in lines)


def _compared(runs: Sequence[Chosen], claims: Claims) -> Iterator[str]:
    seeds = "1 seed" if len(runs) == 1 else f"mean of {len(runs)} seeds"
    yield f"{runs[0].run.strategy}, {seeds}; claims: {claims.source}"
    for row in rows(runs, claims):
        claimed = "" if row.claimed is None else f"; claimed {row.claimed:+.1f}"
        yield f"  {row.what:<42}{row.accuracy:8.1%}  {row.points}{claimed}".rstrip()


def _worst(store: Store, one: Chosen) -> Iterator[str]:
    arrays = store.round_arrays(one.run.id, 0)
    assert one.run.dataset_id is not None
    ids = store.dataset_ids(one.run.dataset_id)
    names = store.dataset(one.run.dataset_id).class_names
    count = min(_WORST_SHOWN, len(arrays.worst))
    yield f"  the {count} least confident of seed {one.run.seed} at first:"
    for position, row in zip(
        arrays.worst[:_WORST_SHOWN], arrays.worst_probabilities[:_WORST_SHOWN], strict=True
    ):
        yield f"    {row.max():6.1%}  {names[int(row.argmax())]:<14} {ids[int(position)]}"
