"""Advice: the rules as they are stated."""

from dataclasses import replace
from typing import Any

import pytest

from alcore.advice import (
    Recommendation,
    Situation,
    Verdict,
    in_hindsight,
    recommend,
    stop_advice,
)
from alcore.rounds import Evaluation, RoundResult


def rounds(
    accuracies: list[float], *, stability: float | None = None, over: bool = False
) -> list[RoundResult]:
    test = Evaluation(n=500, accuracy=0, macro_f1=0, recall=(), confusion=())
    return [
        RoundResult(
            number=i,
            n_labelled=50 + 50 * i,
            test=replace(test, accuracy=accuracy),
            validation=None,
            batch=None if over and i == len(accuracies) - 1 else test,
            batch_classes=(),
            seconds={},
            stability=stability if i else None,
        )
        for i, accuracy in enumerate(accuracies)
    ]


RISING = [0.5, 0.6, 0.7, 0.8, 0.9]
FLAT = [0.5, 0.8, 0.9, 0.9, 0.9, 0.9]


@pytest.mark.parametrize(
    ("accuracies", "stability", "verdict"),
    [
        (RISING, None, Verdict.CONTINUE),
        (RISING, 0.999, Verdict.LOOK),
        (FLAT, 0.9, Verdict.LOOK),
        (FLAT, 0.999, Verdict.STOP),
        (FLAT[:3], 0.999, Verdict.CONTINUE),
    ],
)
def test_stop_needs_a_flat_curve_and_stable_predictions(
    accuracies: list[float], stability: float | None, verdict: Verdict
) -> None:
    advice = stop_advice(rounds(accuracies, stability=stability))
    assert advice.verdict is verdict
    assert all(reason.endswith(".") for reason in advice.reasons)


def test_a_falling_curve_is_no_plateau() -> None:
    advice = stop_advice(rounds([0.9, 0.9, 0.85, 0.8], stability=0.999))
    assert advice.verdict is Verdict.LOOK
    assert any("a fall beyond the 1.8 points" in reason for reason in advice.reasons)
    assert not any("within" in reason for reason in advice.reasons)


def test_a_spent_budget_ends_everything() -> None:
    advice = stop_advice(rounds(RISING, over=True))
    assert advice.verdict is Verdict.STOP and advice.reasons[0] == "The budget is spent."


def test_no_better_than_random_is_a_reason_to_look() -> None:
    ahead, behind = rounds([0.5, 0.7, 0.8, 0.9, 0.95]), rounds(RISING)
    assert stop_advice(ahead, behind).verdict is Verdict.CONTINUE
    found = stop_advice(behind, ahead)
    assert found.verdict is Verdict.LOOK
    assert found.reasons == (
        "It is no better than random labelling so far: ahead in 0 of 4 rounds.",
    )


def test_hindsight_holds_the_first_stop_against_the_end() -> None:
    long = rounds([*FLAT, 0.93], stability=0.999, over=True)
    found = in_hindsight([long, rounds(RISING, over=True)])
    assert (found.runs, found.stopped) == (2, 1)
    assert found.labels_kept == 50
    assert found.accuracy_lost == pytest.approx(0.03)
    nothing = in_hindsight([rounds(RISING, over=True)])
    assert (nothing.stopped, nothing.labels_kept) == (0, None)


def advised(**given: Any) -> Recommendation:
    both = frozenset({"probabilities", "embeddings"})
    return recommend(Situation(**{"provides": both, **given}))


def test_the_recommendation_goes_by_labels_per_class_and_what_is_there() -> None:
    assert advised(labels=20, n_classes=10).strategy == "typiclust"
    bare = advised(labels=20, n_classes=10, provides=frozenset({"probabilities"}))
    assert bare.strategy == "random"
    assert advised(labels=50, n_classes=10).strategy == "smallest_margin"
    assert not advised(labels=90, n_classes=10, smallest=5, largest=20).balance_classes
    assert advised(labels=90, n_classes=10, smallest=2, largest=20).balance_classes
    assert all(advised(labels=n).source for n in (0, 100))
