"""Budgets in money, hours and percent become labels and back, exactly."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alcore.budget import (
    budget_for,
    check_currency,
    hours_price,
    labels_bought,
    money_price,
    percent_price,
)
from alcore.errors import UsageError

costs = st.floats(1e-6, 1e6)
prices = st.one_of(
    costs.map(money_price), costs.map(hours_price), st.integers(1, 10**7).map(percent_price)
)


@given(n=st.integers(0, 10**7), price=prices)
def test_the_budget_for_n_labels_buys_n_labels(n: int, price: Fraction) -> None:
    budget = budget_for(n, price)
    assert labels_bought(budget, price) == n
    assert Fraction(str(budget)) >= n * price


@given(n=st.integers(0, 2**50 - 1), price=prices)
def test_budgets_of_more_digits_than_a_float_has_still_buy_n_labels(
    n: int, price: Fraction
) -> None:
    assert labels_bought(budget_for(n, price), price) == n


@given(n=st.integers(1, 10**4), cents=st.integers(1, 10**5))
def test_the_budget_for_n_labels_is_no_cent_too_high(n: int, cents: int) -> None:
    assert budget_for(n, money_price(cents / 100)) == n * cents / 100


@given(budget=st.floats(0, 1e9), price=prices)
def test_a_budget_buys_what_it_pays_for_and_not_one_label_less(
    budget: float, price: Fraction
) -> None:
    n = labels_bought(budget, price)
    assert n * price <= Fraction(str(budget)) < (n + 1) * price


@given(budget=st.floats(0, 1e6), cost=costs, seconds=costs)
def test_money_in_hours_and_back_never_buys_more(
    budget: float, cost: float, seconds: float
) -> None:
    n = labels_bought(budget, money_price(cost))
    hours = budget_for(n, hours_price(seconds))
    assert labels_bought(hours, hours_price(seconds)) == n
    assert n * money_price(cost) <= Fraction(str(budget))


@given(pool=st.integers(1, 10**6), n=st.integers(1, 10**6))
def test_percent_reaches_every_number_of_samples(pool: int, n: int) -> None:
    assume(n <= pool)
    percent = budget_for(n, percent_price(pool))
    assert labels_bought(percent, percent_price(pool)) == n
    assert percent >= 100 * n / pool or math.isclose(percent, 100 * n / pool)


def test_floats_are_taken_for_the_decimals_they_are_written_as() -> None:
    assert math.floor(0.3 / 0.1) == 2
    assert labels_bought(0.3, money_price(0.1)) == 3
    assert labels_bought(1.0, hours_price(36)) == 100
    assert labels_bought(0.99, hours_price(36)) == 99
    assert labels_bought(33.33, percent_price(300)) == 99
    assert budget_for(1, percent_price(3)) == 33.34
    assert budget_for(1, percent_price(10**6)) == 0.0001


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_a_price_must_be_above_zero(value: float) -> None:
    with pytest.raises(UsageError, match="cost per label must be a number above 0, not"):
        money_price(value)
    with pytest.raises(UsageError, match="seconds per label must be a number above 0, not"):
        hours_price(value)


@pytest.mark.parametrize("value", [-0.01, math.nan, math.inf])
def test_a_budget_must_be_a_number(value: float) -> None:
    with pytest.raises(UsageError, match="budget must be a number of at least 0"):
        labels_bought(value, money_price(1))


def test_currencies_are_codes_of_three_letters() -> None:
    assert check_currency(" eur ") == "EUR"
    for wrong in ("", "€", "EURO", "E1R", "ÄÖÜ"):
        with pytest.raises(UsageError, match="three letters such as EUR"):
            check_currency(wrong)
