"""What the first batch of a run bought: the article's question, for any experiment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from alcore.experiment import Claims
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


@dataclass(frozen=True, kw_only=True)
class Row:
    """One accuracy, the mean over runs.

    Attributes:
        what: What it was measured on, in words.
        accuracy: 0 to 1.
        points: How far it is from the accuracy on test before, in points, with its spread over
            the runs; "" where that says nothing.
        claimed: What somebody else found there, in points; None where nobody did.
    """

    what: str
    accuracy: float
    points: str = ""
    claimed: float | None = None


def rows(runs: Sequence[Chosen], claims: Claims | None) -> list[Row]:
    """What the first batch of one strategy was like and what it bought, over its seeds."""
    labels, n = runs[0].n_labelled, runs[0].n
    minus_test = [one.minus_test for one in runs]
    gains = [one.gain for one in runs]
    return [
        Row(what=f"test, with {labels} labels", accuracy=_mean(one.test_before for one in runs)),
        Row(
            what=f"the {n} chosen, before they are learnt",
            accuracy=_mean(one.before for one in runs),
            points=f"{_points(minus_test)} against test",
            claimed=claims.chosen_minus_test if claims else None,
        ),
        Row(
            what=f"test, with {labels + n} labels",
            accuracy=_mean(one.test_after for one in runs),
            points=f"{_points(gains)} gained",
            claimed=claims.gain if claims else None,
        ),
        Row(
            what=f"the {n} chosen, now training data",
            accuracy=_mean(one.after for one in runs),
        ),
    ]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _points(fractions: Sequence[float]) -> str:
    values = 100 * np.array(fractions)
    spread = f" (sd {values.std(ddof=1):.1f})" if len(values) > 1 else ""
    return f"{values.mean():+.1f} points{spread}"


def first_batches(store: Store, runs: Iterable[RunRecord]) -> list[Chosen]:
    """One per run that has learnt its first batch."""
    found = (_first_batch(store, run) for run in runs)
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
