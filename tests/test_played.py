"""What a comparison reads of experiments that were really run."""

import pytest

from alcore import played, results
from alcore.comparison import compare
from alcore.errors import AlcoreError, UsageError
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.results import RANDOM, Rounds
from alcore.store import Store, open_store
from carry_out import carry_out
from fakes import EXPERIMENT, registry


def play(store: Store, *overrides: str, finished: bool = True) -> int:
    made = registry()
    number = queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=overrides), made)
    if finished:
        carry_out(store, made)
    return number


def test_batches_and_classes_are_those_of_the_store() -> None:
    store = open_store()
    one = played.read(store, play(store))
    assert list(one.labels) == ["uncertainty/random", "uncertainty/smallest_margin"]
    run = next(run for run in store.runs() if run.strategy == RANDOM and run.seed == 1)
    labels = one.labels[RANDOM][1]
    assert {n: len(batch) for n, batch in labels.batches.items()} == {6: 10, 16: 10, 26: 5}
    assert labels.batches[16] == set(store.round_arrays(run.id, 1).picks.tolist())
    assert len(labels.classes) == 31
    entry = compare([one]).entries[0]
    assert entry.calibration is not None and sum(entry.calibration.counts) == 60


def test_a_round_committed_while_reading_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def earlier(store: Store, number: int) -> Rounds:
        rounds = results.rounds_by_strategy(store, number)
        return {name: {s: r[:2] for s, r in seeds.items()} for name, seeds in rounds.items()}

    store = open_store()
    number = play(store, "seeds=1")
    monkeypatch.setattr(played, "rounds_by_strategy", earlier)
    assert sorted(played.read(store, number).labels[RANDOM][0].batches) == [6, 16]


def test_what_has_no_round_and_what_does_not_fit_is_refused() -> None:
    store = open_store()
    one, other = play(store, "seeds=1"), play(store, "seeds=1", "splits.test=20")
    waiting = play(store, finished=False)
    with pytest.raises(AlcoreError, match=f"experiment {waiting} has not finished a round"):
        played.read(store, waiting)
    records = [store.experiment(number) for number in (one, other)]
    played.check_comparable(store, records[:1])
    with pytest.raises(UsageError, match="experiment 2 cannot be compared with 1: its test split"):
        played.check_comparable(store, records)
