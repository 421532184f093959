"""Which strategy to begin with, and whether to go on labelling: stated rules, reasons in words.

Rules give advice and decide nothing; `in_hindsight` says how good the advice would have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from alcore.rounds import RoundResult
from alcore.strategies import Need

FEW_PER_CLASS = 5
"""Labels per class below which a model knows too little to be asked what it does not know."""
UNEVEN = 5
"""A class with so many times as many labels as another makes the labels a long tail."""
WINDOW = 3
"""Rounds that plateau and stability look back."""
STABLE = 0.99
"""Mean kappa of the predictions from which they are stable."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a recommendation goes by.

    Attributes:
        labels: Labels so far, of all classes.
        n_classes: Number of classes; None while unknown.
        smallest, largest: Labels of the rarest and of the most frequent class; None unknown.
        provides: What model and dataset can give a strategy.
    """

    labels: int
    n_classes: int | None = None
    smallest: int | None = None
    largest: int | None = None
    provides: frozenset[Need] = frozenset({"probabilities"})


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """A strategy by its short name, whether to balance classes, why, and who says so."""

    strategy: str
    balance_classes: bool
    reason: str
    source: str


def recommend(situation: Situation) -> Recommendation:
    """The strategy to begin with; the first rule that applies."""
    if situation.labels < FEW_PER_CLASS * (situation.n_classes or 2):
        return _for_few(situation)
    smallest, largest = situation.smallest, situation.largest
    uneven = smallest is not None and largest is not None and largest > UNEVEN * max(smallest, 1)
    if uneven:
        return Recommendation(
            strategy="smallest_margin",
            balance_classes=True,
            reason=f"some classes have more than {UNEVEN} times as many labels as others; chosen "
            "within each predicted class, the rare ones catch up",
            source="LabelBench (Zhang et al. 2024): on long tails uncertainty loses to random",
        )
    return Recommendation(
        strategy="smallest_margin",
        balance_classes=False,
        reason=f"with {FEW_PER_CLASS} labels per class or more, the margin between the two best "
        "classes is the safest measure: it stays useful with many classes and costs nothing",
        source="LabelBench (Zhang et al. 2024): never more than 0.1 point below random",
    )


def _for_few(situation: Situation) -> Recommendation:
    if "embeddings" in situation.provides:
        return Recommendation(
            strategy="typiclust",
            balance_classes=False,
            reason=f"with fewer than {FEW_PER_CLASS} labels per class a model does not know yet "
            "what it does not know; typical samples of different clusters teach more",
            source="Hacohen, Dekel & Weinshall 2022, Active Learning on a Budget",
        )
    return Recommendation(
        strategy="random",
        balance_classes=False,
        reason=f"with fewer than {FEW_PER_CLASS} labels per class and no embeddings there is "
        "nothing better to go by",
        source="Hacohen, Dekel & Weinshall 2022, figure 1",
    )


class Verdict(StrEnum):
    """What stop advice says."""

    CONTINUE = "continue"
    LOOK = "look"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A verdict and its reasons, one sentence each."""

    verdict: Verdict
    reasons: tuple[str, ...]


def stop_advice(
    rounds: Sequence[RoundResult],
    random: Sequence[RoundResult] = (),
) -> Advice:
    """Whether to go on after the last of these rounds.

    Stop where the budget is spent, or where the curve is flat and the predictions are stable.
    Look where one of the two holds, where the curve falls, or where random labelling does as
    well.

    Args:
        rounds: Of one run, in order, at least one.
        random: Rounds of random labelling with the same seed.
    """
    signs = [plateau(rounds), stability(rounds)]
    doubts = tuple(filter(None, (*signs, falling(rounds), no_better(rounds, random))))
    early = f"It is too early to tell: the rules look back {WINDOW} rounds."
    going = "The curve still rises and the predictions still change."
    reasons = doubts or (early if len(rounds) <= WINDOW else going,)
    if rounds[-1].batch is None:  # only the round after the last label buys none
        return Advice(verdict=Verdict.STOP, reasons=("The budget is spent.", *reasons))
    if all(signs):
        return Advice(verdict=Verdict.STOP, reasons=reasons)
    return Advice(verdict=Verdict.LOOK if doubts else Verdict.CONTINUE, reasons=reasons)


