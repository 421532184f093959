"""Accuracy on the batches against the test split."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from alcore.results import RANDOM, rounds_by_strategy
from alcore.rounds import Evaluation, RoundResult
from alcore.store import Store
from alcore_dashboard.services import rounds_batches

MARGIN = "uncertainty/smallest_margin"


def evaluation(accuracy: float) -> Evaluation:
    return Evaluation(n=10, accuracy=accuracy, macro_f1=0.0, recall=(), confusion=())


def run(*pairs: tuple[float, float | None]) -> list[RoundResult]:
    return [
        RoundResult(
            number=i,
            n_labelled=10 * (i + 1),
            test=evaluation(test),
            validation=None,
            batch=None if batch is None else evaluation(batch),
            batch_classes=(),
            seconds={},
        )
        for i, (test, batch) in enumerate(pairs)
    ]


def test_a_real_run_has_a_batch_in_every_round_but_the_last(played: Store) -> None:
    rounds = rounds_by_strategy(played, 1)
    found = rounds_batches.batch_curves(rounds, MARGIN)
    assert list(found) == [rounds_batches.TEST, rounds_batches.BATCH, rounds_batches.OF_RANDOM]
    assert [len(one.labels) for one in found.values()] == [4, 3, 3]
    expected = [[r.batch.accuracy for r in rounds[MARGIN][seed][:-1] if r.batch] for seed in (0, 1)]
    assert found[rounds_batches.BATCH].values.tolist() == expected
    assert rounds_batches.OF_RANDOM not in rounds_batches.batch_curves(rounds, RANDOM)


def test_test_split_and_batches_are_of_the_same_seeds_where_some_took_more_rounds() -> None:
    """As runs with a budget in money do."""
    long, short = run((0.5, 0.4), (0.6, 0.5), (0.7, 0.6), (0.8, None)), run((0.5, 0.4), (0.9, None))
    found = rounds_batches.batch_curves({RANDOM: {0: long, 1: short}}, RANDOM)
    assert [one.seeds for one in found.values()] == [(0,), (0,)]
    assert "the last in 60% against 70%" in rounds_batches.takeaway(found, RANDOM)


def test_the_table_marks_random_and_the_csv_names_the_strategy(played: Store) -> None:
    found = rounds_batches.batch_curves(rounds_by_strategy(played, 1), MARGIN)
    table = rounds_batches.batch_table(found)
    assert set(table.loc[table["random"], "strategy"]) == {rounds_batches.OF_RANDOM}
    read = pd.read_csv(BytesIO(rounds_batches.csv_bytes(table, MARGIN)))
    assert set(read["strategy"]) == {MARGIN}
    assert np.isfinite(read[["mean", "low", "high"]]).all(axis=None)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        (0.5, "picks what the model does not know yet"),
        (0.8, "about as hard as the data at large"),
        (0.95, "picks what the model knows already"),
    ],
)
def test_the_gap_to_the_test_split_is_put_in_words(batch: float, words: str) -> None:
    rounds = {MARGIN: {0: run((0.8, batch), (0.85, batch), (0.9, None))}}
    said = rounds_batches.takeaway(rounds_batches.batch_curves(rounds, MARGIN), MARGIN)
    assert f"was right in {batch:.0%} where the test split was in 80%" in said
    assert f"the last in {batch:.0%} against 85%" in said
    assert words in said


def test_before_the_first_batch_there_is_nothing_to_say() -> None:
    found = rounds_batches.batch_curves({MARGIN: {0: run((0.8, None))}}, MARGIN)
    assert list(found) == [rounds_batches.TEST]
    assert rounds_batches.takeaway(found, MARGIN) == "No batch is labelled yet."
