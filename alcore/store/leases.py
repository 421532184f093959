"""Who has a run: leases by the database's clock, and a token that only the last holder knows.

A worker takes a run for a minute and renews that as long as the run moves. When it falls silent
the run is taken from it; the next holder gets the next token, and whatever the first one writes
afterwards is refused (Kleppmann, "How to do distributed locking", 2016: fencing tokens).
"""

import math
from typing import Any

import sqlalchemy as sa

from alcore.errors import AlcoreError, LeaseLost
from alcore.store import runs, schema
from alcore.store.records import HELD, MAX_RESUMES, Order, RunRecord, RunState

_TABLE = schema.runs


def claim(
    connection: sa.Connection, experiment_id: int | None, process: str, lease_seconds: float
) -> RunRecord | None:
    """Take the oldest run that waits, or was interrupted, and that nobody else is taking."""
    columns = (_TABLE.c.id, _TABLE.c.state, _TABLE.c.started_at)
    query = sa.select(*columns).where(_waiting(experiment_id))
    oldest = query.order_by(_TABLE.c.id).limit(1).with_for_update(skip_locked=True)
    if (row := connection.execute(oldest).first()) is None:
        return None
    run_id, state, started = row
    values = {
        "process": process,
        "token": _TABLE.c.token + 1,
        "lease_until": _clock(connection) + lease_seconds,
        "attempts": _TABLE.c.attempts + int(state == RunState.INTERRUPTED),
        "started_at": started or schema.now(),
        "error": None,
        "traceback": None,
    }
    runs.move_one(connection, run_id, RunState.RUNNING, **values)
    return runs.get(connection, run_id)


def has_waiting(connection: sa.Connection, experiment_id: int | None) -> bool:
    """Whether `claim` would find a run."""
    return bool(connection.scalar(sa.select(sa.exists().where(_waiting(experiment_id)))))


def _waiting(experiment_id: int | None) -> sa.ColumnElement[bool]:
    interrupted = (_TABLE.c.state == RunState.INTERRUPTED) & (_TABLE.c.attempts < MAX_RESUMES)
    waiting = (_TABLE.c.state == RunState.QUEUED) | interrupted
    if experiment_id is None:
        return waiting
    return waiting & (_TABLE.c.experiment_id == experiment_id)


def _clock(connection: sa.Connection) -> sa.ColumnElement[float]:
    """Seconds since 1970 by the one clock that all workers share."""
    if connection.dialect.name == "sqlite":
        return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Double)
    return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)


def beat(
    connection: sa.Connection,
    run_id: int,
    token: int,
    number: int,
    step: str,
    fraction: float,
    eta_seconds: float | None,
    lease_seconds: float,
) -> Order:
    """Renew the lease, note how far the run is, and learn what to do."""
    for name, value in (("fraction", fraction), ("eta_seconds", eta_seconds)):
        if value is not None and not math.isfinite(value):
            raise AlcoreError(f"progress of run {run_id}: {name} must be finite, not {value}")
    until = _clock(connection) + lease_seconds
    told = {"round": number, "step": step, "fraction": fraction, "eta_seconds": eta_seconds}
    statement = (
        sa.update(_TABLE)
        .where(_held(run_id, token))
        .values(lease_until=until, **told)
        .returning(_TABLE.c.stop_requested, _TABLE.c.stop_now)
    )
    row = connection.execute(statement).first()
    if row is None:
        raise _lost(connection, run_id)
    return Order.STOP_NOW if row[1] else Order.STOP if row[0] else Order.GO_ON


def check(connection: sa.Connection, run_id: int, token: int) -> RunRecord:
    """The run, locked until the end of the transaction; LeaseLost where it is not the caller's."""
    run = _present(connection, run_id)
    if run.token != token or run.state not in HELD:
        raise _lost(connection, run_id)
    return run


def finish(
    connection: sa.Connection,
    run_id: int,
    token: int,
    state: RunState,
    error: str | None,
    traceback: str | None,
) -> None:
    """End a run."""
    if not state.is_over:
        raise AlcoreError(f"run {run_id} cannot finish as {state}, which is no end")
    check(connection, run_id, token)
    values: dict[str, Any] = {"error": error, "traceback": traceback}
    if state is RunState.DONE:
        values["fraction"] = 1.0
    ended = {"finished_at": schema.now(), "eta_seconds": None}
    runs.move_one(connection, run_id, state, **values, **ended)


def interrupt(connection: sa.Connection, run_id: int, token: int, why: str) -> RunState:
    """Give a run up that its holder cannot go on with; gives the state it is in then."""
    check(connection, run_id, token)
    _give_up(connection, _TABLE.c.id == run_id, why)
    return runs.get(connection, run_id).state


def has_late(connection: sa.Connection) -> bool:
    """Whether `expire` would find a run."""
    return bool(connection.scalar(sa.select(sa.exists().where(_late(connection)))))


def expire(connection: sa.Connection) -> None:
    """Take the runs away from workers that fell silent."""
    why = "its worker fell silent: killed, or the machine slept"
    _give_up(connection, _late(connection), why)


def _late(connection: sa.Connection) -> sa.ColumnElement[bool]:
    return _TABLE.c.state.in_(HELD) & (_TABLE.c.lease_until < _clock(connection))


def _give_up(connection: sa.Connection, which: sa.ColumnElement[bool], why: str) -> None:
    """Stopping is finished; the rest waits for a worker, or has failed too often."""
    ended: dict[str, Any] = {"finished_at": schema.now(), "eta_seconds": None}
    stopping = which & (_TABLE.c.state == RunState.STOPPING)
    runs.move(connection, stopping, RunState.STOPPED, **ended)
    often = f"{why}; that happened {MAX_RESUMES + 1} times, so it is not taken up again by itself"
    given_up = which & (_TABLE.c.state == RunState.RUNNING) & (_TABLE.c.attempts >= MAX_RESUMES)
    runs.move(connection, given_up, RunState.FAILED, error=often, **ended)
    runs.move(connection, which, RunState.INTERRUPTED, error=why, eta_seconds=None)


def _held(run_id: int, token: int) -> sa.ColumnElement[bool]:
    return (_TABLE.c.id == run_id) & (_TABLE.c.token == token) & _TABLE.c.state.in_(HELD)


def _present(connection: sa.Connection, run_id: int) -> RunRecord:
    """The run, locked; it may have been deleted with its experiment."""
    try:
        return runs.get(connection, run_id, lock=True)
    except AlcoreError as error:
        raise LeaseLost(str(error)) from error


def _lost(connection: sa.Connection, run_id: int) -> LeaseLost:
    run = _present(connection, run_id)
    if run.state in HELD:
        return LeaseLost(f"run {run_id} has been taken over by {run.process}")
    return LeaseLost(f"run {run_id} is {run.state}, so no worker may change it")
