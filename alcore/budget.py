"""Budgets: how much may be labelled."""

import numpy as np

from alcore.errors import UsageError


def check_budget(n: int, pool: int) -> None:
    """Hold a budget in samples against the pool it is spent on.

    Raises:
        UsageError: Not a whole number from 1 to `pool`.
    """
    if pool < 1:
        raise UsageError("the pool is empty: there is nothing to choose from")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= pool:
        raise UsageError(
            f"the budget must be a whole number of samples from 1 to {pool}, "
            f"the size of the pool, not {n!r}"
        )
