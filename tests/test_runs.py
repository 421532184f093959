"""The loop: ask, tell, rounds, budgets, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.datasets import Labelled, Samples
from alcore.errors import AlcoreError, RunStopped, UsageError
from alcore.plan import Plan
from alcore.runs import Run
from alcore.splits import draw_splits
from alcore.strategies import Query, Request, Selection, Strategy
from alcore.top_utility import TopUtility
from alcore.types import IntArray
from alcore_uncertainty import smallest_margin
from fakes import NearestCentre, Points

POINTS = Points()
TRUTH = dict(zip(POINTS.ids, POINTS.known_labels.tolist(), strict=True))


def make(
    strategy: Strategy | None = None,
    *,
    budget: int = 25,
    batch: int = 10,
    labels: IntArray = POINTS.known_labels,
    seed: int = 0,
) -> Run:
    splits = draw_splits(120, initial=6, validation=10, test=30, seed=seed)
    return Run(
        dataset=POINTS,
        make_model=NearestCentre,
        strategy=strategy or TopUtility(smallest_margin),
        plan=Plan(splits=splits, budget=budget, batch=batch, seed=seed),
        n_classes=3,
        labels=labels,
    )


def play(run: Run) -> Run:
    while (asked := run.ask()) is not None:
        run.tell({name: TRUTH[name] for name in asked})
    return run


@settings(max_examples=25, deadline=None)
@given(budget=st.integers(1, 74), batch=st.integers(1, 80), seed=st.integers(0, 99))
def test_the_budget_is_spent_exactly_and_nothing_is_asked_twice(
    budget: int, batch: int, seed: int
) -> None:
    run = play(make(budget=budget, batch=batch, seed=seed))
    picks = np.concatenate([one.arrays.picks for one in run.rounds])
    assert len(picks) == len(set(picks.tolist())) == budget
    assert set(picks.tolist()) <= set(run.plan.splits.pool.tolist())
    assert len(run.rounds) == run.plan.rounds
    assert [one.result.n_labelled for one in run.rounds][-1] == 6 + budget
    assert run.ask() is None


def test_a_round_holds_what_the_pages_show() -> None:
    run = play(make())
    first, last = run.rounds[0], run.rounds[-1]
    assert first.result.batch is not None and first.result.batch.n == 10
    assert sum(first.result.batch_classes) == 10
    assert first.arrays.probabilities.shape == (74, 3) and len(first.arrays.pool) == 74
    assert len(first.arrays.quantiles) == 101
    tops = first.arrays.worst_probabilities.max(axis=1)
    assert (np.diff(tops) >= 0).all() and len(first.arrays.worst) == 74
    assert not len(first.arrays.learnt)
    assert np.array_equal(run.rounds[1].arrays.learnt, first.arrays.picks)
    model = NearestCentre()
    seen = np.concatenate([run.plan.splits.initial, first.arrays.picks])
    labelled = Labelled(
        samples=Samples(dataset=POINTS, positions=seen),
        labels=POINTS.known_labels[seen],
        n_classes=3,
    )
    model.fit(labelled, labelled, seed=0, progress=lambda step, fraction: None)
    expected = model.predict_proba(Samples(dataset=POINTS, positions=first.arrays.picks))
    assert np.array_equal(run.rounds[1].arrays.learnt_probabilities, expected)
    assert last.result.batch is None and not len(last.arrays.picks)
    assert len(last.arrays.quantiles) == 101
    assert set(first.result.seconds) == {"train", "evaluate", "score", "select"}


def test_accuracy_on_the_batch_is_that_of_the_model_that_chose_it() -> None:
    run = play(make())
    arrays = run.rounds[0].arrays
    right = arrays.picks_probabilities.argmax(axis=1) == POINTS.known_labels[arrays.picks]
    assert run.rounds[0].result.batch is not None
    assert run.rounds[0].result.batch.accuracy == pytest.approx(float(right.mean()))


def test_labels_of_the_pool_are_not_read_before_they_are_told() -> None:
    splits = draw_splits(120, initial=6, validation=10, test=30, seed=0)
    hidden = POINTS.known_labels.copy()
    hidden[splits.pool] = -1
    open_run, hidden_run = play(make()), play(make(labels=hidden))
    for one, other in zip(open_run.rounds, hidden_run.rounds, strict=True):
        assert np.array_equal(one.arrays.picks, other.arrays.picks)
        assert one.result.test == other.result.test


def test_strategies_with_one_seed_start_from_the_same_labels() -> None:
    class First:
        def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
            return Selection(positions=np.arange(request.n))

    one, other = play(make()), play(make(First()))
    assert one.rounds[0].result.test == other.rounds[0].result.test
    assert not len(other.rounds[0].arrays.quantiles)


def test_asking_again_is_free_and_gives_the_same() -> None:
    run = make()
    assert run.ask() == run.ask()
    assert run.rounds == []


def test_answers_that_do_not_fit_are_refused_and_change_nothing() -> None:
    run = make()
    with pytest.raises(UsageError, match="call ask"):
        run.tell({})
    asked = run.ask()
    assert asked is not None
    good = {name: TRUTH[name] for name in asked}
    with pytest.raises(UsageError, match="no label for"):
        run.tell({name: good[name] for name in asked[1:]})
    with pytest.raises(UsageError, match="label 3 of .* must be a class index, 0 to 2"):
        run.tell({**good, asked[0]: 3})
    with pytest.raises(UsageError, match="was not asked"):
        run.tell({**good, "stranger": 1})
    run.tell(good)
    assert len(run.rounds) == 1


@pytest.mark.parametrize(
    ("budget", "batch", "sentence"),
    [
        (0, 10, "budget.samples must be at least 1, not 0"),
        (-5, 10, "budget.samples must be at least 1, not -5"),
        (10, 0, "budget.batch must be at least 1, not 0"),
        (75, 10, "budget.samples is 75 but the pool has 74 samples; ask for fewer"),
    ],
)
def test_impossible_budgets_are_refused(budget: int, batch: int, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        make(budget=budget, batch=batch)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Selection(positions=np.zeros(10, dtype=np.int64)), "more than once"),
        (Selection(positions=np.arange(9)), "asked were 10"),
        (Selection(positions=np.arange(70, 80)), "outside the pool of 74"),
        (Selection(positions=np.arange(10) / 1), "asked were 10 integers"),
        (Selection(positions=np.arange(10), utilities=np.zeros(3)), "utilities for 74"),
        (
            Selection(positions=np.arange(10), utilities=np.full(74, np.nan)),
            "utility nan to position 0",
        ),
        (None, "gave NoneType, not a Selection"),
    ],
)
def test_a_strategy_that_breaks_its_contract_is_named(answer: Selection, sentence: str) -> None:
    class Broken:
        def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
            return answer

    with pytest.raises(AlcoreError, match=sentence):
        make(Broken()).ask()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ([np.nan, 0.5, 0.5], "not a number"),
        ([1.2, -0.2, 0.0], "negative"),
        ([0.5, 0.4, 0.0], "0.1 away from 1"),
        ([0.5, 0.5], r"shape \(30, 2\), not \(30, 3\)"),
    ],
)
def test_a_model_that_breaks_its_contract_is_named(row: list[float], sentence: str) -> None:
    class Broken(NearestCentre):
        def predict_proba(self, samples):  # type: ignore[no-untyped-def]
            return np.tile(np.array(row, dtype=np.float32), (len(samples), 1))

    run = make()
    run._learner._make_model = Broken
    with pytest.raises(AlcoreError, match=sentence):
        run.ask()


def test_unknown_labels_at_the_start_are_refused() -> None:
    with pytest.raises(UsageError, match="6 samples of the initial split have no known label"):
        make(labels=np.full(120, -1))


def test_a_stop_passes_through_and_the_round_can_be_played_again() -> None:
    run = make()

    def stop(step: str, fraction: float) -> None:
        raise RunStopped("stop")

    run._progress = stop
    with pytest.raises(RunStopped):
        run.ask()
    run._progress = lambda step, fraction: None
    undisturbed = make()
    assert run.ask() == undisturbed.ask()
