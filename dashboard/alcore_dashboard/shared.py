"""What all sessions and routes of one server share: the open store and the plugin registry."""

import functools
import os
from collections.abc import Callable
from typing import Any

from alcore.plugins import Registry
from alcore.store import RunRecord, Store, open_store

BY_ID: dict[str | type[Any], Callable[[Any], Any]] = {
    Store: lambda store: store.url,
    RunRecord: lambda run: run.id,
}
"""How Streamlit's caches know a store and a run again."""


def shared_store() -> Store:
    """The store that ALCORE_STORE names (the user's own by default), opened once."""
    return _open(os.environ.get("ALCORE_STORE"))


@functools.lru_cache(maxsize=4)
def _open(url: str | None) -> Store:
    return open_store(url)


@functools.cache
def shared_registry() -> Registry:
    """The installed plugins, found once; a new one is seen after a restart."""
    return Registry.load()
