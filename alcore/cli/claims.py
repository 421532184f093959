"""What `alcore run` prints beside the claims of a publication."""

from collections.abc import Iterator

from alcore.chosen import Chosen, first_batches
from alcore.experiment import Claims, Experiment
from alcore.results import RANDOM
from alcore.store import Store

_WORST_SHOWN = 20


def claims_table(store: Store, experiment_id: int, experiment: Experiment) -> str:
    """The measured first batch of every strategy beside the claims; "" where nobody claims."""
    if experiment.claims is None:
        return ""
    runs = [one for one in first_batches(store, experiment_id) if one.run.strategy != RANDOM]
    lines = [line for one in runs for line in _compared(one, experiment.claims)]
    lines += [line for one in runs[:1] for line in _worst(store, one)]
    if experiment.order == "source":
        lines.append(
            "This is one split, in the order of the source; what it gains is partly luck. Over "
            "ten splits: --set splits.order=shuffled --set seeds=10"
        )
    return "".join(f"{line}\n" for line in lines)


def _compared(one: Chosen, claims: Claims) -> Iterator[str]:
    yield f"{one.run.strategy}, seed {one.run.seed}:"
    yield f"  test, with {one.n_labelled} labels                {one.test_before:8.1%}"
    yield (
        f"  the {one.n} chosen, before they are learnt  {one.before:8.1%}  "
        f"{_points(one.minus_test)} against test; claimed {claims.chosen_minus_test:+.1f}"
    )
    yield (
        f"  test, with {one.n_labelled + one.n} labels                {one.test_after:8.1%}  "
        f"{_points(one.gain)} gained; claimed {claims.gain:+.1f}"
    )
    yield f"  the {one.n} chosen, now training data        {one.after:8.1%}"
    yield f"  claimed by {claims.source}"


def _points(fraction: float) -> str:
    return f"{100 * fraction:+.1f} points"


def _worst(store: Store, one: Chosen) -> Iterator[str]:
    arrays = store.round_arrays(one.run.id, 0)
    assert one.run.dataset_id is not None
    ids = store.dataset_ids(one.run.dataset_id)
    names = store.dataset(one.run.dataset_id).class_names
    yield f"  the {min(_WORST_SHOWN, len(arrays.worst))} least confident at first:"
    for position, row in zip(
        arrays.worst[:_WORST_SHOWN], arrays.worst_probabilities[:_WORST_SHOWN], strict=True
    ):
        yield f"    {row.max():6.1%}  {names[int(row.argmax())]:<14} {ids[int(position)]}"
