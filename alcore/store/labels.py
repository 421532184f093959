"""Rows of label events."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from alcore.store import schema
from alcore.store.insert import insert_or_ignore
from alcore.store.records import LabelEvent

_FIELDS = tuple(field.name for field in dataclasses.fields(LabelEvent))


def add(connection: sa.Connection, run_id: int, new: Iterable[LabelEvent]) -> None:
    """Append events; one whose event id is known is a retry and ignored."""
    rows = [_row(run_id, event) for event in new]
    if rows:
        connection.execute(insert_or_ignore(connection, schema.label_events, ["event_id"]), rows)


def _row(run_id: int, event: LabelEvent) -> dict[str, Any]:
    """Plain integers, because SQLite stores those of NumPy as bytes without a word."""
    return {
        "run_id": run_id,
        "event_id": event.event_id,
        "position": int(event.position),
        "sample_id": str(event.sample_id),
        "label": None if event.label is None else int(event.label),
        "source": event.source,
        "round": int(event.round),
        "created_at": schema.now(),
    }


def events(connection: sa.Connection, run_id: int) -> list[LabelEvent]:
    """Every event of a run in the order of arrival."""
    return _read(connection, schema.label_events, run_id)


def current(connection: sa.Connection, run_id: int) -> list[LabelEvent]:
    """The events that hold now."""
    return _read(connection, schema.current_labels, run_id)


def _read(connection: sa.Connection, source: sa.TableClause, run_id: int) -> list[LabelEvent]:
    columns = [source.c[name] for name in _FIELDS]
    query = sa.select(*columns).where(source.c.run_id == run_id).order_by(source.c.id)
    rows = connection.execute(query)  # mappings would take half as long again
    return [LabelEvent(**dict(zip(_FIELDS, row, strict=True))) for row in rows]
