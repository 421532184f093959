"""alcore: which samples to label next, why, at what cost, and what each round bought."""

from alcore.components import DatasetSpec, Lazy, ModelSpec, StrategySpec
from alcore.datasets import Dataset, Labelled, Samples
from alcore.errors import AlcoreError, UsageError
from alcore.hookspecs import hookimpl
from alcore.models import Model, Progress
from alcore.options import NoOptions, option
from alcore.scoring import top_k_values
from alcore.selection import Picks, select
from alcore.strategies import Criterion, Query, Request, Selection, Strategy, criterion

__version__ = "0.1.0"

__all__ = [
    "AlcoreError",
    "Criterion",
    "Dataset",
    "DatasetSpec",
    "Labelled",
    "Lazy",
    "Model",
    "ModelSpec",
    "NoOptions",
    "Picks",
    "Progress",
    "Query",
    "Request",
    "Samples",
    "Selection",
    "Strategy",
    "StrategySpec",
    "UsageError",
    "criterion",
    "hookimpl",
    "option",
    "select",
    "top_k_values",
]
