"""The ranked pool, the cut, the list to label, and why there may be none."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.csvcell import from_csv_cell
from alcore.errors import AlcoreError
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.rounds import RoundArrays
from alcore.store import DatasetRecord, RunState, Store
from alcore.strategies import Criterion
from alcore.topk import top_k
from alcore_dashboard.services import budget
from alcore_dashboard.services.budget import Cut, Ranking
from alcore_dashboard.services.criteria_ranking import criteria_by_name
from alcore_dashboard.services.criteria_sources import Source
from alcore_dashboard.services.units import Units
from fakes import EXPERIMENT, registry

CRITERIA = criteria_by_name(registry().strategies)
MARGIN = CRITERIA["uncertainty/smallest_margin"]
CLASSES = ("x", "=y", "z")


def pool_of(n: int) -> Source:
    """A pool of every second sample of a dataset whose ids look like formulas."""
    dataset = DatasetRecord(
        id=7, name="a/b", options={}, fingerprint="f" * 40, n=2 * n, class_names=CLASSES
    )
    return Source(
        key=("test",),
        subtitle="",
        class_names=CLASSES,
        probabilities=np.random.default_rng(0).dirichlet([1, 1, 1], size=n).round(1),
        ids=[f"=id-{i}" for i in range(2 * n)],
        positions=np.arange(1, 2 * n, 2, dtype=np.int64),
        dataset=dataset,
    )


def cut_of(values: np.ndarray, order: np.ndarray, n: int) -> Cut:
    ranking = Ranking(values=values, order=order)
    return Cut(pool=pool_of(len(values)), ranking=ranking, n=n, title="smallest margin")


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA)
def test_the_ranking_agrees_with_sorting_by_hand_and_with_the_engine(criterion: Criterion) -> None:
    pool = pool_of(60)
    ranking = budget.rank(pool, criterion)
    sign = -1 if criterion.direction == "max" else 1
    by_hand = sorted(range(60), key=lambda i: (sign * ranking.values[i], i))
    assert ranking.order.tolist() == by_hand
    assert ranking.order[:7].tolist() == top_k(-sign * ranking.values, 7).tolist()


def test_a_formula_that_fails_is_one_sentence() -> None:
    def broken(probabilities: object) -> object:
        raise KeyError("no such class")

    criterion = Criterion(name="broken", direction="max", formula=broken)  # type: ignore[arg-type]
    with pytest.raises(AlcoreError, match="'broken' failed with KeyError: .* choose another"):
        budget.rank(pool_of(5), criterion)


def test_the_list_is_the_head_of_the_ranking_with_what_the_model_says() -> None:
    pool = pool_of(30)
    ranking = budget.rank(pool, MARGIN)
    rows = ranking.order[2:9]
    pictured = replace(pool, pictured=frozenset({2 * int(rows[0]) + 1}))
    table = Cut(pool=pictured, ranking=ranking, n=9, title="").rows(2, 9)
    assert table["order"].tolist() == list(range(3, 10))
    assert table["id"].tolist() == [f"=id-{2 * row + 1}" for row in rows]
    assert table["value"].tolist() == ranking.values[rows].tolist()
    tops = pool.probabilities[rows]
    assert table["probability"].tolist() == tops.max(axis=1).tolist()
    assert table["predicted"].tolist() == [CLASSES[i] for i in tops.argmax(axis=1)]
    assert table["picture"][0].startswith(f"/thumbnail/7/{2 * rows[0] + 1}?v=ffff")
    assert table["picture"][1:].isna().all()


def test_nothing_is_left_outside_a_cut_after_the_last() -> None:
    cut = cut_of(np.arange(5.0), np.arange(5), 5)
    assert cut.rows(1, 5)["order"].tolist() == [2, 3, 4, 5]
    assert cut.rows(5, 9).empty


def test_the_csv_has_all_of_the_batch_and_no_formulas() -> None:
    pool = pool_of(30)
    ranking = budget.rank(pool, MARGIN)
    content = Cut(pool=pool, ranking=ranking, n=12, title="").list_csv()
    read = pd.read_csv(io.BytesIO(content), dtype=str)
    assert list(read.columns) == ["order", "id", "value", "predicted", "probability"]
    assert not read.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
    assert [from_csv_cell(cell) for cell in read["id"]] == [
        f"=id-{2 * row + 1}" for row in ranking.order[:12]
    ]


@given(size=st.integers(1, 3000), n=st.integers(1, 3000))
def test_the_curve_keeps_both_ends_and_both_sides_of_the_cut(size: int, n: int) -> None:
    n = min(n, size)
    values = np.linspace(0, 1, size)
    table = budget.curve(cut_of(values, np.arange(size), n))
    assert {1, size, n, min(n + 1, size)} <= set(table["rank"])
    assert len(table) <= budget.CURVE_POINTS
    assert table["chosen"].sum() == (table["rank"] <= n).sum()
    assert table["value"].tolist() == values[table["rank"] - 1].tolist()


def test_the_pool_of_a_finished_run_is_that_of_its_last_round(played: Store) -> None:
    run = played.runs()[0]
    pool = budget.last_pool(played, run)
    assert pool is not None
    newest = played.rounds(run.id)[-1]
    assert pool.subtitle == f"n = 49 pool samples, round {newest.number}, seed {run.seed}"
    assert len(pool) == len(pool.probabilities) == 120 - 6 - 10 - 30 - 25
    assert pool.positions is not None
    assert not {event.position for event in played.labels(run.id)} & set(pool.positions)


def test_a_run_without_rounds_has_no_pool(empty: Store) -> None:
    made = registry()
    number = queue_experiment(empty, parse_experiment(EXPERIMENT, made), made)
    run = empty.runs(number)[0]
    assert budget.last_pool(empty, run) is None
    assert "not finished a round yet" in budget.why_no_pool(empty, run)
    over = replace(run, state=RunState.FAILED)
    assert "ended before its first round" in budget.why_no_pool(empty, over)


def test_pruned_and_exhausted_pools_are_told_apart(
    played: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = played.runs()[0]
    read = played.round_arrays

    def without_pool(run_id: int, number: int) -> RoundArrays:
        arrays = read(run_id, number)
        return replace(arrays, pool=arrays.pool[:0], probabilities=arrays.probabilities[:0])

    monkeypatch.setattr(played, "round_arrays", without_pool)
    assert budget.last_pool(played, run) is None
    assert "were pruned" in budget.why_no_pool(played, run)
    monkeypatch.setattr(
        played, "round_arrays", lambda i, n: replace(without_pool(i, n), worst=np.empty(0, int))
    )
    assert "Everything is labelled" in budget.why_no_pool(played, run)


def test_the_usual_cut_is_the_newest_batch(played: Store) -> None:
    results = played.rounds(played.runs()[0].id)
    assert budget.usual_cut(results) == 5
    assert budget.usual_cut(results[:2]) == 10
    assert budget.usual_cut(results[-1:]) == budget.USUAL_CUT


def test_the_takeaway_says_what_is_bought_and_where_the_cut_lies() -> None:
    values, order = np.array([0.3, 0.1]), np.array([1, 0])
    assert budget.takeaway(cut_of(values, order, 1), Units(cost_per_label=0.5, currency="CHF")) == (
        "1 label (0.50 CHF) is 50% of the pool; by smallest margin the last sample inside the cut "
        "has 0.100, the first one outside 0.300."
    )
    assert "whole pool of 2 samples: nothing" in budget.takeaway(cut_of(values, order, 2), Units())


def test_small_shares_are_not_rounded_to_nothing() -> None:
    assert [budget.share(x) for x in (0.5, 0.009, 0.0021, 0.00001, 0.998, 0.9999, 1)] == [
        "50%",
        "0.9%",
        "0.2%",
        "less than 0.1%",
        "99.8%",
        "more than 99.9%",
        "100%",
    ]
