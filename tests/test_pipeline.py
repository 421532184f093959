"""Candidates, constraints, random share and cold start, around any strategy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.errors import AlcoreError, UsageError
from alcore.pipeline import Chosen, Pipeline, Purse, choose, fill_up
from alcore.plan import Plan
from alcore.runs import Run
from alcore.seeding import generator
from alcore.splits import draw_splits, long_tail
from alcore.strategies import NEEDS_MODEL, Query, Request, Selection
from alcore.top_utility import TopUtility
from alcore_uncertainty import smallest_margin
from alcore_uncertainty.random_sampling import RandomSampling
from fakes import NearestCentre, Points

MARGIN = TopUtility(smallest_margin)


def pool(n: int = 60, c: int = 3, seed: int = 0) -> Query:
    rng = np.random.default_rng(seed)
    return Query(
        rank=np.arange(n),
        probabilities=rng.dirichlet(np.ones(c), n),
        embeddings=rng.normal(size=(n, 4)).astype(np.float32),
        labelled_embeddings=rng.normal(size=(5, 4)).astype(np.float32),
    )


def chosen(pipeline: Pipeline, query: Query | None = None, n: int = 12, **more: Any) -> Chosen:
    strategy = more.pop("strategy", MARGIN)
    return choose(
        strategy,
        query or pool(),
        n,
        pipeline=pipeline,
        draw=lambda purpose: generator(0, purpose),
        **more,
    )


def test_without_options_the_strategy_decides_alone() -> None:
    query = pool()
    alone = MARGIN.select(query, Request(n=12), np.random.default_rng(0))
    found = chosen(Pipeline(), query)
    assert np.array_equal(found.positions, alone.positions)
    assert (found.n_random, found.candidates) == (0, None)
    drawn = chosen(Pipeline(), query, strategy=RandomSampling()).positions
    same = RandomSampling().select(query, Request(n=12), generator(0, "select")).positions
    assert np.array_equal(drawn, same)


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 60),
    candidates=st.integers(0, 70),
    exact_up_to=st.none() | st.integers(1, 70),
    share=st.floats(0, 1),
    balance=st.booleans(),
    collapse=st.booleans(),
    left=st.none() | st.floats(0.5, 200),
)
def test_any_options_give_different_samples_as_many_as_can_be_paid(
    n: int,
    candidates: int,
    exact_up_to: int | None,
    share: float,
    balance: bool,
    collapse: bool,
    left: float | None,
) -> None:
    costs = np.random.default_rng(1).uniform(1, 5, 60)
    found = chosen(
        Pipeline(
            candidates=candidates,
            random_share=share,
            balance_classes=balance,
            collapse_duplicates=collapse,
        ),
        n=n,
        exact_up_to=exact_up_to,
        known=np.array([4, 0, 9]),
        purse=None if left is None else Purse(costs=costs, left=left),
    )
    picks = found.positions
    assert len(set(picks.tolist())) == len(picks) <= n
    if left is None:
        assert len(picks) == n
        assert found.n_random == int(n * share + 0.5)
    else:
        assert costs[picks].sum() <= left + 1e-9


def test_the_strategy_sees_no_more_candidates_than_allowed_and_they_change_with_the_draw() -> None:
    seen: list[int] = []

    class Watching:
        def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
            seen.append(len(query.rank))
            return MARGIN.select(query, request, rng)

    one = chosen(Pipeline(candidates=20), strategy=Watching())
    chosen(Pipeline(), strategy=Watching(), exact_up_to=30)
    few = chosen(Pipeline(candidates=2), strategy=Watching())
    assert seen == [20, 30, 12] and few.candidates == 12 and one.candidates == 20
    query = pool()
    best = MARGIN.select(query, Request(n=60), np.random.default_rng(0)).positions.tolist()
    places = [best.index(position) for position in one.positions]
    assert places == sorted(places) and places != list(range(12))


def test_a_random_share_that_money_has_a_say_in_is_no_random_sample() -> None:
    options, costs = Pipeline(random_share=0.5), np.linspace(1, 10, 60)

    def n_random(left: float) -> int:
        return chosen(options, purse=Purse(costs=costs, left=left)).n_random

    assert n_random(1000) == 6
    assert n_random(9.9) == 0, "the dearest sample could not have been drawn"
    assert n_random(10.1) == 0, "what was drawn could not all be paid"


def test_equal_samples_are_one_candidate_and_none_where_one_has_its_label() -> None:
    query = pool(8)
    embeddings = query.embeddings.copy()
    embeddings[[3, 5]] = embeddings[1]
    embeddings[6] = query.labelled_embeddings[2]
    same = Query(
        rank=np.arange(8)[::-1].copy(),
        probabilities=query.probabilities,
        embeddings=embeddings,
        labelled_embeddings=query.labelled_embeddings,
    )
    collapsed = Pipeline(collapse_duplicates=True)
    assert sorted(chosen(collapsed, same, 5).positions.tolist()) == [0, 2, 4, 5, 7]
    assert len(chosen(collapsed, same, 8).positions) == 8


@given(
    counts=st.lists(st.integers(0, 20), min_size=2, max_size=6),
    available=st.lists(st.integers(0, 20), min_size=6, max_size=6),
    share=st.floats(0, 1),
)
def test_quotas_raise_the_rarest_together(
    counts: list[int], available: list[int], share: float
) -> None:
    had, there = np.array(counts), np.array(available[: len(counts)])
    n = int(share * there.sum())
    added = fill_up(had, there, n)
    assert added.sum() == n and (added <= there).all()
    after = had + added
    raised, could = added > 0, added < there
    if raised.any() and could.any():
        assert after[raised].max() <= after[could].min() + 1


def test_balance_goes_by_predicted_class_and_within_it_by_the_strategy() -> None:
    query = pool()
    predicted = query.probabilities.argmax(axis=1)
    picks = chosen(Pipeline(balance_classes=True), query, n=9, known=np.array([10, 4, 7])).positions
    assert np.bincount(predicted[picks], minlength=3).tolist() == [0, 6, 3]
    best = MARGIN.select(query, Request(n=60), np.random.default_rng(0)).positions
    of_class = [i for i in best if predicted[i] == 1][:6]
    assert [i for i in picks if predicted[i] == 1] == of_class


def test_a_wrong_strategy_is_named_through_the_pipeline() -> None:
    class Twice:
        def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
            return Selection(positions=np.zeros(request.n, dtype=np.int64))

    with pytest.raises(AlcoreError, match="more than once"):
        chosen(Pipeline(candidates=20, balance_classes=True), strategy=Twice())


POINTS = Points(600)
TRUTH = dict(zip(POINTS.ids, POINTS.known_labels.tolist(), strict=True))


class Priced(Points):
    def __init__(self) -> None:
        super().__init__(600)
        self.costs = np.random.default_rng(4).uniform(1, 9, 600)


def played(dataset: Points = POINTS, strategy: Any = MARGIN, **more: Any) -> Run:
    plan = {"initial": 6, "seed": 0, "budget": 60, "batch": 20, **more}
    needs = plan.pop("needs", frozenset({"probabilities"}))
    splits = draw_splits(600, initial=plan.pop("initial"), validation=10, test=90, seed=0)
    run = Run(
        dataset=dataset,
        make_model=NearestCentre,
        strategy=strategy,
        plan=Plan(splits=splits, **plan),
        n_classes=3,
        labels=dataset.known_labels,
        needs=needs,
    )
    while (asked := run.ask()) is not None:
        run.tell({name: TRUTH[name] for name in asked})
    return run


def test_a_hard_budget_in_money_is_never_overspent_and_spent_as_far_as_it_goes() -> None:
    dataset = Priced()
    run = played(dataset, spend=100.0)
    bought = np.concatenate([one.arrays.picks for one in run.rounds])
    paid = dataset.costs[bought].sum()
    left = np.setdiff1d(run.plan.splits.pool, bought)
    assert paid <= 100 < paid + dataset.costs[left].min() or len(bought) == 60
    assert run.is_over and not len(run.rounds[-1].arrays.picks)
    with pytest.raises(UsageError, match="no costs"):
        played(spend=100.0)


def test_the_random_share_estimates_the_accuracy_on_the_pool_without_bias() -> None:
    gaps, all_gaps = [], []
    for seed in range(40):
        run = played(seed=seed, budget=100, batch=100, pipeline=Pipeline(random_share=0.5))
        first = run.rounds[0]
        right = first.arrays.probabilities.argmax(axis=1) == POINTS.known_labels[first.arrays.pool]
        audit, batch = first.result.audit, first.result.batch
        assert audit is not None and audit.n == 50 and batch is not None
        gaps.append(audit.accuracy - right.mean())
        all_gaps.append(batch.accuracy - right.mean())
    error = np.std(gaps) / np.sqrt(len(gaps))
    assert abs(np.mean(gaps)) < 3 * error
    assert np.mean(all_gaps) < -3 * error  # the whole batch says too little


def test_a_cold_start_begins_without_a_label() -> None:
    run = played(initial=0, strategy=RandomSampling(), needs=frozenset())
    first = run.rounds[0]
    assert first.result.n_labelled == 0
    assert (first.arrays.probabilities == np.float32(1 / 3)).all()
    assert run.rounds[-1].result.test.accuracy > 0.7
    with pytest.raises(UsageError, match="begin with some labels"):
        played(initial=0)


def test_a_query_has_what_was_declared_and_nothing_else() -> None:
    seen: dict[str, Any] = {}

    class Looking:
        def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
            seen["members"], seen["labelled"] = query.members, query.labelled_embeddings
            with pytest.raises(AlcoreError, match="no probabilities"):
                query.probabilities  # noqa: B018
            return RandomSampling().select(query, request, rng)

    needs = frozenset({"members", "embeddings", "labelled_embeddings"})
    run = played(strategy=Looking(), needs=needs, budget=40, pipeline=Pipeline(committee=3))
    assert seen["members"].shape == (3, 474, 3) and NEEDS_MODEL & needs
    assert len({member.tobytes() for member in seen["members"]}) == 3
    assert np.array_equal(
        seen["labelled"],
        POINTS.features(np.concatenate([run.plan.splits.initial, run.rounds[0].arrays.picks])),
    )
    again = dict(seen)
    played(strategy=Looking(), needs=needs, budget=40, pipeline=Pipeline(committee=3))
    assert np.array_equal(again["members"], seen["members"])


def test_a_long_tail_falls_off_and_leaves_the_test_split_alone() -> None:
    labels = np.arange(900) % 3
    order = np.random.default_rng(0).permutation(900)
    kept = long_tail(order, labels, 9.0, seed=1)
    assert sorted(np.bincount(labels[kept]).tolist()) == [33, 100, 300]
    sizes = {"initial": 20, "validation": 50, "test": 100, "seed": 3}
    plain = draw_splits(900, **sizes)
    tailed = draw_splits(900, **sizes, labels=labels, imbalance=9.0)
    assert np.array_equal(plain.test, tailed.test) and len(tailed.initial) == 20
    together = np.concatenate([tailed.initial, tailed.pool])
    counts = np.sort(np.bincount(labels[together]))
    assert counts[2] / counts[0] == pytest.approx(9, rel=0.1)
    with pytest.raises(UsageError, match="imbalance leaves"):
        draw_splits(900, **{**sizes, "initial": 700}, labels=labels, imbalance=1e6)


def test_options_out_of_range_have_a_sentence() -> None:
    from alcore.options import build

    with pytest.raises(UsageError, match="random_share must be at most 1"):
        build(Pipeline, {"random_share": 2.0}, where="selection")


def test_with_the_budget_spent_no_committee_is_trained_for_the_rest() -> None:
    asked = []

    class Counting:
        def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
            asked.append(request.n)
            return RandomSampling().select(query, request, rng)

    run = played(strategy=Counting(), needs=frozenset({"members"}))
    assert run.is_over and asked == [20, 20, 20]
    asked.clear()
    played(strategy=Counting())
    assert asked == [20, 20, 20, 20]
