"""What labels cost in an experiment: settings, axes and sentences in labels, money and hours."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from alcore.budget import check_currency, hours_price, money_price
from alcore.errors import UsageError
from alcore.options import Scalar
from alcore.types import FloatArray
from alcore_dashboard.services.naming import duration

Kind = Literal["labels", "money", "hours"]


@dataclass(frozen=True, kw_only=True)
class Units:
    """The units in which an experiment's labels are counted.

    Raises UsageError for a cost or time that is no number above 0, and for a cost without a
    currency.

    Attributes:
        cost_per_label: Money per label; None where nobody said.
        currency: Its ISO 4217 code, such as "EUR"; "" where there is no cost.
        seconds_per_label: Time per label; None where nobody said.
    """

    cost_per_label: float | None = None
    currency: str = ""
    seconds_per_label: float | None = None

    def __post_init__(self) -> None:
        if self.cost_per_label is not None:
            money_price(self.cost_per_label)
            object.__setattr__(self, "currency", check_currency(self.currency))
        if self.seconds_per_label is not None:
            hours_price(self.seconds_per_label)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """What the settings of an experiment say; keys that are no units' are left alone."""
        return cls(
            cost_per_label=_number(settings, "cost_per_label"),
            currency=str(settings.get("currency") or ""),
            seconds_per_label=_number(settings, "seconds_per_label"),
        )

    def to_settings(self, settings: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The settings with these units in place of those they had."""
        ours = asdict(self)
        others = {key: value for key, value in settings.items() if key not in ours}
        return others | {key: value for key, value in ours.items() if value not in (None, "")}

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """In what labels can be counted here: "labels" always, then what has a price."""
        return ("labels", *(kind for kind in ("money", "hours") if self.price(kind) is not None))

    def price(self, kind: Kind) -> Fraction | None:
        """What one label costs, exactly; None where nobody said."""
        if kind == "money":
            return None if self.cost_per_label is None else money_price(self.cost_per_label)
        if kind == "hours":
            seconds = self.seconds_per_label
            return None if seconds is None else hours_price(seconds)
        return Fraction(1)

    def convert(self, labels: npt.ArrayLike, kind: Kind = "labels") -> FloatArray:
        """What so many labels cost, float64 of the same shape.

        Raises:
            UsageError: Nobody said what a label costs in this kind.
        """
        price = self.price(kind)
        if price is None:
            raise UsageError(f"nobody said what a label costs in {kind}; set it on the Budget page")
        # Numerator first: whole numbers divided once are as close as a float can be.
        counts = np.asarray(labels, dtype=np.float64)
        return np.asarray(counts * price.numerator / price.denominator)

    def axis_title(self, kind: Kind = "labels") -> str:
        """``"labels"``, ``"cost of labels (EUR)"`` or ``"hours of labelling"``."""
        if kind == "money":
            return f"cost of labels ({self.currency})"
        return "hours of labelling" if kind == "hours" else "labels"

    def said(self, labels: float) -> str:
        """What so many labels cost for people: ``"12.50 EUR, 25 min"``; "" without a price."""
        parts = []
        if "money" in self.kinds:
            parts.append(f"{money(float(self.convert(labels, 'money')))} {self.currency}")
        if "hours" in self.kinds:
            parts.append(duration(float(self.convert(labels, "hours")) * 3600))
        return ", ".join(parts)


def money(amount: float) -> str:
    """Two decimals, or none, or more below 0.1: ``"12.50"``, ``"1,250"``, ``"0.005"``."""
    if 0 < amount < 0.1:
        return f"{amount:.3g}"
    return f"{amount:,.2f}".removesuffix(".00")


def _number(settings: Mapping[str, Any], key: str) -> float | None:
    value = settings.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"the setting {key} must be a number, not {value!r}; set it again")
    return float(value)
