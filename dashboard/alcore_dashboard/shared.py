"""What all sessions and routes of one server share: the open store and the plugin registry."""

import functools
import os

from alcore.plugins import Registry
from alcore.store import Store, open_store


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
