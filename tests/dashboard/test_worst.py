"""The least confident samples of a round, and what became of them."""

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from alcore.store import DatasetRecord, RunRecord, Store
from alcore.strategies import Criterion
from alcore_dashboard.components.gallery import details, head_text
from alcore_dashboard.services import worst_table, worst_words
from alcore_dashboard.services.worst import NONE, UNKNOWN, Later, Worst, worst_samples
from alcore_dashboard.services.worst_table import matching

LEAST = Criterion(name="least", direction="min", formula=lambda p: p.max(axis=1))
NAMES = ("left", "right", "top")


def example(**changes: object) -> Worst:
    """Four samples of which the first three are wrong; the first becomes right in round 2."""
    later = Later(
        rounds=np.array([1, 2]),
        predicted=np.array([[2, NONE, 0, 1], [1, NONE, 0, NONE]]),
        top=np.array([[0.5, 0.0, 0.6, 0.7], [0.8, 0.0, 0.9, 0.0]]),
        labelled_in=np.array([NONE, 0, NONE, 1]),
    )
    record = DatasetRecord(
        id=7, name="fake/points", options={}, fingerprint="f" * 20, n=9, class_names=NAMES
    )
    made = Worst(
        dataset=record,
        positions=np.array([3, 1, 4, 8]),
        ids=("=a", "b", "c", "d"),
        probabilities=np.array([[0.4, 0.3, 0.3], [0.2, 0.5, 0.3], [0.6, 0.2, 0.2], [0, 0.7, 0.3]]),
        truth=np.array([1, 0, 2, 1]),
        picked=np.array([False, True, False, False]),
        pictures=("x", "y", "x", None),
        later=later,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def of_random(store: Store) -> RunRecord:
    return next(run for run in store.runs() if run.strategy.endswith("random"))


def read(store: Store, run: RunRecord, number: int, k: int = 20) -> Worst:
    found = worst_samples(store, run, number, newest=store.rounds(run.id)[-1].number, k=k)
    assert found is not None
    return found


def test_the_worst_are_sorted_and_know_their_truth(played: Store) -> None:
    run = played.runs()[0]
    worst = read(played, run, 0)
    tops = worst.probabilities.max(axis=1)
    assert len(tops) == 20
    assert (np.diff(tops) >= 0).all()
    assert worst.ids == tuple(f"point-{i}" for i in worst.positions)
    assert worst.truth.tolist() == [i % 3 for i in worst.positions]
    picks = played.round_arrays(run.id, 0).picks.tolist()
    assert worst.picked.tolist() == [i in picks for i in worst.positions]


def test_every_picture_is_in_the_store(played: Store) -> None:
    worst = read(played, played.runs()[0], 0)
    for index, position in enumerate(worst.positions):
        path = worst.picture(index)
        assert path is not None
        assert path.startswith(f"/thumbnail/{worst.dataset.id}/{position}?v=")
        assert (played.thumbnail(worst.dataset.id, int(position)) or b"").startswith(b"\x89PNG")


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_what_became_of_them_agrees_with_a_search_by_hand(played: Store, number: int) -> None:
    run = of_random(played)
    worst = read(played, run, number, k=200)
    newest = played.rounds(run.id)[-1].number
    assert worst.later.rounds.tolist() == list(range(number + 1, newest + 1))
    for index, position in enumerate(worst.positions.tolist()):
        batches = [r for r in range(newest + 1) if position in picks_of(played, run, r)]
        assert worst.later.labelled_in[index] == (batches[0] if batches else NONE)
        for place, later in enumerate(range(number + 1, newest + 1)):
            row = row_of(played, run, later, position)
            assert worst.later.predicted[place, index] == (NONE if row is None else row.argmax())
            assert worst.later.top[place, index] == (0 if row is None else row.max())


def picks_of(store: Store, run: RunRecord, number: int) -> list[int]:
    return store.round_arrays(run.id, number).picks.tolist()  # type: ignore[no-any-return]


def row_of(store: Store, run: RunRecord, number: int, position: int) -> np.ndarray | None:
    arrays = store.round_arrays(run.id, number)
    for where, probabilities in (
        (arrays.pool, arrays.probabilities),
        (arrays.worst, arrays.worst_probabilities),
        (arrays.picks, arrays.picks_probabilities),
        (arrays.learnt, arrays.learnt_probabilities),
    ):
        if position in where.tolist():
            return np.asarray(probabilities[where.tolist().index(position)])
    return None


def test_what_was_labelled_is_seen_once_more_after_retraining(played: Store) -> None:
    worst = read(played, of_random(played), 0, k=200)
    assert (worst.later.newest != NONE).any()
    labelled = worst.later.labelled_in == 0
    assert labelled.any()
    assert (worst.later.newest[labelled] == 0).all()
    assert "labelled and learnt" in worst_words.afterwards(worst, 0)


def test_corrected_is_wrong_at_first_and_right_when_last_seen() -> None:
    worst = example()
    assert worst.later.newest.tolist() == [1, NONE, 1, 0]
    assert worst.later.predicted_last.tolist() == [1, NONE, 0, 1]
    assert worst_table.corrected(worst).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"predicted": 0}, [0, 2]),
        ({"truth": 1}, [0, 3]),
        ({"verdict": "wrong"}, [0, 1, 2]),
        ({"verdict": "right"}, [3]),
        ({"verdict": "corrected"}, [0]),
        ({"batch": "picked"}, [1]),
        ({"batch": "left"}, [0, 2, 3]),
        ({"pictures": "shared"}, [0, 2]),
        (
            {"predicted": 0, "truth": 1, "verdict": "wrong", "batch": "left", "pictures": "shared"},
            [0],
        ),
        ({"predicted": 2}, []),
    ],
)
def test_a_filter_lets_through_what_it_says(wanted: dict[str, Any], expected: list[int]) -> None:
    assert matching(example(), **wanted).tolist() == expected


