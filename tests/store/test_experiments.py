"""Experiments: adding, listing, stopping, deleting."""

import dataclasses
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from alcore.errors import AlcoreError, UsageError
from alcore.store import RunState, Store
from store.examples import add_dataset, add_runs, arrays, event, new_run, result


def test_an_experiment_comes_back(store: Store) -> None:
    config = 'title = "é"\nseeds = [1, 2]\n'
    found = store.experiment(store.add_experiment("é 'quoted'", config, [new_run(), new_run(1)]))
    assert (found.title, found.config) == ("é 'quoted'", config)
    assert found.states == {RunState.QUEUED: 2}
    assert found.n_runs == 2
    assert timedelta(0) <= datetime.now(UTC) - found.created_at < timedelta(minutes=1)


def test_the_newest_comes_first_with_its_own_counts(store: Store) -> None:
    old, new = add_runs(store, 3), add_runs(store)
    store.claim_run(old, process="test")
    assert [record.id for record in store.experiments()] == [new, old]
    assert store.experiments()[0].states == {RunState.QUEUED: 1}
    assert store.experiments()[1].states == {RunState.QUEUED: 2, RunState.RUNNING: 1}
    assert store.experiments()[1] == store.experiment(old)


def test_created_runs_wait_to_be_queued(store: Store) -> None:
    store.add_experiment("later", "", [new_run()], state=RunState.CREATED)
    assert store.claim_run(process="test") is None
    store.change_state(store.runs()[0].id, RunState.QUEUED)
    assert store.claim_run(process="test") is not None


def test_an_experiment_without_runs_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="'empty' has no runs"):
        store.add_experiment("empty", "", [])
    assert store.experiments() == []


def test_runs_cannot_begin_in_the_middle(store: Store) -> None:
    with pytest.raises(AlcoreError, match="created or queued, not done"):
        store.add_experiment("title", "", [new_run()], state=RunState.DONE)


def test_a_stop_ends_what_waits_and_asks_what_runs(store: Store) -> None:
    experiment, other = add_runs(store, 3), add_runs(store)
    first = store.claim_run(experiment, process="test")
    assert first is not None
    store.claim_run(other, process="test")
    store.request_stop(experiment)
    runs = store.runs(experiment)
    assert [run.state for run in runs] == [RunState.STOPPING, RunState.STOPPED, RunState.STOPPED]
    assert all(run.stop_requested for run in runs)
    assert [run.finished_at is None for run in runs] == [True, False, False]
    store.request_stop(experiment)
    assert store.runs(experiment) == [dataclasses.replace(runs[0], stop_now=True), *runs[1:]]
    assert store.experiment(other).states == {RunState.RUNNING: 1}


def test_deleting_removes_rows_and_files_of_that_experiment_alone(store: Store) -> None:
    ids = [add_runs(store), add_runs(store)]
    dataset = add_dataset(store)
    for experiment in ids:
        run = store.claim_run(experiment, process="test")
        assert run is not None
        store.attach_dataset(run.id, dataset, token=1)
        store.commit_round(run.id, result(), arrays(), [event()], {0: b"png"}, token=1)
    store.delete_experiment(ids[0])
    assert [record.id for record in store.experiments()] == [ids[1]]
    assert sorted(path.name for path in (store.folder / "runs").iterdir()) == ["2"]
    with store._database.read() as connection:
        for table in ("runs", "rounds", "arrays", "label_events"):
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert len(rows) == (3 if table == "arrays" else 1)
    assert store.round_arrays(2, 0).picks.shape == (5,)


def test_an_id_is_never_used_again(store: Store) -> None:
    first = add_runs(store)
    run = store.runs()[0].id
    store.delete_experiment(first)
    assert add_runs(store) > first
    assert store.runs()[0].id > run


@pytest.mark.parametrize("method", ["experiment", "delete_experiment", "request_stop"])
def test_an_unknown_experiment_is_named(store: Store, method: str) -> None:
    with pytest.raises(AlcoreError, match="experiment 7 does not exist"):
        getattr(store, method)(7)


def test_a_new_title_replaces_the_old_one(store: Store) -> None:
    experiment, other = add_runs(store), add_runs(store)
    before = store.experiment(experiment)
    store.rename_experiment(experiment, " é **bold** \n")
    assert store.experiment(experiment) == dataclasses.replace(before, title="é **bold**")
    assert store.experiment(other).title == "title"


@pytest.mark.parametrize(("title", "length"), [("", 0), (" \n ", 0), ("x" * 201, 201)])
def test_a_title_without_text_or_too_long_is_refused(store: Store, title: str, length: int) -> None:
    experiment = add_runs(store)
    with pytest.raises(UsageError, match=f"the title has {length} characters; write 1 to 200"):
        store.rename_experiment(experiment, title)
    assert store.experiment(experiment).title == "title"


def test_settings_come_back_and_are_replaced_as_a_whole(store: Store) -> None:
    experiment, other = add_runs(store), add_runs(store)
    assert store.experiment(experiment).settings == {}
    settings = {"cost": 0.5, "currency": "€", "seconds": 4, "shown": True}
    store.set_experiment_settings(experiment, settings)
    assert store.experiment(experiment).settings == settings
    store.set_experiment_settings(experiment, {"seconds": 3})
    assert [record.settings for record in store.experiments()] == [{}, {"seconds": 3}]
    assert store.experiment(other).settings == {}


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.nan, "cost is nan, expected a finite"), ([1], r"cost is \[1\], expected a number or")],
)
def test_a_setting_that_json_cannot_hold_is_named(store: Store, value: Any, words: str) -> None:
    experiment = add_runs(store)
    with pytest.raises(UsageError, match=words):
        store.set_experiment_settings(experiment, {"cost": value})
    assert store.experiment(experiment).settings == {}


def test_changing_an_unknown_experiment_names_it(store: Store) -> None:
    with pytest.raises(AlcoreError, match="experiment 7 does not exist"):
        store.rename_experiment(7, "title")
    with pytest.raises(AlcoreError, match="experiment 7 does not exist"):
        store.set_experiment_settings(7, {})
