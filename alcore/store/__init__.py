"""The store: experiments, runs, rounds and labels in one database, arrays in files beside it."""

from alcore.store.records import (
    DatasetRecord,
    ExperimentRecord,
    LabelEvent,
    NewRun,
    RunRecord,
    RunState,
    StoreSize,
)
from alcore.store.store import Store, open_store

__all__ = [
    "DatasetRecord",
    "ExperimentRecord",
    "LabelEvent",
    "NewRun",
    "RunRecord",
    "RunState",
    "Store",
    "StoreSize",
    "open_store",
]
