"""Rows of runs: the queue, progress and changes of state."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.store import datasets, schema
from alcore.store.records import NewRun, RunRecord, RunState, states_before

_TABLE = schema.runs
_WAITING = (RunState.CREATED, RunState.QUEUED, RunState.AWAITING_LABELS)


def add(
    connection: sa.Connection, experiment_id: int, new_runs: Sequence[NewRun], state: RunState
) -> None:
    """Insert the runs of a new experiment."""
    common = {
        "experiment_id": experiment_id,
        "state": state,
        "step": "",
        "fraction": 0.0,
        "stop_requested": False,
        "created_at": schema.now(),
    }
    rows = [common | _given(new) for new in new_runs]
    connection.execute(sa.insert(_TABLE), rows)


def _given(new: NewRun) -> dict[str, Any]:
    return {
        "strategy": new.strategy,
        "strategy_options": dict(new.strategy_options),
        "model": new.model,
        "model_options": dict(new.model_options),
        "seed": new.seed,
        "versions": dict(new.versions),
    }


def every(connection: sa.Connection, experiment_id: int | None) -> list[RunRecord]:
    """The runs of one experiment, or all, oldest first."""
    query = sa.select(_TABLE).order_by(_TABLE.c.id)
    if experiment_id is not None:
        query = query.where(_TABLE.c.experiment_id == experiment_id)
    return [_record(row) for row in connection.execute(query).mappings()]


def get(connection: sa.Connection, run_id: int, *, lock: bool = False) -> RunRecord:
    """One run; `lock` keeps others from changing it until the transaction ends."""
    query = sa.select(_TABLE).where(_TABLE.c.id == run_id)
    if lock:
        query = query.with_for_update()  # SQLite has no such clause: its writer is alone anyway
    row = connection.execute(query).mappings().first()
    if row is None:
        raise AlcoreError(f"run {run_id} does not exist in this store")
    return _record(row)


def _record(row: sa.RowMapping) -> RunRecord:
    return RunRecord(**{**row, "state": RunState(row["state"])})


def _move(
    connection: sa.Connection, which: sa.ColumnElement[bool], to: RunState, **values: Any
) -> int:
    """Move those runs that may move there, and say how many. Nothing else writes the state."""
    statement = (
        sa.update(_TABLE)
        .where(which, _TABLE.c.state.in_(states_before(to)))
        .values(state=to, **values)
    )
    return connection.execute(statement).rowcount


def _move_one(connection: sa.Connection, run_id: int, to: RunState, **values: Any) -> None:
    if _move(connection, _TABLE.c.id == run_id, to, **values) != 1:
        state = get(connection, run_id).state
        raise AlcoreError(f"run {run_id} is {state} and cannot become {to}")


def claim(connection: sa.Connection, experiment_id: int | None, process: str) -> RunRecord | None:
    """Take the oldest queued run that no other process is taking at this moment."""
    query = sa.select(_TABLE.c.id).where(_TABLE.c.state == RunState.QUEUED)
    if experiment_id is not None:
        query = query.where(_TABLE.c.experiment_id == experiment_id)
    oldest = query.order_by(_TABLE.c.id).limit(1).with_for_update(skip_locked=True)
    run_id = connection.scalar(oldest)
    if run_id is None:
        return None
    _move_one(connection, run_id, RunState.RUNNING, process=process, started_at=schema.now())
    return get(connection, run_id)


def progress(
    connection: sa.Connection,
    run_id: int,
    number: int,
    step: str,
    fraction: float,
    eta_seconds: float | None,
) -> bool:
    """Note how far a run is; True where it should stop."""
    for name, value in (("fraction", fraction), ("eta_seconds", eta_seconds)):
        if value is not None and not math.isfinite(value):
            raise AlcoreError(f"progress of run {run_id}: {name} must be finite, not {value}")
    active = _TABLE.c.state.in_((RunState.RUNNING, RunState.STOPPING))
    statement = (
        sa.update(_TABLE)
        .where(_TABLE.c.id == run_id, active)
        .values(round=number, step=step, fraction=fraction, eta_seconds=eta_seconds)
        .returning(_TABLE.c.stop_requested)
    )
    stop_requested = connection.scalar(statement)
    if stop_requested is None:
        state = get(connection, run_id).state
        raise AlcoreError(f"run {run_id} is {state}, so it makes no progress")
    return bool(stop_requested)


def change_state(connection: sa.Connection, run_id: int, state: RunState) -> None:
    """Queue a run, or let it wait for labels."""
    if state not in (RunState.QUEUED, RunState.AWAITING_LABELS):
        raise AlcoreError(f"run {run_id} becomes {state} by claiming, stopping or finishing it")
    _move_one(connection, run_id, state)


def finish(connection: sa.Connection, run_id: int, state: RunState, error: str | None) -> None:
    """End a run."""
    if not state.is_over:
        raise AlcoreError(f"run {run_id} cannot finish as {state}, which is no end")
    _move_one(connection, run_id, state, error=error, finished_at=schema.now())


def stop_waiting(connection: sa.Connection, experiment_id: int) -> None:
    """Stop the runs of an experiment on which nobody works."""
    which = sa.and_(_TABLE.c.experiment_id == experiment_id, _TABLE.c.state.in_(_WAITING))
    values = {"stop_requested": True, "finished_at": schema.now()}
    _move(connection, which, RunState.STOPPED, **values)


def ask_to_stop(connection: sa.Connection, experiment_id: int) -> None:
    """Ask the running runs of an experiment to stop; they see it at their next progress."""
    which = _TABLE.c.experiment_id == experiment_id
    _move(connection, which, RunState.STOPPING, stop_requested=True)


def attach_dataset(
    connection: sa.Connection, run_id: int, dataset_id: int, facts: Mapping[str, int]
) -> None:
    """Note which dataset a run uses, and what was found in it."""
    get(connection, run_id)
    datasets.get(connection, dataset_id)
    values = {"dataset_id": dataset_id, "facts": dict(facts)}
    connection.execute(sa.update(_TABLE).where(_TABLE.c.id == run_id).values(values))
