"""Label events: added, never changed; the latest one holds."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.store import LabelEvent, Store
from store.examples import arrays, event, result, running


def add(store: Store, run: int, *events: LabelEvent) -> None:
    store.commit_round(run, result(len(store.rounds(run))), arrays(), events, {}, token=1)


def test_events_come_back_in_order(store: Store) -> None:
    run, other = running(store), running(store)
    events = [event(5, 2), event(3, 0), event(5, None)]
    add(store, run, *events)
    add(store, other, event(3, 1))
    assert store.label_events(run) == events


@pytest.mark.parametrize(
    "statement", ["UPDATE label_events SET label = 0", "DELETE FROM label_events"]
)
def test_events_cannot_be_changed(store: Store, statement: str) -> None:
    run = running(store)
    add(store, run, event(0, 1))
    with (
        store._database.write() as connection,
        pytest.raises(sa.exc.DatabaseError, match="append-only"),
    ):
        connection.execute(sa.text(statement))
    assert [found.label for found in store.label_events(run)] == [1]


def test_the_same_event_twice_is_one_event(store: Store) -> None:
    run, sent = running(store), event(0, 1)
    add(store, run, sent)
    add(store, run, sent, event(1, 1), sent)
    assert [found.position for found in store.label_events(run)] == [0, 1]


def test_numbers_of_numpy_are_kept_as_numbers(store: Store) -> None:
    run = running(store)
    numpy: Any = np.array([4, 2])
    add(store, run, dataclasses.replace(event(), position=numpy[0], label=numpy[1]))
    found = store.labels(run)[0]
    assert (found.position, found.label) == (4, 2)
    assert type(found.position) is type(found.label) is int


EVENTS = st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 2)), max_size=12)


@settings(max_examples=15)
@given(batches=st.lists(EVENTS, max_size=3))
def test_the_latest_event_per_sample_holds(
    shared_store: Store, batches: list[list[tuple[int, int | None]]]
) -> None:
    run = running(shared_store)
    expected: dict[int, int | None] = {}
    for batch in batches:
        add(shared_store, run, *(event(position, label) for position, label in batch))
        expected.update(batch)
    held = {found.position: found.label for found in shared_store.labels(run)}
    assert held == {position: label for position, label in expected.items() if label is not None}
    assert len(held) == len(shared_store.labels(run))
