"""Rounds: exact round trips, and everything at once or nothing."""

import dataclasses
import math
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.errors import AlcoreError, LeaseLost
from alcore.rounds import Evaluation, RoundResult
from alcore.store import RunState, Store, labels, open_store
from store.examples import (
    EVALUATION,
    add_dataset,
    add_runs,
    arrays,
    assert_same_arrays,
    event,
    new_run,
    result,
    running,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 2**40)
EVALUATIONS = st.builds(
    Evaluation,
    n=COUNTS,
    accuracy=NUMBERS,
    macro_f1=NUMBERS,
    recall=st.lists(st.none() | NUMBERS, max_size=4).map(tuple),
    confusion=st.lists(st.lists(COUNTS, max_size=3).map(tuple), max_size=3).map(tuple),
)
RESULTS = st.builds(
    RoundResult,
    number=st.just(0),
    n_labelled=st.integers(0, 2**31 - 1),
    test=EVALUATIONS,
    validation=st.none() | EVALUATIONS,
    batch=st.none() | EVALUATIONS,
    batch_classes=st.lists(COUNTS, max_size=4).map(tuple),
    seconds=st.dictionaries(st.text(max_size=8), NUMBERS, max_size=4),
)


@settings(max_examples=25)
@given(given_results=st.lists(RESULTS, min_size=1, max_size=2))
def test_results_come_back_exactly(shared_store: Store, given_results: list[RoundResult]) -> None:
    run = running(shared_store)
    expected = [dataclasses.replace(r, number=i) for i, r in enumerate(given_results)]
    for one in expected:
        shared_store.commit_round(run, one, arrays(4), [], {}, token=1)
    assert shared_store.rounds(run) == expected


def test_numbers_of_numpy_and_any_mapping_come_back_plain(store: Store) -> None:
    run = running(store)
    loose: Any = {"n": np.int64(10), "recall": (np.float64(0.5), None, np.float64(1))}
    test = dataclasses.replace(EVALUATION, **loose)
    seconds = MappingProxyType({"train": np.float32(0.25), "score": 0.5})
    changes: Any = {"test": test, "seconds": seconds, "batch_classes": (np.int64(3), 0, 7)}
    store.commit_round(run, result(0, **changes), arrays(), [], {}, token=1)
    assert store.rounds(run) == [result(0)]


def test_scalar_columns_say_the_same(store: Store) -> None:
    run = running(store)
    store.commit_round(run, result(0, batch=None), arrays(), [], {}, token=1)
    columns = "n_labelled, test_accuracy, test_macro_f1, validation_accuracy, batch_accuracy"
    with store._database.read() as connection:
        row = connection.execute(sa.text(f"SELECT {columns} FROM rounds")).one()  # noqa: S608
    assert tuple(row) == (50, 0.7, 0.65, None, None)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        (lambda x: {"test": dataclasses.replace(EVALUATION, accuracy=x)}, "test.accuracy"),
        (lambda x: {"batch": dataclasses.replace(EVALUATION, recall=(1.0, x))}, r"batch.recall\[1"),
        (lambda x: {"seconds": {"train": x}}, "seconds.train"),
    ],
)
def test_a_number_that_is_not_finite_is_named(
    store: Store, changes: Callable[[float], dict[str, Any]], place: str, value: float
) -> None:
    run = running(store)
    with pytest.raises(AlcoreError, match=rf"round 0 of run {run}: {place}.* is {value}"):
        store.commit_round(run, result(0, **changes(value)), arrays(), [event()], {}, token=1)
    assert_nothing_of(store, run)