def plateau(rounds: Sequence[RoundResult]) -> str:
    """A sentence where the last rounds changed less than chance explains; "" elsewhere."""
    gain, error, text = _lately(rounds)
    return f"{text}, within the {_uncertain(rounds, error)}." if abs(gain) <= error else ""


def falling(rounds: Sequence[RoundResult]) -> str:
    """A sentence where the last rounds lost more than chance explains; "" elsewhere."""
    gain, error, text = _lately(rounds)
    return f"{text}, a fall beyond the {_uncertain(rounds, error)}." if gain < -error else ""


def _lately(rounds: Sequence[RoundResult]) -> tuple[float, float, str]:
    """The change of the accuracy, its standard error, and words; infinite while too early."""
    if len(rounds) <= WINDOW:
        return np.inf, 0.0, ""
    now, before = rounds[-1].test, rounds[-1 - WINDOW].test
    # The same samples are tested: the standard error of one accuracy is the wider yardstick.
    error = float(np.sqrt(now.accuracy * (1 - now.accuracy) / now.n))
    gain = now.accuracy - before.accuracy
    labels = rounds[-1].n_labelled - rounds[-1 - WINDOW].n_labelled
    return gain, error, f"The last {labels} labels changed the accuracy by {100 * gain:+.1f} points"


def _uncertain(rounds: Sequence[RoundResult], error: float) -> str:
    return f"{100 * error:.1f} points that {rounds[-1].test.n} test samples are uncertain by"


def stability(rounds: Sequence[RoundResult]) -> str:
    """A sentence where the predictions on the pool hardly change any more; "" elsewhere.

    M. Bloodgood & K. Vijay-Shanker, A Method for Stopping Active Learning Based on Stabilizing
    Predictions, CoNLL 2009: mean kappa of three successive rounds, at least 0.99.
    """
    known = [one.stability for one in rounds[-WINDOW:] if one.stability is not None]
    if len(known) < WINDOW or np.mean(known) < STABLE:
        return ""
    return (
        f"The predictions on the pool are stable: from round to round they agree with kappa "
        f"{np.mean(known):.3f} (mean of {WINDOW}; stable from {STABLE} on)."
    )


def no_better(rounds: Sequence[RoundResult], random: Sequence[RoundResult]) -> str:
    """A sentence where half of the rounds or more did not beat random labelling; "" elsewhere."""
    shared = min(len(rounds), len(random))
    if shared <= WINDOW:
        return ""
    # Round 0 is the model of the initial labels, the same for both.
    pairs = zip(rounds[1:shared], random[1:shared], strict=True)
    better = sum(one.test.accuracy > other.test.accuracy for one, other in pairs)
    if better > (shared - 1) / 2:
        return ""
    return (
        f"It is no better than random labelling so far: ahead in {better} of {shared - 1} rounds."
    )


@dataclass(frozen=True, kw_only=True)
class Hindsight:
    """What following the stop advice would have meant, over runs that spent their budget.

    Attributes:
        runs: How many runs.
        stopped: How many of them the advice would have ended early.
        labels_kept: Mean labels not bought by these; None where there are none.
        accuracy_lost: Mean accuracy they ended below their full budget, 0 to 1; None likewise.
    """

    runs: int
    stopped: int
    labels_kept: float | None
    accuracy_lost: float | None


def in_hindsight(runs: Sequence[Sequence[RoundResult]]) -> Hindsight:
    """Hold the advice after every round of finished runs against their ends."""
    ends = [(run, at) for run in runs if (at := _first_stop(run)) is not None]
    kept = [run[-1].n_labelled - run[at].n_labelled for run, at in ends]
    lost = [run[-1].test.accuracy - run[at].test.accuracy for run, at in ends]
    return Hindsight(
        runs=len(runs),
        stopped=len(ends),
        labels_kept=float(np.mean(kept)) if ends else None,
        accuracy_lost=float(np.mean(lost)) if ends else None,
    )


def _first_stop(run: Sequence[RoundResult]) -> int | None:
    ends = (at for at in range(len(run) - 1) if _says_stop(run[: at + 1]))
    return next(ends, None)


def _says_stop(rounds: Sequence[RoundResult]) -> bool:
    return stop_advice(rounds).verdict is Verdict.STOP
