"""Budgets: how much may be labelled, in samples, percent of a pool, money or hours.

Every unit has a price: what one label costs in it. Money has the cost per label, hours the
seconds per label / 3600, percent 100 / the size of the pool, samples 1. The rules are exact,
because floats are taken for the decimals they are written as (0.1 is one tenth):

- A budget buys floor(budget / price) labels: never more than it pays for. 0.3 at 0.1 buys 3.
- The budget for n labels is n * price, rounded up to two decimals; to more decimals where two
  would buy another number of labels. So it always buys n again.

Prices that differ from label to label belong here too, once a dataset has them.
"""

import math
import re
from fractions import Fraction

import numpy as np

from alcore.errors import UsageError

_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMALS = 2


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


def money_price(cost_per_label: float) -> Fraction:
    """What one label costs in money, exactly.

    Raises:
        UsageError: Not a number above 0.
    """
    return _above_zero("the cost per label", cost_per_label)


def hours_price(seconds_per_label: float) -> Fraction:
    """What one label costs in hours, exactly.

    Raises:
        UsageError: Not a number above 0.
    """
    return _above_zero("the seconds per label", seconds_per_label) / 3600


def percent_price(pool: int) -> Fraction:
    """What one label costs in percent of a pool of this size, at least 1 sample."""
    return Fraction(100, pool)


def labels_bought(budget: float, price: Fraction) -> int:
    """How many labels a budget buys: floor(budget / price).

    Raises:
        UsageError: The budget is negative or not a finite number.
    """
    if not math.isfinite(budget) or budget < 0:
        raise UsageError(f"the budget must be a number of at least 0, not {budget}")
    return math.floor(_exact(budget) / price)


def budget_for(n: int, price: Fraction) -> float:
    """The budget that buys exactly n labels, n < 2**50: n * price rounded up, as said above."""
    decimals = _DECIMALS
    while True:
        step = 10**decimals
        budget = float(Fraction(math.ceil(n * price * step), step))
        if _exact(budget) < n * price:  # a float of many digits may lie below what it stands for
            budget = math.nextafter(budget, math.inf)
        if labels_bought(budget, price) == n:
            return budget
        decimals += 1


def check_currency(code: str) -> str:
    """The ISO 4217 code of a currency, in capitals.

    Raises:
        UsageError: Not three letters.
    """
    if not _CURRENCY.fullmatch(clean := code.strip().upper()):
        raise UsageError(f"the currency must be a code of three letters such as EUR, not {code!r}")
    return clean


def _above_zero(name: str, value: float) -> Fraction:
    if not math.isfinite(value) or value <= 0:
        raise UsageError(f"{name} must be a number above 0, not {value}")
    return _exact(value)


def _exact(value: float) -> Fraction:
    return Fraction(str(float(value)))
