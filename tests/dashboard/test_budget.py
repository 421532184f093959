"""The cut on the ranked pool, and the list to label."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.store import DatasetRecord, RunState, Store
from alcore.strategies import Criterion
from alcore_dashboard.services import budget
from alcore_dashboard.services.budget import Pool, Ranking
from alcore_dashboard.services.criteria import criteria_by_name
from fakes import registry

CRITERIA = criteria_by_name(registry().strategies)
MARGIN = CRITERIA["uncertainty/smallest_margin"]


def pool_of(n: int, seed: int = 0) -> Pool:
    dataset = DatasetRecord(
        id=1, name="a/b", options={}, fingerprint="f", n=n, class_names=("x", "=y", "z")
    )
    probabilities = np.random.default_rng(seed).dirichlet([1, 1, 1], size=n).round(1)
    return Pool(
        dataset=dataset,
        round=0,
        n_labelled=5,
        positions=np.arange(n, dtype=np.int64),
        ids=tuple(f"=id-{i}" for i in range(n)),
        probabilities=probabilities,
    )


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA)
def test_the_ranking_agrees_with_sorting_by_hand(criterion: Criterion) -> None:
    pool = pool_of(60)
    ranking = budget.rank(pool, criterion)
    sign = -1 if criterion.direction == "max" else 1
    by_hand = sorted(range(60), key=lambda i: (sign * ranking.values[i], i))
    assert ranking.order.tolist() == by_hand


@given(size=st.integers(1, 3000), n=st.integers(1, 3000))
def test_the_curve_keeps_both_ends_and_both_sides_of_the_cut(size: int, n: int) -> None:
    values = np.linspace(0, 1, size)
    ranking = Ranking(criterion=MARGIN, values=values, order=np.arange(size))
    table = budget.curve(ranking, n)
    wanted = {1, size, min(n, size), min(n + 1, size)}
    assert wanted <= set(table["rank"])
    assert len(table) <= budget.CURVE_POINTS + 2
    assert table["chosen"].sum() == (table["rank"] <= n).sum()
    assert table["value"].tolist() == values[table["rank"] - 1].tolist()


def test_the_list_is_the_head_of_the_ranking_with_what_the_model_says(empty: Store) -> None:
    pool = pool_of(30)
    ranking = budget.rank(pool, MARGIN)
    table = budget.to_label(pool, ranking, 7, empty)
    assert table["id"].tolist() == [pool.ids[i] for i in ranking.order[:7]]
    tops = pool.probabilities[ranking.order[:7]]
    assert table["probability"].tolist() == tops.max(axis=1).tolist()
    assert table["predicted"].tolist() == [("x", "=y", "z")[i] for i in tops.argmax(axis=1)]
    assert table["picture"].isna().all()


def test_the_csv_has_no_formulas(empty: Store) -> None:
    pool = pool_of(30)
    text = budget.csv_bytes(budget.to_label(pool, budget.rank(pool, MARGIN), 30, empty))
    read = pd.read_csv(io.BytesIO(text), dtype=str)
    assert list(read.columns) == ["rank", "id", "value", "predicted", "probability"]
    assert not read.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
    assert read["id"][0].startswith("'=id-")


def test_the_pool_of_a_finished_run_is_that_of_its_last_round(played: Store) -> None:
    run = played.runs()[0]
    pool = budget.last_pool(played, run)
    assert pool is not None
    newest = played.rounds(run.id)[-1]
    assert (pool.round, pool.n_labelled) == (newest.number, newest.n_labelled)
    assert len(pool.ids) == len(pool.probabilities) == 120 - 6 - 10 - 30 - 25
    labelled = {event.sample_id for event in played.labels(run.id)}
    assert not labelled & set(pool.ids)


def test_a_run_without_rounds_has_no_pool(empty: Store) -> None:
    from alcore.experiment import parse_experiment
    from alcore.queueing import queue_experiment
    from fakes import EXPERIMENT

    made = registry()
    number = queue_experiment(empty, parse_experiment(EXPERIMENT, made), made)
    run = empty.runs(number)[0]
    assert run.state is RunState.QUEUED
    assert budget.last_pool(empty, run) is None


def test_the_takeaway_says_where_the_cut_lies() -> None:
    ranking = Ranking(criterion=MARGIN, values=np.array([0.3, 0.1]), order=np.array([1, 0]))
    assert budget.takeaway(ranking, 1) == (
        "1 labels are 50% of the pool; by smallest margin the last sample inside the cut has "
        "0.100, the first one outside 0.300."
    )
    assert "whole pool" in budget.takeaway(ranking, 2)
