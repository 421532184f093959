"""The ranked pool, the cut, and why there may be none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.errors import AlcoreError
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.rounds import RoundArrays
from alcore.store import DatasetRecord, RunState, Store
from alcore.strategies import Criterion
from alcore.topk import top_k
from alcore_dashboard.services import budget
from alcore_dashboard.services.budget import Pool, Ranking
from alcore_dashboard.services.criteria import criteria_by_name
from alcore_dashboard.services.units import Units
from fakes import EXPERIMENT, registry

CRITERIA = criteria_by_name(registry().strategies)
MARGIN = CRITERIA["uncertainty/smallest_margin"]


def pool_of(n: int, seed: int = 0) -> Pool:
    dataset = DatasetRecord(
        id=1, name="a/b", options={}, fingerprint="f", n=n, class_names=("x", "y", "z")
    )
    probabilities = np.random.default_rng(seed).dirichlet([1, 1, 1], size=n).round(1)
    return Pool(
        dataset=dataset,
        round=0,
        n_labelled=5,
        positions=np.arange(n, dtype=np.int64),
        probabilities=probabilities,
    )


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


@given(size=st.integers(1, 3000), n=st.integers(1, 3000))
def test_the_curve_keeps_both_ends_and_both_sides_of_the_cut(size: int, n: int) -> None:
    values = np.linspace(0, 1, size)
    ranking = Ranking(criterion=MARGIN, values=values, order=np.arange(size))
    table = budget.curve(ranking, n)
    assert {1, size, min(n, size), min(n + 1, size)} <= set(table["rank"])
    assert len(table) <= budget.CURVE_POINTS
    assert table["chosen"].sum() == (table["rank"] <= n).sum()
    assert table["value"].tolist() == values[table["rank"] - 1].tolist()


def test_the_pool_of_a_finished_run_is_that_of_its_last_round(played: Store) -> None:
    run = played.runs()[0]
    pool = budget.last_pool(played, run)
    assert pool is not None
    newest = played.rounds(run.id)[-1]
    assert (pool.round, pool.n_labelled) == (newest.number, newest.n_labelled)
    assert len(pool) == len(pool.probabilities) == 120 - 6 - 10 - 30 - 25
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
    ranking = Ranking(criterion=MARGIN, values=np.array([0.3, 0.1]), order=np.array([1, 0]))
    assert budget.takeaway(ranking, 1, Units(cost_per_label=0.5, currency="CHF")) == (
        "1 label (0.50 CHF) is 50% of the pool; by smallest margin the last sample inside the cut "
        "has 0.100, the first one outside 0.300."
    )
    assert "whole pool of 2 samples: nothing" in budget.takeaway(ranking, 2, Units())


def test_small_shares_are_not_rounded_to_nothing() -> None:
    assert [budget.share(x) for x in (0.5, 0.009, 0.0021, 0.00001)] == [
        "50%",
        "0.9%",
        "0.2%",
        "less than 0.1%",
    ]