def test_where_the_truth_is_unknown_nothing_is_right_or_wrong() -> None:
    worst = example(truth=np.full(4, UNKNOWN))
    for verdict in ("wrong", "right", "corrected"):
        assert not len(matching(worst, verdict=verdict))
    table = worst_table.worst_table(worst, {})
    assert table["verdict"].isna().all()
    assert table["true"].isna().all()
    assert "nobody knows" in worst_words.takeaway(worst, 0)
    assert "Nobody knows" in worst_words.afterwards(worst, 0)


def test_missing_pictures_are_no_duplicates_of_each_other() -> None:
    assert worst_table.same_picture(example(pictures=(None, None, None, "x"))) == (0, 0, 0, 0)
    assert worst_table.same_picture(example(pictures=("y", "x", "x", "y"))) == (2, 1, 1, 2)


def test_a_criterion_that_fails_costs_itself_alone() -> None:
    broken = Criterion(name="bad", direction="max", formula=lambda p: p[:, 9])
    values, errors = worst_table.criterion_values(example(), {"least": LEAST, "bad": broken})
    assert values["least"].tolist() == [0.4, 0.5, 0.6, 0.7]
    assert list(errors) == ["bad"]
    assert "IndexError" in errors["bad"]


def test_the_table_has_what_the_cards_say() -> None:
    worst = example()
    table = worst_table.worst_table(worst, {"least": LEAST(worst.probabilities), "id": np.ones(4)})
    assert table["later verdict"].fillna("").tolist() == ["right", "", "wrong", "right"]
    assert table["later round"].fillna(-1).tolist() == [2, -1, 2, 1]
    assert table["labelled in round"].fillna(-1).tolist() == [-1, 0, -1, 1]
    assert table["same picture"].fillna(0).tolist() == [1, 0, 1, 0]
    assert table["least"].tolist() == [0.4, 0.5, 0.6, 0.7]
    assert table["id"].tolist() == ["=a", "b", "c", "d"]


