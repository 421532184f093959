"""What one round leaves behind: numbers for the curve, arrays for the pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from alcore.types import FloatArray, IntArray

WORST_KEPT = 200
QUANTILES_KEPT = 101
_TRAINING = (0.0, 0.9)
_PLACES = {"evaluate": (0.9, 0.93), "score": (0.93, 0.99), "select": (0.99, 1.0)}


def within_round(step: str, fraction: float) -> float:
    """How much of a round is done, 0 to 1; a model names the steps of its training as it likes."""
    first, last = _PLACES.get(step, _TRAINING)
    return first + (last - first) * fraction


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How far the largest probability can be believed, over bins of it of equal width.

    Attributes:
        counts: Samples in each bin.
        confidence: Mean of the largest probability in each, 0 where it is empty.
        accuracy: Fraction right in each, 0 where it is empty.
    """

    counts: tuple[int, ...]
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]

    @property
    def ece(self) -> float:
        """Expected calibration error: mean |accuracy - confidence| over samples, 0 to 1.

        M. Naeini, G. Cooper & M. Hauskrecht, Obtaining Well Calibrated Probabilities Using
        Bayesian Binning, AAAI 2015.
        """
        bins = zip(self.counts, self.confidence, self.accuracy, strict=True)
        return sum(n * abs(right - sure) for n, sure, right in bins) / sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How well a model does on n labelled samples.

    Attributes:
        n: Number of samples.
        accuracy: Fraction right, 0 to 1.
        macro_f1: Mean F1 over the classes that occur (as truth or prediction).
        recall: Recall per class; None for a class without a sample here.
        confusion: Counts, row = true class, column = predicted class.
        calibration: Of its probabilities; None where nobody looked, as in earlier versions.
    """

    n: int
    accuracy: float
    macro_f1: float
    recall: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration | None = None


@dataclass(frozen=True, kw_only=True)
class RoundResult:
    """The numbers of one round: a model trained on `n_labelled` labels, and the batch it led to.

    Attributes:
        number: 0 for the model of the initial labels, then 1, 2, ...
        n_labelled: Labels the model was trained on.
        test: On the test split.
        validation: On the validation split; None where that is empty.
        batch: On the chosen batch, before any training on it; None in the last round.
        batch_classes: Labels given in the batch, per class; empty in the last round.
        seconds: Wall time per step ("train", "evaluate", "score", "select").
        uncalibrated: On the test split, without the temperature of the model; None where it has
            none.
        audit: On the part of the batch that was drawn at random from the pool, before any
            training on it: an unbiased estimate of what the model does on the pool. None where
            nothing was drawn.
        candidates: Samples the strategy looked at where it did not see the whole pool.
        stability: Cohen's kappa between what this model and that of the round before predict
            of the pool, -1 to 1; None where there is none before.
    """

    number: int
    n_labelled: int
    test: Evaluation
    validation: Evaluation | None
    batch: Evaluation | None
    batch_classes: tuple[int, ...]
    seconds: Mapping[str, float]
    uncalibrated: Calibration | None = None
    audit: Evaluation | None = None
    candidates: int | None = None
    stability: float | None = None


@dataclass(frozen=True, kw_only=True)
class RoundArrays:
    """The arrays of one round. Positions are positions in the dataset.

    Attributes:
        picks: The batch in the order of picking, shape (b,); empty in the last round.
        picks_probabilities: Their class probabilities before labelling, (b, c) float32.
        worst: The least confident pool samples, most uncertain first, at most WORST_KEPT.
        worst_probabilities: Theirs, (w, c) float32.
        learnt: The batch of the round before, (b',); it is training data of this model. Empty
            in round 0.
        learnt_probabilities: What this model says of it, (b', c) float32.
        quantiles: QUANTILES_KEPT evenly spaced quantiles of the strategy's utility over the
            pool, float64; empty where the strategy has no utility.
        pool: All pool samples when the batch was chosen, (n,).
        probabilities: Theirs, (n, c) float32. Kept for the newest round of a run only.
    """

    picks: IntArray
    picks_probabilities: FloatArray
    worst: IntArray
    worst_probabilities: FloatArray
    learnt: IntArray
    learnt_probabilities: FloatArray
    quantiles: FloatArray
    pool: IntArray
    probabilities: FloatArray
