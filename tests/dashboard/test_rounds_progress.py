"""How far an experiment is: counted, timed, said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alcore.store import RunRecord, RunState
from alcore_dashboard.services import rounds_progress

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RUN = RunRecord(
    id=1, experiment_id=1, dataset_id=1, strategy="u/entropy", strategy_options={}, model="m/m",
    model_options={}, seed=0, versions={}, state=RunState.QUEUED, error=None, round=None, step="",
    fraction=0.0, eta_seconds=None, stop_requested=False, process=None, created_at=NOON,
    started_at=None, finished_at=None,
)  # fmt: skip
DONE = replace(
    RUN,
    state=RunState.DONE,
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=10),
    fraction=1.0,
)
RUNNING = replace(RUN, state=RunState.RUNNING, fraction=0.5, eta_seconds=4.0)


def test_progress_adds_up_the_runs() -> None:
    state = rounds_progress.progress([DONE, RUNNING, RUN])
    assert (state.over, state.total, state.is_over) == (1, 3, False)
    assert state.fraction == pytest.approx(0.5)
    assert state.eta_seconds == pytest.approx(4 + 10)
    assert state.active == (RUNNING,)


def test_runs_that_are_played_side_by_side_share_the_time() -> None:
    state = rounds_progress.progress([DONE, RUNNING, RUNNING, RUN])
    assert state.eta_seconds == pytest.approx(max(10, (4 + 4 + 10) / 2))


def test_without_a_finished_run_the_time_left_is_unknown() -> None:
    assert rounds_progress.progress([RUNNING, RUN]).eta_seconds is None
    assert rounds_progress.progress([replace(RUNNING, eta_seconds=None)]).eta_seconds is None


def test_a_run_that_does_not_know_its_time_takes_as_long_as_the_finished_ones() -> None:
    unknown = replace(RUNNING, eta_seconds=None)
    assert rounds_progress.progress([DONE, unknown, RUN]).eta_seconds == pytest.approx(5 + 10)


def test_failed_and_stopped_runs_are_over() -> None:
    failed = replace(RUN, state=RunState.FAILED, error="no")
    state = rounds_progress.progress([failed, replace(RUN, state=RunState.STOPPED)])
    assert state.is_over
    assert state.failed == (failed,)
    assert not state.all_done
    assert rounds_progress.progress([DONE, DONE]).all_done


def test_states_are_counted_in_words() -> None:
    counts = {RunState.DONE: 3, RunState.AWAITING_LABELS: 1}
    assert rounds_progress.state_counts(counts) == "3 done, 1 awaiting labels"
