"""The store: experiments, runs, rounds and labels in one database, arrays in files beside it."""

from alcore.store.records import (
    LEASE_SECONDS,
    MAX_RESUMES,
    DatasetRecord,
    ExperimentRecord,
    LabelEvent,
    NewRun,
    Order,
    RunRecord,
    RunState,
    StoreSize,
)
from alcore.store.store import Store, open_store

__all__ = [
    "LEASE_SECONDS",
    "MAX_RESUMES",
    "DatasetRecord",
    "ExperimentRecord",
    "LabelEvent",
    "NewRun",
    "Order",
    "RunRecord",
    "RunState",
    "Store",
    "StoreSize",
    "open_store",
]
