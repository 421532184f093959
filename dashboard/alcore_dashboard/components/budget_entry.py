"""Entering a budget in samples, percent, money or hours, and what a label costs."""

from fractions import Fraction

import streamlit as st

from alcore.budget import budget_for, labels_bought, percent_price
from alcore.errors import UsageError
from alcore_dashboard.components.choose import choose_number
from alcore_dashboard.components.errors import show_error
from alcore_dashboard.services.units import Units

CUT = "n"
_NOTE = "budget_note"
_NUMBER = "%.10g"


def budget_entry(size: int, units: Units, usual: int) -> int:
    """One field per unit and a slider, all of them the same budget; gives it in samples.

    The number of samples stands in the address as `n`; the other units follow from it.
    """
    prices: dict[str, Fraction | None] = {
        "Samples": Fraction(1),
        "Percent of the pool": percent_price(size),
        f"Money ({units.currency})" if units.currency else "Money": units.price("money"),
        "Hours": units.price("hours"),
    }
    fields = st.container()
    n = choose_number("Labels to buy", CUT, 1, size, usual, slider=size > 1)
    with fields, st.grid(4, min_column_width=150):
        for number, (label, price) in enumerate(prices.items()):
            _field(label, price, key=f"budget_{number}", n=n, size=size)
    if note := st.session_state.pop(_NOTE, None):
        fields.caption(note)
    return n


def _field(label: str, price: Fraction | None, *, key: str, n: int, size: int) -> None:
    if price is None:
        st.number_input(
            label,
            value=None,
            key=f"{key}_unset",
            disabled=True,
            placeholder="no cost set",
            help="Say below what a label costs, then enter the budget here.",
        )
        return
    st.session_state[key] = n if price == 1 else budget_for(n, price)
    st.number_input(
        label,
        min_value=1 if price == 1 else 0.0,
        step=1 if price == 1 else budget_for(1, price),
        format=None if price == 1 else _NUMBER,
        key=key,
        on_change=_spend,
        args=(key, price, size),
    )


def _spend(key: str, price: Fraction, size: int) -> None:
    """Turn what was entered into whole labels, and say so where they cost less."""
    entered = st.session_state[key]
    if entered is None:
        return
    n = labels_bought(entered, price)
    st.session_state[CUT] = min(max(n, 1), size)
    if n < 1:
        st.session_state[_NOTE] = (
            f"{entered:g} buys no label: the smallest budget is {budget_for(1, price):g}."
        )
    elif n > size:
        st.session_state[_NOTE] = f"{entered:g} would buy {n:,} labels; the pool has {size:,}."
    elif budget_for(n, price) != entered:
        left = float(Fraction(str(entered)) - n * price)
        st.session_state[_NOTE] = f"{entered:g} buys {n:,} whole labels; {left:.4g} is left over."


def cost_settings(units: Units, *, key: str) -> Units | None:
    """A form for what a label costs, in an expander; what was saved, or None."""
    overtaken = st.session_state.get(f"{key}_drawn", units) != units
    st.session_state[f"{key}_drawn"] = units
    if overtaken:  # what was saved meanwhile, here or by somebody else, is what it begins with
        for field in ("cost", "currency", "seconds"):
            st.session_state.pop(f"{key}_{field}", None)
    with (
        st.expander("What a label costs", icon=":material/payments:"),
        st.form(key, border=False),
    ):
        st.caption("Remembered for this experiment; leave empty what you do not count.")
        with st.grid(3, min_column_width=200):
            cost = _number("Cost per label", units.cost_per_label, key=f"{key}_cost")
            currency = st.text_input(
                "Currency",
                units.currency,
                key=f"{key}_currency",
                max_chars=3,
                placeholder="EUR",
                help="Its code of three letters, such as EUR, USD or JPY.",
            )
            seconds = _number("Seconds per label", units.seconds_per_label, key=f"{key}_seconds")
        saved = st.form_submit_button("Save", icon=":material/save:")
    if not saved:
        return None
    if overtaken:
        st.warning("Other costs were saved meanwhile; they stand here now. Enter yours again.")
        return None
    try:
        return Units(
            cost_per_label=cost,
            currency=currency or "" if cost is not None else "",
            seconds_per_label=seconds,
        )
    except UsageError as error:
        show_error(error)
        return None


def _number(label: str, value: float | None, *, key: str) -> float | None:
    st.session_state.setdefault(key, value)  # as a default it could not be emptied again
    number: float | None = st.number_input(
        label, value=None, key=key, format=_NUMBER, placeholder="not counted"
    )
    return number
