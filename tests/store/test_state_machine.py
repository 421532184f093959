"""Any order of claims, beats, rounds, stops, silence and deletion, against a small model."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from alcore.errors import AlcoreError, LeaseLost
from alcore.rounds import RoundResult
from alcore.store import LabelEvent, RunState, Store, labels, open_store
from alcore.store.records import MAX_RESUMES, NEXT, Order
from store.examples import add_runs, arrays, event, result

HELD = (RunState.RUNNING, RunState.STOPPING)
WAITING = (RunState.CREATED, RunState.QUEUED, RunState.AWAITING_LABELS, RunState.INTERRUPTED)
CLAIMABLE = (RunState.QUEUED, RunState.INTERRUPTED)
PAUSED = (RunState.AWAITING_LABELS, RunState.INTERRUPTED, RunState.STOPPED, RunState.FAILED)
LEASES = st.sampled_from([60.0, -1.0])
"""One is over at once: whoever is late is silent until the next beat."""
FEW = st.integers(0, 2)
LABELS = st.lists(st.tuples(st.integers(0, 3), st.none() | st.just(1)), max_size=5)
SAME = ("state", "token", "attempts", "stop_requested", "stop_now")

Claim = tuple[int, int]
"""Run and token, as some worker remembers them; it may be long out of date."""


@dataclass
class Run:
    """What the store should say of a run."""

    state: RunState = RunState.QUEUED
    token: int = 0
    attempts: int = 0
    stop_requested: bool = False
    stop_now: bool = False
    silent: bool = False
    rounds: list[RoundResult] = field(default_factory=list)
    events: list[LabelEvent] = field(default_factory=list)

    @property
    def order(self) -> Order:
        return (
            Order.STOP_NOW if self.stop_now else Order.STOP if self.stop_requested else Order.GO_ON
        )

    def give_up(self) -> None:
        if self.state is RunState.STOPPING:
            self.state = RunState.STOPPED
        elif self.attempts == MAX_RESUMES:
            self.state = RunState.FAILED
        else:
            self.state = RunState.INTERRUPTED

    def stop(self) -> None:
        if self.state in WAITING:
            self.state, self.stop_requested = RunState.STOPPED, True
        elif self.state is RunState.STOPPING:
            self.stop_now = True
        elif self.state is RunState.RUNNING:
            self.state, self.stop_requested = RunState.STOPPING, True


class Workers(RuleBasedStateMachine):
    """Workers and people, each with a connection of their own, at the runs of one experiment."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.stores = [open_store(url), open_store(url)]

    @initialize()
    def begin(self) -> None:
        self.experiment = add_runs(self.store, 2)
        self.runs = {run.id: Run() for run in self.store.runs(self.experiment)}
        self.ids = list(self.runs)
        self.seen = dict.fromkeys(self.runs, RunState.QUEUED)
        self.claims: list[Claim] = []
        self.claim(lease=60.0)

    def teardown(self) -> None:
        self.labels_are_all_there_and_none_twice()
        self.store.delete_experiment(self.experiment)
        for store in self.stores:
            store.close()

    @property
    def store(self) -> Store:
        """The other one each time: what one has read before must not mislead it."""
        self.stores.reverse()
        return self.stores[0]

    @contextmanager
    def held(self, back: int) -> Iterator[tuple[Run, int, int]]:
        """One of the newest claims; if it holds no more, what is done in here must be refused."""
        run_id, token = self.claims[-1 - back % len(self.claims)]
        run = self.runs.get(run_id)
        if run is None or run.token != token or run.state not in HELD:
            with pytest.raises(LeaseLost):
                yield Run(), run_id, token
        else:
            yield run, run_id, token

    @contextmanager
    def moving(self, run_id: int, *before: RunState) -> Iterator[Run]:
        """A run; unless it is in one of the states, what is done in here must be refused."""
        run = self.runs.get(run_id)
        if run is None or run.state not in before:
            with pytest.raises(AlcoreError):
                yield Run()
        else:
            yield run

    @rule(lease=LEASES)
    def claim(self, lease: float) -> None:
        waiting = [run_id for run_id, run in self.runs.items() if run.state in CLAIMABLE]
        found = self.store.claim_run(self.experiment, process="test", lease_seconds=lease)
        assert (found and [found.id]) == (waiting[:1] or None)
        if found is not None:
            run = self.runs[found.id]
            run.attempts += run.state is RunState.INTERRUPTED
            run.state, run.token, run.silent = RunState.RUNNING, run.token + 1, lease < 0
            assert (found.id, found.token) not in self.claims
            self.claims.append((found.id, found.token))

    @rule(back=FEW, lease=LEASES)
    def beat(self, back: int, lease: float) -> None:
        with self.held(back) as (run, run_id, token):
            order = self.store.beat(run_id, token, len(run.rounds), "train", 0.5, None, lease)
            run.silent = lease < 0
            assert order is run.order

    @rule(back=FEW, given=LABELS, crash=st.booleans())
    def commit_round(self, back: int, given: list[tuple[int, int | None]], crash: bool) -> None:
        """It may crash when the files have their names and the row of the round is written."""
        with self.held(back) as (run, run_id, token):
            number = len(run.rounds)
            new = [event(position, label, number) for position, label in given]
            told = result(number, n_labelled=len(new))
            # Whoever cannot know whether an event arrived sends it again.
            sent = [*run.events[-2:], *new]
            with patch.object(labels, "add", side_effect=MemoryError) if crash else nullcontext():
                try:
                    self.store.commit_round(run_id, told, arrays(6), sent, {}, token=token)
                except MemoryError:
                    return
            run.rounds.append(told)
            run.events += new
            with pytest.raises(AlcoreError, match="a round never changes"):
                self.store.commit_round(run_id, told, arrays(6), [event()], {}, token=token)

    @rule(back=FEW, end=st.sampled_from([state for state in RunState if state.is_over]))
    def finish(self, back: int, end: RunState) -> None:
        with self.held(back) as (run, run_id, token):
            self.store.finish(run_id, end, token=token)
            run.state = end

    @rule(back=FEW)
    def interrupt(self, back: int) -> None:
        with self.held(back) as (run, run_id, token):
            state = self.store.interrupt(run_id, token, "killed")
            run.give_up()
            assert state is run.state

    @rule()
    def expire_leases(self) -> None:
        self.store.expire_leases()
        for run in self.runs.values():
            if run.state in HELD and run.silent:
                run.give_up()

    @rule(number=st.integers(0, 1))
    def resume(self, number: int) -> None:
        run_id = self.ids[number]
        with self.moving(run_id, *PAUSED) as run:
            self.store.resume_run(run_id)
            run.state, run.attempts = RunState.QUEUED, 0
            run.stop_requested = run.stop_now = False

    @rule(
        number=st.integers(0, 1),
        wish=st.sampled_from(["stop", "stop all", "wait for labels", "delete"]),
    )
    def meddle(self, number: int, wish: str) -> None:
        run_id = self.ids[number]
        if wish == "stop":
            with self.moving(run_id, *RunState) as run:
                self.store.stop_run(run_id)
                run.stop()
        elif wish == "stop all":
            self.store.request_stop(self.experiment)
            for run in self.runs.values():
                run.stop()
        elif wish == "wait for labels":
            with self.moving(run_id, RunState.RUNNING) as run:
                self.store.change_state(run_id, RunState.AWAITING_LABELS)
                run.state = RunState.AWAITING_LABELS
        elif number > 0:  # one stays
            with self.moving(run_id, *set(RunState) - set(HELD)):
                self.store.delete_run(run_id)
                del self.runs[run_id]

    @invariant()
    def the_store_says_the_same(self) -> None:
        found = {run.id: run for run in self.store.runs(self.experiment)}
        assert list(found) == list(self.runs)
        for run_id, run in self.runs.items():
            assert {name: getattr(found[run_id], name) for name in SAME} == {
                name: getattr(run, name) for name in SAME
            }
            assert run.state is self.seen[run_id] or run.state in NEXT[self.seen[run_id]]
            assert run.attempts <= MAX_RESUMES
            self.seen[run_id] = run.state

    @invariant()
    def committed_rounds_stay(self) -> None:
        rounds = {run_id: run.rounds for run_id, run in self.runs.items()}
        assert self.store.rounds_of(self.experiment) == rounds

    def labels_are_all_there_and_none_twice(self) -> None:
        for run_id, run in self.runs.items():
            assert self.store.label_events(run_id) == run.events
            latest = {event.position: event for event in run.events}.values()
            held = sorted(event.event_id for event in latest if event.label is not None)
            assert sorted(event.event_id for event in self.store.labels(run_id)) == held


def test_any_order_of_events(shared_store: Store) -> None:
    run_state_machine_as_test(
        lambda: Workers(shared_store.url),
        settings=settings(max_examples=30, stateful_step_count=40),
    )
