"""What earlier batches brought."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.rounds import Evaluation, RoundResult
from alcore_dashboard.services import budget_gains
from alcore_dashboard.services.units import Units


def rounds(labels: list[int], accuracies: list[float]) -> list[RoundResult]:
    return [
        RoundResult(
            number=number,
            n_labelled=n,
            test=Evaluation(n=400, accuracy=accuracy, macro_f1=0, recall=(), confusion=()),
            validation=None,
            batch=None,
            batch_classes=(),
            seconds={},
        )
        for number, (n, accuracy) in enumerate(zip(labels, accuracies, strict=True))
    ]


HISTORY = rounds([50, 100, 150, 200, 250], [0.5, 0.7, 0.75, 0.8, 0.79])


@pytest.mark.parametrize(
    ("n", "steps"),
    [
        (50, [(50, 100), (100, 150), (150, 200), (200, 250)]),
        (5, [(50, 100), (100, 150), (150, 200), (200, 250)]),
        (110, [(50, 150), (150, 250)]),
        (150, [(100, 250)]),
        (1000, [(50, 250)]),
    ],
)
def test_rounds_are_joined_to_steps_of_about_the_budget(
    n: int, steps: list[tuple[int, int]]
) -> None:
    table = budget_gains.gains(HISTORY, n, Units())
    assert table["step"].tolist() == [f"{one:,} → {other:,}" for one, other in steps]


@given(
    st.lists(st.integers(1, 40), min_size=0, max_size=12),
    st.integers(1, 300),
)
def test_steps_follow_each_other_and_end_at_the_newest_round(batches: list[int], n: int) -> None:
    labels = [10 + sum(batches[:i]) for i in range(len(batches) + 1)]
    table = budget_gains.gains(rounds(labels, [0.5] * len(labels)), n, Units())
    assert table.empty == (not batches)
    if batches:
        ends = [step.split(" → ") for step in table["step"]]
        assert all(one[1] == two[0] for one, two in pairwise(ends))
        assert int(ends[-1][1]) == labels[-1]
        assert (table["labels"] > 0).all()
        assert (table["points"] == 0).all()


def test_what_chance_explains_is_two_standard_errors_of_a_difference() -> None:
    last = budget_gains.gains(HISTORY, 50, Units()).iloc[-1]
    by_hand = 100 * 1.96 * ((0.8 * 0.2 + 0.79 * 0.21) / 400) ** 0.5
    assert last["chance"] == pytest.approx(by_hand)
    assert last["points"] == pytest.approx(-1)


def test_the_table_has_points_per_label_and_per_price() -> None:
    units = Units(cost_per_label=0.25, currency="EUR", seconds_per_label=36)
    table = budget_gains.gains(HISTORY, 50, units)
    first = table.iloc[0]
    assert first["step"] == "50 → 100"
    assert first["per_100"] == pytest.approx(40)
    assert first["points per 10 EUR"] == pytest.approx(20 / 1.25)
    assert first["points per hour"] == pytest.approx(40)
    shown = budget_gains.gains_text(table)
    assert shown["points per 10 EUR"].tolist()[0] == "+16.00"
    assert "points per hour" not in budget_gains.gains(HISTORY, 50, Units())


def test_prices_are_readable_in_every_currency() -> None:
    titles = {
        cost: next(iter(budget_gains.price_columns(Units(cost_per_label=cost, currency="JPY"))))
        for cost in (0.01, 30, 5000)
    }
    assert titles == {
        0.01: "points per JPY",
        30: "points per 1,000 JPY",
        5000: "points per 1,000,000 JPY",
    }


def test_the_newest_step_is_said_with_its_chance() -> None:
    units = Units(cost_per_label=0.25, currency="EUR")
    said = budget_gains.gains_takeaway(budget_gains.gains(HISTORY, 50, units), 50, 400, units)
    assert said == (
        "The last 50 labels of this run (12.50 EUR) brought -1.0 points of test accuracy, -2.0 "
        "per 100 labels; that is within chance (±5.6 with 400 test samples)."
    )
    early = budget_gains.gains(HISTORY[:2], 10, Units())
    said = budget_gains.gains_takeaway(early, 10, 400, Units())
    assert "(no step of this run is near your 10)" in said
    assert "beyond chance" in said
    assert "No batch of this run" in budget_gains.gains_takeaway(
        budget_gains.gains([], 10, units), 10, 400, units
    )
