"""Accuracy, macro F1, recall per class and confusion, from one count matrix."""

import numpy as np

from alcore.rounds import Calibration, Evaluation
from alcore.types import FloatArray, IntArray

CALIBRATION_BINS = 15


def evaluate(
    probabilities: FloatArray, labels: IntArray, *, calibrated: bool = False
) -> Evaluation:
    """Hold predictions against labels.

    Args:
        probabilities: Shape (n, c), n at least 1; the largest is the prediction, at a tie
            the lowest class index.
        labels: Class indices, shape (n,), int64.
        calibrated: Whether to look at the probabilities themselves, too.
    """
    counts = confusion_matrix(labels, probabilities.argmax(axis=1), probabilities.shape[1])
    return Evaluation(
        n=len(labels),
        accuracy=float(np.trace(counts) / counts.sum()),
        macro_f1=macro_f1(counts),
        recall=tuple(_recalls(counts)),
        confusion=tuple(tuple(int(count) for count in row) for row in counts),
        calibration=calibration(probabilities, labels) if calibrated else None,
    )


def calibration(probabilities: FloatArray, labels: IntArray) -> Calibration:
    """Hold the largest probability (n, c) against being right, in CALIBRATION_BINS bins."""
    sure = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((sure * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    sums = (np.bincount(bins, weights, CALIBRATION_BINS) for weights in (sure, right))
    confidence, accuracy = (np.round(total / np.maximum(counts, 1), 6) for total in sums)
    return Calibration(
        counts=tuple(counts.tolist()),
        confidence=tuple(confidence.tolist()),
        accuracy=tuple(accuracy.tolist()),
    )


def kappa(one: IntArray, other: IntArray, n_classes: int) -> float:
    """Agreement of two classifications (n,) beyond chance, -1 to 1; 1 where both say one class.

    J. Cohen, A Coefficient of Agreement for Nominal Scales, 1960.
    """
    shares = confusion_matrix(one, other, n_classes) / len(one)
    chance = float(shares.sum(axis=0) @ shares.sum(axis=1))
    return 1.0 if chance == 1 else (float(np.trace(shares)) - chance) / (1 - chance)


def confusion_matrix(labels: IntArray, predicted: IntArray, n_classes: int) -> IntArray:
    """Counts (c, c), row = true class, column = predicted class."""
    cells = np.bincount(labels * n_classes + predicted, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes).astype(np.int64)


def macro_f1(counts: IntArray) -> float:
    """Mean of 2TP / (2TP + FP + FN) over the classes that occur as truth or prediction."""
    support = counts.sum(axis=0) + counts.sum(axis=1)
    occurring = support > 0
    return float(np.mean(2 * np.diag(counts)[occurring] / support[occurring]))


def _recalls(counts: IntArray) -> list[float | None]:
    per_class = zip(np.diag(counts), counts.sum(axis=1), strict=True)
    return [float(right / total) if total else None for right, total in per_class]
