"""Inserts that leave what is there as it is."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import sqlalchemy as sa


def insert_or_ignore(connection: sa.Connection, table: sa.Table, key: Sequence[str]) -> Any:
    """An INSERT that ignores rows whose key is known, in the database's own dialect."""
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    return dialect.insert(table).on_conflict_do_nothing(index_elements=key)
