"""Rows of runs: what they are, lists of them, and changes of state that people ask for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from alcore.errors import AlcoreError, UsageError
from alcore.store import datasets, files, schema
from alcore.store.connect import Database
from alcore.store.records import HELD, NewRun, RunRecord, RunState, states_before

_TABLE = schema.runs
_WAITING = (
    RunState.CREATED,
    RunState.QUEUED,
    RunState.AWAITING_LABELS,
    RunState.INTERRUPTED,
)
# A list needs none of them, and they are most of a row.
_UNLISTED = {"traceback", "lease_until"}
_COLUMNS = [column for column in _TABLE.c if column.name not in _UNLISTED]
LONGEST_TITLE, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 200, 10_000, 50, 20


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
    query = sa.select(*_COLUMNS).order_by(_TABLE.c.id)
    if experiment_id is not None:
        query = query.where(_TABLE.c.experiment_id == experiment_id)
    return [_record(row) for row in connection.execute(query).mappings()]


def get(connection: sa.Connection, run_id: int, *, lock: bool = False) -> RunRecord:
    """One run; `lock` keeps others from changing it until the transaction ends."""
    query = sa.select(*_COLUMNS).where(_TABLE.c.id == run_id)
    if lock:
        query = query.with_for_update()  # SQLite has no such clause: its writer is alone anyway
    row = connection.execute(query).mappings().first()
    if row is None:
        raise AlcoreError(f"run {run_id} does not exist in this store")
    return _record(row)


def _record(row: sa.RowMapping) -> RunRecord:
    changed = {"state": RunState(row["state"]), "tags": tuple(row["tags"])}
    return RunRecord(**{**row, **changed})


def listed(
    connection: sa.Connection,
    states: Sequence[RunState],
    experiment_id: int | None,
    search: str,
    tag: str,
    limit: int,
    offset: int,
) -> tuple[list[RunRecord], int]:
    """Some runs of those that are asked for, newest first, and how many there are."""
    which = _wanted(states, experiment_id, search, tag)
    n = connection.execute(
        sa.select(sa.func.count()).select_from(_TABLE).where(*which)
    ).scalar_one()
    query = sa.select(*_COLUMNS).where(*which).order_by(_TABLE.c.id.desc())
    rows = connection.execute(query.limit(limit).offset(offset)).mappings()
    return [_record(row) for row in rows], n


def _wanted(
    states: Sequence[RunState], experiment_id: int | None, search: str, tag: str
) -> list[sa.ColumnElement[bool]]:
    which: list[sa.ColumnElement[bool]] = []
    if states:
        which.append(_TABLE.c.state.in_(states))
    if experiment_id is not None:
        which.append(_TABLE.c.experiment_id == experiment_id)
    for word in search.split():
        texts = (_TABLE.c.strategy, _TABLE.c.model, _TABLE.c.title, _TABLE.c.note)
        which.append(sa.or_(*(text.icontains(word, autoescape=True) for text in texts)))
    if tag:
        # As JSON text: a tag holds no quotes, so the quotes around it bound it.
        written = json.dumps(tag)
        which.append(sa.cast(_TABLE.c.tags, sa.Text).contains(written, autoescape=True))
    return which


def traceback(connection: sa.Connection, run_id: int) -> str | None:
    """Where a failed run failed."""
    get(connection, run_id)
    text: str | None = connection.scalar(sa.select(_TABLE.c.traceback).where(_TABLE.c.id == run_id))
    return text


def move(
    connection: sa.Connection, which: sa.ColumnElement[bool], to: RunState, **values: Any
) -> int:
    """Move those runs that may move there, and say how many. Nothing else writes the state."""
    statement = (
        sa.update(_TABLE)
        .where(which, _TABLE.c.state.in_(states_before(to)))
        .values(state=to, **values)
    )
    return connection.execute(statement).rowcount


def move_one(connection: sa.Connection, run_id: int, to: RunState, **values: Any) -> None:
    """Move one run; AlcoreError where it may not move there."""
    if move(connection, _TABLE.c.id == run_id, to, **values) != 1:
        state = get(connection, run_id).state
        raise AlcoreError(f"run {run_id} is {state} and cannot become {to}")


def change_state(connection: sa.Connection, run_id: int, state: RunState) -> None:
    """Queue a run, or let it wait for labels."""
    if state not in (RunState.QUEUED, RunState.AWAITING_LABELS):
        raise AlcoreError(f"run {run_id} becomes {state} by claiming, stopping or finishing it")
    move_one(connection, run_id, state)


def stop(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Stop the runs on which nobody works, ask the others; who is asked again stops at once.

    Waiting ones first: in this order none slips through in between.
    """
    waiting = which & _TABLE.c.state.in_(_WAITING)
    values = {"stop_requested": True, "finished_at": schema.now()}
    move(connection, waiting, RunState.STOPPED, **values)
    again = which & (_TABLE.c.state == RunState.STOPPING)
    connection.execute(sa.update(_TABLE).where(again).values(stop_now=True))
    move(connection, which, RunState.STOPPING, stop_requested=True)