def test_rounds_of_an_experiment_are_read_at_once_and_only_once(store: Store) -> None:
    experiment, other = add_runs(store, 3), add_runs(store)
    first, second = (store.claim_run(experiment, process="test") for _ in range(2))
    elsewhere = store.claim_run(other, process="test")
    assert first and second and elsewhere
    for run, number in ((second, 0), (first, 0), (elsewhere, 0), (first, 1), (first, 2)):
        store.commit_round(run.id, result(number), arrays(), [], {}, token=1)
    statements: list[str] = []
    sa.event.listen(
        store._database._reader,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: statements.append(statement),
    )
    found = store.rounds_of(experiment)
    assert [".detail" in text for text in statements if text.startswith("SELECT")] == [False, True]
    assert [(run, [one.number for one in results]) for run, results in found.items()] == [
        (first.id, [0, 1, 2]),
        (second.id, [0]),
        (second.id + 1, []),
    ]
    assert found[first.id] == store.rounds(first.id)
    statements.clear()
    assert store.rounds_of(experiment) == found
    assert not any(".detail" in text for text in statements)


def test_a_round_that_another_process_adds_is_seen(store: Store) -> None:
    run = running(store)
    assert store.rounds(run) == []
    other = open_store(store.url)
    for number in range(2):
        other.commit_round(run, result(number), arrays(), [], {}, token=1)
        assert store.rounds(run) == [result(i) for i in range(number + 1)]
        assert store.rounds_of(store.run(run).experiment_id) == {run: store.rounds(run)}
    other.close()


def test_what_a_caller_does_to_the_rounds_it_got_changes_nothing(store: Store) -> None:
    run = running(store)
    store.commit_round(run, result(0), arrays(), [], {}, token=1)
    store.rounds(run).clear()
    store.rounds_of(store.run(run).experiment_id)[run].clear()
    assert store.rounds(run) == [result(0)]


def test_only_the_next_round_is_taken(store: Store) -> None:
    run = running(store)
    store.commit_round(run, result(0), arrays(seed=1), [event()], {}, token=1)
    for number in (0, 2):
        with pytest.raises(AlcoreError, match=f"round {number} cannot .* its next round is 1"):
            store.commit_round(run, result(number), arrays(seed=2), [event(1)], {}, token=1)
    assert store.rounds(run) == [result(0)]
    assert_same_arrays(store.round_arrays(run, 0), arrays(seed=1))
    assert len(store.label_events(run)) == 1


def test_a_run_that_is_over_takes_no_round(store: Store) -> None:
    run = running(store)
    store.finish(run, RunState.STOPPED, token=1)
    with pytest.raises(LeaseLost, match=f"run {run} is stopped, so no worker may change it"):
        store.commit_round(run, result(), arrays(), [], {}, token=1)


def test_of_two_that_commit_a_round_one_wins_whole(store: Store) -> None:
    run = running(store)

    def commit(seed: int) -> int | None:
        try:
            store.commit_round(run, result(n_labelled=seed), arrays(seed=seed), [], {}, token=1)
        except AlcoreError:
            return None
        return seed

    with ThreadPoolExecutor(4) as pool:
        winners = [seed for seed in pool.map(commit, range(4)) if seed is not None]
    assert len(winners) == 1
    assert [found.n_labelled for found in store.rounds(run)] == winners
    assert_same_arrays(store.round_arrays(run, 0), arrays(seed=winners[0]))


def test_full_arrays_are_kept_for_the_newest_round_only(store: Store) -> None:
    run = running(store)
    for number in range(3):
        store.commit_round(run, result(number), arrays(seed=number), [], {}, token=1)
    assert_same_arrays(store.round_arrays(run, 2), arrays(seed=2))
    for number in range(2):
        found, given_arrays = store.round_arrays(run, number), arrays(seed=number)
        assert found.pool.shape == (0,)
        assert found.probabilities.shape == (0, 3)
        np.testing.assert_array_equal(found.picks, given_arrays.picks)
        np.testing.assert_array_equal(found.worst_probabilities, given_arrays.worst_probabilities)
    assert files_of(store) == [
        f"runs/{run}/{name}"
        for name in (
            "round-0000.npz",
            "round-0001.npz",
            "round-0002-pool.npy",
            "round-0002-probabilities.npy",
            "round-0002.npz",
        )
    ]