def test_the_newest_round_has_no_later_columns(played: Store) -> None:
    run = played.runs()[0]
    worst = read(played, run, played.rounds(run.id)[-1].number)
    assert not [name for name in worst_table.worst_table(worst, {}) if "later" in name]
    assert "is the newest" in worst_words.afterwards(worst, 3)


def test_the_csv_has_every_class_and_no_formula() -> None:
    worst = example()
    table = worst_table.worst_table(worst, {"=1+1": LEAST(worst.probabilities)}).iloc[[0, 3]]
    rows = list(csv.DictReader(io.StringIO(worst_table.csv_bytes(worst, table).decode())))
    assert [row["id"] for row in rows] == ["'=a", "d"]
    assert [float(row["p(right)"]) for row in rows] == [0.3, 0.7]
    assert "'=1+1" in rows[0]
    assert rows[1]["same picture"] == ""


def test_the_words_count() -> None:
    worst = example()
    assert "40% to 70%" in worst_words.takeaway(worst, 5)
    assert "wrong on 3 of 4" in worst_words.takeaway(worst, 5)
    assert "1 of 4 were picked" in worst_words.takeaway(worst, 5)
    later = worst_words.afterwards(worst, 0)
    assert "Of 2 wrong ones that were left in the pool, 1 flipped to right." in later
    assert "Of 1 no later prediction is kept" in later
    learnt = replace(worst.later, labelled_in=np.array([1, 0, NONE, 1]))
    said = worst_words.afterwards(example(later=learnt), 0)
    assert "Of 1 wrong ones that were labelled and learnt (training data now), 1 flipped" in said
    assert "Of 1 wrong ones that were left in the pool, 0 flipped" in said
    assert "2 samples share their picture" in worst_words.pictures(worst)
    assert "no picture of 1" in worst_words.pictures(worst)
    assert "the dataset has none" in worst_words.pictures(example(pictures=(None,) * 4))
    unseen = example(picked=np.zeros(4, dtype=bool))
    assert "Of 1 no later prediction is kept" in worst_words.afterwards(unseen, 0)
    right = example(truth=worst.predicted)
    assert "right on all" in worst_words.afterwards(right, 0)


def test_a_card_says_everything() -> None:
    worst = example()
    assert "✗ wrong" in head_text(worst, 0, 1)
    assert "is **right**" in head_text(worst, 0, 1)
    assert "same picture 1" in head_text(worst, 0, 1)
    assert "picked" in head_text(worst, 1, 0)
    assert "✓ right" in head_text(worst, 3, 0)
    text = details(worst, 0, {"least ▼": LEAST(worst.probabilities)})
    for part in ("**left** 0.40", "**right** 0.30 ◀ true", "least ▼ 0.400"):
        assert part in text
    assert "round 1: :red[✗] **top** 0.50; round 2: :green[✓] **right** 0.80" in text
    assert "labelled in round 0" in details(worst, 1, {})
    nothing = replace(worst.later, labelled_in=np.full(4, NONE))
    assert "no prediction kept" in details(replace(worst, later=nothing), 1, {})


def test_many_classes_are_summed_up_and_the_true_one_is_always_there() -> None:
    names = tuple(f"class{i}" for i in range(30))
    row = np.linspace(2, 0.1, 30)[None] / np.linspace(2, 0.1, 30).sum()
    worst = example()
    many = replace(
        worst,
        dataset=replace(worst.dataset, class_names=names),
        ids=("a",),
        probabilities=row,
        truth=np.array([29]),
    )
    text = details(many, 0, {}).partition("After retraining")[0]
    assert text.count("**class") == 10
    assert "◀ true" in text
    rest = 1 - row[0, :9].sum() - row[0, 29]
    assert f"20 more classes, together {rest:.2f}" in text
