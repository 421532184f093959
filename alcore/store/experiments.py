"""Rows of experiments."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from alcore.errors import AlcoreError, UsageError
from alcore.options import Scalar
from alcore.store import datasets, files, runs, schema
from alcore.store.connect import Database
from alcore.store.records import ExperimentRecord, NewRun, RunState

LONGEST_TITLE = 200


def add(
    connection: sa.Connection, title: str, config: str, new_runs: Sequence[NewRun], state: RunState
) -> int:
    """Insert an experiment and its runs."""
    if not new_runs:
        raise UsageError(f"the experiment {title!r} has no runs; give at least one")
    if state not in (RunState.CREATED, RunState.QUEUED):
        raise AlcoreError(f"a new run is created or queued, not {state}")
    row = {"title": title, "config": config, "created_at": schema.now()}
    insert = sa.insert(schema.experiments).values(row).returning(schema.experiments.c.id)
    experiment_id: int = connection.execute(insert).scalar_one()
    runs.add(connection, experiment_id, new_runs, state)
    return experiment_id


def every(connection: sa.Connection) -> list[ExperimentRecord]:
    """All experiments, newest first."""
    rows = connection.execute(
        sa.select(schema.experiments).order_by(schema.experiments.c.id.desc())
    )
    states = _states(connection, sa.true())
    return [_record(row, states.get(row["id"], {})) for row in rows.mappings()]


def get(connection: sa.Connection, experiment_id: int) -> ExperimentRecord:
    """One experiment."""
    table = schema.experiments
    row = connection.execute(sa.select(table).where(table.c.id == experiment_id)).mappings().first()
    if row is None:
        raise AlcoreError(f"experiment {experiment_id} does not exist in this store")
    states = _states(connection, schema.runs.c.experiment_id == experiment_id)
    return _record(row, states.get(experiment_id, {}))


def _record(row: sa.RowMapping, states: Mapping[RunState, int]) -> ExperimentRecord:
    return ExperimentRecord(**{**row, "tags": tuple(row["tags"])}, states=states)


def _states(
    connection: sa.Connection, which: sa.ColumnElement[bool]
) -> dict[int, dict[RunState, int]]:
    experiment, state = schema.runs.c.experiment_id, schema.runs.c.state
    counts: dict[int, dict[RunState, int]] = {}
    query = sa.select(experiment, state, sa.func.count()).where(which).group_by(experiment, state)
    for experiment_id, name, n in connection.execute(query):
        counts.setdefault(experiment_id, {})[RunState(name)] = n
    return counts


def rename(connection: sa.Connection, experiment_id: int, title: str) -> None:
    """Give an experiment another title; its configuration stays as it was run."""
    text = title.strip()
    if not 1 <= len(text) <= LONGEST_TITLE:
        raise UsageError(f"the title has {len(text)} characters; write 1 to {LONGEST_TITLE}")
    _change(connection, experiment_id, title=text)


def set_settings(
    connection: sa.Connection, experiment_id: int, settings: Mapping[str, Scalar]
) -> None:
    """Replace the settings of an experiment."""
    for name, value in settings.items():
        if not isinstance(value, Scalar):
            raise UsageError(f"the setting {name} is {value!r}, expected a number or text")
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"the setting {name} is {value}, expected a finite number")
    _change(connection, experiment_id, settings=dict(settings))


def _change(connection: sa.Connection, experiment_id: int, **values: Any) -> None:
    get(connection, experiment_id)
    table = schema.experiments
    connection.execute(sa.update(table).where(table.c.id == experiment_id).values(**values))


def describe(
    connection: sa.Connection, experiment_id: int, note: str | None, tags: Sequence[str] | None
) -> None:
    """Change what people say of an experiment."""
    get(connection, experiment_id)
    runs.describe(connection, schema.experiments, experiment_id, None, note, tags)


def request_stop(connection: sa.Connection, experiment_id: int) -> None:
    """Stop its runs."""
    get(connection, experiment_id)
    runs.stop(connection, schema.runs.c.experiment_id == experiment_id)


def delete(database: Database, experiment_id: int) -> None:
    """Delete the rows, then the files: what is interrupted in between is left to prune."""
    with database.write() as connection:
        get(connection, experiment_id)
        run_ids = [run.id for run in runs.every(connection, experiment_id)]
        table = schema.experiments
        connection.execute(sa.delete(table).where(table.c.id == experiment_id))
        orphans = datasets.delete_orphans(connection)
    files.remove(database.files, run_ids, orphans)
