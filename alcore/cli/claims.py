"""What `alcore run` prints beside the claims of a publication."""

from collections.abc import Iterator, Sequence

import numpy as np

from alcore.chosen import Chosen, first_batches
from alcore.experiment import Claims, Experiment
from alcore.results import RANDOM
from alcore.store import Store

_WORST_SHOWN = 20


def claims_table(store: Store, experiment_id: int, experiment: Experiment) -> str:
    """The measured first batch of every strategy beside the claims; "" where nobody claims."""
    if experiment.claims is None:
        return ""
    found: dict[str, list[Chosen]] = {}
    for one in first_batches(store, experiment_id):
        if one.run.strategy != RANDOM:
            found.setdefault(one.run.strategy, []).append(one)
    lines = [line for runs in found.values() for line in _compared(runs, experiment.claims)]
    lines += [line for runs in found.values() for line in _worst(store, runs[0])]
    if experiment.order == "source":
        lines.append(
            "This is one split, in the order of the source; what it gains is partly luck. Over "
            "ten splits: --set splits.order=shuffled --set seeds=10"
        )
    return "".join(f"{line}\n" for line in lines)


def _compared(runs: Sequence[Chosen], claims: Claims) -> Iterator[str]:
    labels, n = runs[0].n_labelled, runs[0].n
    rows = (
        (f"test, with {labels} labels", [one.test_before for one in runs], ""),
        (
            f"the {n} chosen, before they are learnt",
            [one.before for one in runs],
            f"{_points(runs, 'minus_test')} against test; claimed {claims.chosen_minus_test:+.1f}",
        ),
        (
            f"test, with {labels + n} labels",
            [one.test_after for one in runs],
            f"{_points(runs, 'gain')} gained; claimed {claims.gain:+.1f}",
        ),
        (f"the {n} chosen, now training data", [one.after for one in runs], ""),
    )
    seeds = "1 seed" if len(runs) == 1 else f"mean of {len(runs)} seeds"
    yield f"{runs[0].run.strategy}, {seeds}; claims: {claims.source}"
    for text, values, remark in rows:
        yield f"  {text:<42}{np.mean(values):8.1%}  {remark}".rstrip()


def _points(runs: Sequence[Chosen], what: str) -> str:
    values = 100 * np.array([getattr(one, what) for one in runs])
    spread = f" (sd {values.std(ddof=1):.1f})" if len(values) > 1 else ""
    return f"{values.mean():+.1f} points{spread}"


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
