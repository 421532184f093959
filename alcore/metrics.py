"""Accuracy, macro F1, recall per class and confusion, from one count matrix."""

import numpy as np

from alcore.rounds import Evaluation
from alcore.types import FloatArray, IntArray


def evaluate(probabilities: FloatArray, labels: IntArray) -> Evaluation:
    """Hold predictions against labels.

    Args:
        probabilities: Shape (n, c), n at least 1; the largest is the prediction, at a tie
            the lowest class index.
        labels: Class indices, shape (n,), int64.
    """
    counts = confusion_matrix(labels, probabilities.argmax(axis=1), probabilities.shape[1])
    return Evaluation(
        n=len(labels),
        accuracy=float(np.trace(counts) / counts.sum()),
        macro_f1=macro_f1(counts),
        recall=tuple(_recalls(counts)),
        confusion=tuple(tuple(int(count) for count in row) for row in counts),
    )


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
