"""Which classes are taken for which, and what changed."""

from io import BytesIO

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcore.store import Store
from alcore_dashboard.services import confusion

NAMES = ("cat", "dog", "=horse")
BEFORE = np.array([[5, 3, 0], [1, 7, 0], [2, 2, 4]])
NOW = np.array([[7, 1, 0], [1, 7, 0], [0, 4, 4]])
ALL = np.arange(3)
squares = st.integers(1, 5).flatmap(lambda c: arrays(np.int64, (c, c), elements=st.integers(0, 9)))


def test_cells_hold_every_count_and_its_share_of_the_true_class() -> None:
    table = confusion.cells(NOW, NAMES, ALL).set_index(["true", "predicted"])
    assert table.loc[("=horse", "dog"), "count"] == 4
    assert table.loc[("=horse", "dog"), "share"] == 0.5
    assert len(table) == 9


def test_better_means_more_right_or_fewer_mistakes() -> None:
    table = confusion.change_cells(NOW, BEFORE, NAMES, ALL).set_index(["true", "predicted"])
    assert table.loc[("cat", "cat")].tolist() == [2, 2]
    assert table.loc[("cat", "dog")].tolist() == [-2, 2]
    assert table.loc[("=horse", "dog")].tolist() == [2, -2]
    worse = confusion.change_cells(BEFORE, NOW, NAMES, ALL).set_index(["true", "predicted"])
    assert worse.loc[("cat", "cat")].tolist() == [-2, -2]


@given(squares, st.integers(1, 5))
def test_the_classes_shown_are_those_with_most_mistakes(counts: np.ndarray, limit: int) -> None:
    shown = confusion.most_confused(counts, limit)
    assert len(shown) == min(limit, len(counts))
    assert (np.diff(shown) > 0).all()
    mistakes = [
        sum(counts[i, j] + counts[j, i] for j in range(len(counts)) if j != i)
        for i in range(len(counts))
    ]
    left_out = [mistakes[i] for i in range(len(counts)) if i not in shown]
    assert not left_out or max(left_out) <= min(mistakes[i] for i in shown)


def test_the_takeaway_names_the_most_frequent_mistake() -> None:
    assert confusion.takeaway(NOW, NAMES, 2) == (
        "Round 2: 18 of 24 test samples are right; the most frequent mistake is =horse taken for "
        "dog (4 times)."
    )
    assert confusion.takeaway(np.eye(3, dtype=np.int64), NAMES, 0).endswith("not one mistake.")


def test_the_takeaway_of_a_change_names_what_went_and_what_came() -> None:
    assert confusion.change_takeaway(NOW, BEFORE, NAMES, 2, 0) == (
        "Round 2 against round 0: 2 more are right; the mistake that went back most is cat taken "
        "for dog (2 fewer); the one that grew most is =horse taken for dog (2 more)."
    )
    same = confusion.change_takeaway(NOW, NOW, NAMES, 2, 1)
    assert same == "Round 2 against round 1: as many are right."
    assert "2 fewer are right" in confusion.change_takeaway(BEFORE, NOW, NAMES, 1, 0)


def test_the_csv_has_all_classes_and_the_change() -> None:
    read = pd.read_csv(BytesIO(confusion.csv_bytes(NOW, NAMES, BEFORE)))
    assert read["count"].to_numpy().reshape(3, 3).tolist() == NOW.tolist()
    assert read["change"].to_numpy().reshape(3, 3).tolist() == (NOW - BEFORE).tolist()
    assert set(read["true"]) == {"cat", "dog", "'=horse"}
    assert "change" not in confusion.csv_bytes(NOW, NAMES).decode().splitlines()[0]


def test_a_real_round_counts_its_test_split(played: Store) -> None:
    result = played.rounds(1)[-1]
    counts = confusion.counts_of(result)
    assert counts.sum() == result.test.n
    assert np.trace(counts) / counts.sum() == result.test.accuracy
