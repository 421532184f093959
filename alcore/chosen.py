"""What the first batch of a run bought: the article's question, for any experiment."""

from dataclasses import dataclass

import numpy as np

from alcore.store import RunRecord, Store


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Accuracies around the first batch of one run, 0 to 1.

    Attributes:
        run: Whose.
        n_labelled: Labels before the batch.
        n: Samples in the batch.
        test_before, test_after: On the test split, before and after learning the batch.
        before: On the batch, before learning it.
        after: On the batch, after learning it: accuracy on training data, no measure of
            anything new.
    """

    run: RunRecord
    n_labelled: int
    n: int
    test_before: float
    test_after: float
    before: float
    after: float

    @property
    def minus_test(self) -> float:
        """How much harder the batch was than the test split; below 0 is harder."""
        return self.before - self.test_before

    @property
    def gain(self) -> float:
        """What the batch added on the test split."""
        return self.test_after - self.test_before


def first_batches(store: Store, experiment_id: int) -> list[Chosen]:
    """One per run that has learnt its first batch, oldest first."""
    found = (_first_batch(store, run) for run in store.runs(experiment_id))
    return [one for one in found if one is not None]


def _first_batch(store: Store, run: RunRecord) -> Chosen | None:
    rounds = store.rounds(run.id)[:2]
    if len(rounds) < 2 or rounds[0].batch is None:
        return None
    arrays = store.round_arrays(run.id, 1)
    truth = {event.position: event.label for event in store.labels(run.id)}
    labels = np.array([truth[int(position)] for position in arrays.learnt])
    return Chosen(
        run=run,
        n_labelled=rounds[0].n_labelled,
        n=rounds[0].batch.n,
        test_before=rounds[0].test.accuracy,
        test_after=rounds[1].test.accuracy,
        before=rounds[0].batch.accuracy,
        after=float(np.mean(arrays.learnt_probabilities.argmax(axis=1) == labels)),
    )