def test_thumbnails_belong_to_the_dataset(store: Store) -> None:
    run, dataset = running(store), add_dataset(store)
    with pytest.raises(AlcoreError, match="has no dataset yet"):
        store.commit_round(run, result(), arrays(), [], {0: b"first"}, token=1)
    assert_nothing_of(store, run)
    store.attach_dataset(run, dataset, token=1)
    store.commit_round(run, result(), arrays(), [], {0: b"first"}, token=1)
    store.commit_round(run, result(1), arrays(), [], {0: b"second", 7: b"new"}, token=1)
    assert [store.thumbnail(dataset, i) for i in (0, 7, 8)] == [b"first", b"new", None]


def assert_nothing_of(store: Store, run: int) -> None:
    assert store.rounds(run) == []
    assert store.label_events(run) == []
    assert store.size().thumbnails == 0
    with pytest.raises(AlcoreError, match="has no round 0"):
        store.round_arrays(run, 0)


def files_of(store: Store) -> list[str]:
    paths = (path for path in store.folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(store.folder).as_posix() for path in paths)


def disk_full(*_: object, **_fields: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name"), [(np, "savez"), (os, "fsync"), (Path, "replace"), (labels, "add")]
)
def test_a_failure_anywhere_leaves_nothing_visible(
    store: Store, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    run, dataset = running(store), add_dataset(store)
    store.attach_dataset(run, dataset, token=1)
    before = files_of(store)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, disk_full)
        with pytest.raises(AlcoreError, match="cannot be written .*No space left"):
            store.commit_round(run, result(), arrays(seed=1), [event()], {0: b"png"}, token=1)
    assert_nothing_of(store, run)
    store.prune(older_than=timedelta(0))
    assert files_of(store) == (before if store.runs()[0].dataset_id else [])
    store.commit_round(run, result(), arrays(seed=2), [event()], {0: b"png"}, token=1)
    assert_same_arrays(store.round_arrays(run, 0), arrays(seed=2))


COMMIT_AND_DIE = """
import os, sys
from store.examples import arrays, event, result
from alcore.store import labels, open_store
labels.add = lambda *_: os._exit(9)  # the files have their names, no row is committed
store, run = open_store(sys.argv[1]), int(sys.argv[2])
store.commit_round(run, result(), arrays(seed=1), [event()], {}, token=1)
"""


@pytest.mark.parametrize("swept", [True, False])
def test_a_process_that_dies_leaves_files_that_do_not_matter(store: Store, swept: bool) -> None:
    run = running(store)
    tests = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [tests, *sys.path]))}
    command = [sys.executable, "-c", COMMIT_AND_DIE, store.url, str(run)]
    assert subprocess.run(command, env=environment, check=False).returncode == 9
    assert f"runs/{run}/round-0000.npz" in files_of(store)
    assert_nothing_of(store, run)
    if swept:
        assert store.prune(older_than=timedelta(0)) > 0
        assert files_of(store) == []
    store.commit_round(run, result(), arrays(seed=2), [event()], {}, token=1)
    assert_same_arrays(store.round_arrays(run, 0), arrays(seed=2))


def test_seconds_are_those_of_model_and_dataset(store: Store) -> None:
    run, other = running(store), running(store)
    store.attach_dataset(run, add_dataset(store), token=1)
    store.attach_dataset(other, add_dataset(store, "flowers/flowers"), token=1)
    for number, seconds in enumerate((1.0, 2.0)):
        took = result(number, seconds={"train": seconds, "score": 0.5})
        store.commit_round(run, took, arrays(), [], {}, token=1)
    store.commit_round(other, result(), arrays(), [], {}, token=1)
    assert store.round_seconds(new_run().model, "digits/digits") == [2.5, 1.5]
    assert store.round_seconds("digits/other", "digits/digits") == []
