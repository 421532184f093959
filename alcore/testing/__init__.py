"""Checks that plugin authors run on their own components; the built-ins pass the same ones.

    from alcore.testing import check_strategy
    check_strategy(my_spec)

Each raises ConformanceError naming every check that failed. With pytest, parametrize over
`strategy_checks`, `model_checks` or `dataset_checks` to see them one by one.
"""

from alcore.testing.datasets import check_dataset, dataset_checks
from alcore.testing.models import check_model, model_checks
from alcore.testing.report import ConformanceError
from alcore.testing.strategies import check_strategy, strategy_checks

__all__ = [
    "ConformanceError",
    "check_dataset",
    "check_model",
    "check_strategy",
    "dataset_checks",
    "model_checks",
    "strategy_checks",
]
