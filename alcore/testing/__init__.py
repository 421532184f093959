"""Checks that plugin authors run on their own components; the built-ins pass the same ones.

    from alcore.testing import strategy_tests
    test_mine = strategy_tests(my_spec)

is a pytest function with one test per check. `check_strategy` runs them without pytest and raises
ConformanceError naming every check that failed. `alcore.testing.pytest_plugin` checks all that an
installed plugin offers.
"""

from alcore.testing.datasets import check_dataset, dataset_checks
from alcore.testing.models import check_model, model_checks
from alcore.testing.parametrized import dataset_tests, model_tests, strategy_tests
from alcore.testing.report import ConformanceError
from alcore.testing.strategies import check_strategy, strategy_checks

__all__ = [
    "ConformanceError",
    "check_dataset",
    "check_model",
    "check_strategy",
    "dataset_checks",
    "dataset_tests",
    "model_checks",
    "model_tests",
    "strategy_checks",
    "strategy_tests",
]