def stop_one(connection: sa.Connection, run_id: int) -> None:
    """Stop one run."""
    get(connection, run_id)
    stop(connection, _TABLE.c.id == run_id)


def resume(connection: sa.Connection, run_id: int) -> None:
    """Queue a run again that was stopped, interrupted or failed; it goes on where it was."""
    again = {"attempts": 0, "stop_requested": False, "stop_now": False, "finished_at": None}
    move_one(connection, run_id, RunState.QUEUED, error=None, traceback=None, **again)


def describe(
    connection: sa.Connection,
    table: sa.Table,
    row_id: int,
    title: str | None,
    note: str | None,
    tags: Sequence[str] | None,
) -> None:
    """Change what people say of a run or an experiment; None leaves as it is."""
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = _text("title", title, LONGEST_TITLE)
    if note is not None:
        values["note"] = _text("note", note, LONGEST_NOTE)
    if tags is not None:
        values["tags"] = _tags(tags)
    if values:
        connection.execute(sa.update(table).where(table.c.id == row_id).values(values))


def _text(name: str, given: str, longest: int) -> str:
    text = given.strip()
    if len(text) > longest:
        raise UsageError(f"the {name} has {len(text)} characters; write at most {longest}")
    return text


def _tags(given: Sequence[str]) -> list[str]:
    tags = list(dict.fromkeys(tag.strip().lower() for tag in given if tag.strip()))
    if len(tags) > MOST_TAGS:
        raise UsageError(f"{len(tags)} tags are too many; give at most {MOST_TAGS}")
    for tag in tags:
        if len(tag) > LONGEST_TAG or not all(c.isalnum() or c in "-_." for c in tag):
            raise UsageError(
                f"the tag {tag[:LONGEST_TAG]!r} must be one word of letters, digits, - _ and ., "
                f"at most {LONGEST_TAG} characters"
            )
    return tags


def delete(database: Database, run_id: int) -> None:
    """Delete the rows, then the files: what is interrupted in between is left to prune."""
    with database.write() as connection:
        if get(connection, run_id, lock=True).state in HELD:
            raise UsageError(f"run {run_id} is at work; stop it, then delete it")
        connection.execute(sa.delete(_TABLE).where(_TABLE.c.id == run_id))
        orphans = datasets.delete_orphans(connection)
    files.remove(database.files, [run_id], orphans)


def attach_dataset(
    connection: sa.Connection, run_id: int, dataset_id: int, facts: Mapping[str, int]
) -> None:
    """Note which dataset a run uses, and what was found in it."""
    datasets.get(connection, dataset_id)
    values = {"dataset_id": dataset_id, "facts": dict(facts)}
    connection.execute(sa.update(_TABLE).where(_TABLE.c.id == run_id).values(values))
