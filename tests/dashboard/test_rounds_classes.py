"""Weak classes, and whether they were picked."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from alcore.results import rounds_by_strategy
from alcore.rounds import Evaluation, RoundResult
from alcore.store import Store
from alcore_dashboard.services import classes

NAMES = ("cat", "dog", "=horse")
SHARES = np.array([0.4, 0.4, 0.2])
MARGIN = "uncertainty/smallest_margin"


def round_of(number: int, recall: tuple[float | None, ...], picked: tuple[int, ...]) -> RoundResult:
    test = Evaluation(n=10, accuracy=0.5, macro_f1=0.5, recall=recall, confusion=())
    return RoundResult(
        number=number, n_labelled=10, test=test, validation=None, batch=test if picked else None,
        batch_classes=picked, seconds={},
    )  # fmt: skip


RUNS = {
    0: [
        round_of(0, (0.9, 0.8, 0.2), (1, 3, 6)),
        round_of(1, (0.9, 0.9, 0.6), (2, 2, 6)),
        round_of(2, (0.9, 0.9, 0.8), ()),
    ],
    1: [
        round_of(0, (0.7, 0.6, None), (2, 2, 6)),
        round_of(1, (0.9, 0.7, None), (1, 3, 6)),
        round_of(2, (1.0, 0.9, None), ()),
    ],
}


def test_the_weakest_class_is_first_with_its_share_of_the_batches() -> None:
    table = classes.class_table(RUNS, NAMES, SHARES)
    assert table["class"].tolist() == ["=horse", "dog", "cat"]
    assert table["first"].tolist() == pytest.approx([0.2, 0.7, 0.8])
    assert table["last"].tolist() == pytest.approx([0.8, 0.9, 0.95])
    assert table["picked"].tolist() == pytest.approx([24 / 40, 10 / 40, 6 / 40])
    assert table["times"].tolist() == pytest.approx([3, 0.625, 0.375])


def test_the_takeaway_says_whether_the_weak_were_picked() -> None:
    assert classes.takeaway(classes.class_table(RUNS, NAMES, SHARES), MARGIN) == (
        "At first the weakest class was =horse (recall 20%, now 80%); smallest margin picked "
        "them 3.0 times as often as chance (60% of its labels, 20% of the data)."
    )


def test_as_often_as_chance_is_said_so() -> None:
    table = classes.class_table(RUNS, NAMES, np.array([0.2, 0.22, 0.58]))
    assert "about as often as chance" in classes.takeaway(table, MARGIN)


def test_without_known_labels_no_comparison_with_chance_is_made() -> None:
    table = classes.class_table(RUNS, NAMES, np.full(3, np.nan))
    assert "took 60% of its labels from them" in classes.takeaway(table, MARGIN)


def test_before_the_first_batch_only_the_weak_are_named() -> None:
    table = classes.class_table({0: [round_of(0, (0.9, 0.8, 0.2), ())]}, NAMES, SHARES)
    assert table["picked"].isna().all()
    said = classes.takeaway(table, MARGIN)
    assert said == "At first the weakest class was =horse (recall 20%). No batch is labelled yet."


def test_no_test_sample_of_any_class_is_an_answer() -> None:
    table = classes.class_table({0: [round_of(0, (None, None, None), ())]}, NAMES, SHARES)
    assert "no recall is known" in classes.takeaway(table, MARGIN)


def test_a_real_run_adds_up(played: Store) -> None:
    rounds = rounds_by_strategy(played, 1)
    shares = classes.data_shares(played, 1, 3)
    assert shares.tolist() == pytest.approx([1 / 3] * 3)
    table = classes.class_table(rounds[MARGIN], ("a", "b", "c"), shares)
    assert table["picked"].sum() == pytest.approx(1)
    assert table["first"].is_monotonic_increasing


def test_long_names_are_cut_and_stay_different() -> None:
    short = classes.short_names(["x" * 10_000, "x" * 9_000, "cat"])
    assert len(set(short)) == 3
    assert max(map(len, short)) < 50
    assert short[2] == "cat"


def test_the_csv_has_the_full_names_and_no_formula() -> None:
    full = ("c" * 100, "dog", "=horse")
    table = classes.class_table(RUNS, classes.short_names(full), SHARES)
    read = pd.read_csv(BytesIO(classes.csv_bytes(table, MARGIN, full)))
    assert read["class"].tolist() == ["'=horse", "dog", "c" * 100]
    assert read["recall_first_round"].tolist() == pytest.approx([0.2, 0.7, 0.8])
