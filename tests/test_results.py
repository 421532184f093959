"""What is said of an experiment in the store."""

import pytest

from alcore.compare import recall_of
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.results import (
    RANDOM,
    ceiling,
    curves,
    curves_of,
    differences,
    outcomes,
    pool_size,
    rounds_by_strategy,
    saved_text,
    whole_pool_experiments,
    why_not_comparable,
)
from alcore.store import Store, open_store
from carry_out import carry_out
from fakes import EXPERIMENT, registry


def test_random_comes_first_and_everything_is_held_against_it() -> None:
    made, store = registry(), open_store()
    text = EXPERIMENT.replace('["random", "smallest_margin"]', '["entropy", "random"]')
    number = queue_experiment(store, parse_experiment(text, made), made)
    assert curves(store, number) == []
    carry_out(store, made)
    random, entropy = outcomes(curves(store, number))
    assert random.is_random and random.saved is None and saved_text(random) == "baseline"
    assert entropy.saved is not None and entropy.saved.seeds == 2
    assert entropy.curve.labels.tolist() == [6, 16, 26, 31]
    assert outcomes([entropy.curve])[0].saved is None
    assert saved_text(outcomes([entropy.curve])[0]) == "no random run to compare with"


def test_the_baseline_has_the_name_of_the_built_in() -> None:
    assert registry().qualify("strategy", "random") == RANDOM


def play(store: Store, *overrides: str) -> int:
    made = registry()
    number = queue_experiment(
        store, parse_experiment(EXPERIMENT, made, overrides=["seeds=1", *overrides]), made
    )
    carry_out(store, made)
    return number


def test_curves_may_be_of_any_metric() -> None:
    store = open_store()
    rounds = rounds_by_strategy(store, play(store))
    (random, _), truth = curves_of(rounds, recall_of(2)), rounds[RANDOM][0]
    assert random.values[0].tolist() == [r.test.recall[2] for r in truth]
    assert list(differences(curves_of(rounds))) == ["uncertainty/smallest_margin"]
    assert differences(curves_of(rounds)[1:]) == {}


def test_the_ceiling_is_known_where_some_run_used_up_its_pool() -> None:
    store = open_store()
    number = play(store)
    assert pool_size(store, number) == 74
    assert ceiling(store, number) is None
    play(store, "budget.samples=74", "budget.batch=74", "splits.test=20", "splits.validation=20")
    assert ceiling(store, number) is None, "other splits are another question"
    whole = play(store, "budget.samples=74", "budget.batch=74")
    assert [record.id for record in whole_pool_experiments(store, number)] == [whole]
    found = ceiling(store, number)
    assert found is not None and (found.labels, found.runs) == (80, 2)
    ends = [curve.values[0, -1] for curve in curves(store, whole)]
    assert found.value == pytest.approx(sum(ends) / 2)
    by_recall = ceiling(store, number, recall_of(0))
    assert by_recall is not None and by_recall.value != found.value


def test_a_ceiling_that_waits_is_not_known() -> None:
    store, made = open_store(), registry()
    number = play(store)
    more = ["budget.samples=74", "budget.batch=74"]
    queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=more), made)
    assert len(whole_pool_experiments(store, number)) == 1
    assert ceiling(store, number) is None


def test_only_equal_data_and_splits_share_a_chart() -> None:
    store, made = open_store(), registry()
    one, other = play(store), play(store, "budget.batch=5")
    smaller = play(store, "splits.test=20")
    queue_experiment(store, parse_experiment(EXPERIMENT, made), made)
    records = {record.id: record for record in store.experiments()}
    waiting = records[max(records)]
    assert why_not_comparable(store, records[one], records[other]) is None
    reason = why_not_comparable(store, records[one], records[smaller])
    assert reason == "its test split has 20 samples, not 30"
    assert why_not_comparable(store, records[one], waiting) == (
        "its runs have not loaded their dataset yet"
    )


def test_another_model_has_other_splits_where_it_says_what_is_alike() -> None:
    store, together = open_store(), "splits.duplicates=together"
    one, same = play(store, together), play(store, together, "budget.batch=5")
    other = play(store, together, "model.name=logistic")
    records = [store.experiment(number) for number in (one, same, other)]
    assert why_not_comparable(store, *records[:2]) is None
    reason = why_not_comparable(store, records[0], records[2])
    assert reason == "its splits keep together what is alike to another model"


def test_other_data_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    one = play(store)
    monkeypatch.setattr("fakes.Points.__init__.__defaults__", (100,))
    other = play(store)
    reason = why_not_comparable(store, store.experiment(one), store.experiment(other))
    assert reason == "it uses another version or other options of the dataset fake/points"
    third = play(store, "dataset.name=digits", "model.name=logistic")
    reason = why_not_comparable(store, store.experiment(one), store.experiment(third))
    assert reason == "it uses the dataset digits/digits, not fake/points"


def test_a_long_tail_has_a_pool_nobody_knows_and_stands_beside_its_like_only() -> None:
    store = open_store()
    plain, tailed = play(store), play(store, "splits.imbalance=2", "budget.samples=20")
    assert pool_size(store, tailed) is None
    assert whole_pool_experiments(store, tailed) == []
    reason = why_not_comparable(store, store.experiment(plain), store.experiment(tailed))
    assert reason == "its splits were made with another 'imbalance'"
