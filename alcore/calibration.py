"""Temperature scaling: probabilities that mean what they say, without changing any answer.

Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

import numpy as np

from alcore.types import FloatArray, IntArray

FEWEST_SAMPLES = 50
"""Below this one number cannot be told from noise."""
_COLDEST, _HOTTEST = 0.2, 10.0
_HALVINGS = 30
# A class that cannot be, as a logit: its probability is zero in float32 at any temperature above.
_IMPOSSIBLE = -1e3


def softmax(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """Probabilities (n, c) float32 of logits (n, c), which may be -inf, computed in float64."""
    scores = logits.astype(np.float64) / temperature
    powers: FloatArray = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers.astype(np.float32)


def untempered(probabilities: FloatArray, temperature: float) -> FloatArray:
    """The probabilities (n, c) before the logits were divided by the temperature, float64."""
    powers: FloatArray = probabilities.astype(np.float64) ** temperature
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def fit_temperature(logits: FloatArray, labels: IntArray) -> float:
    """The T between 0.2 and 10 for which softmax(logits / T) has the smallest mean log loss.

    Args:
        logits: Shape (n, c). -inf marks a class that the model does not know; rows labelled
            so are left out, as no T helps them. For probabilities give their logs, floored.
        labels: Class index of each row, shape (n,).

    Returns:
        1.0 where fewer than 50 rows are left.
    """
    rows = np.flatnonzero(np.isfinite(logits[np.arange(len(labels)), labels]))
    if len(rows) < FEWEST_SAMPLES:
        return 1.0
    scores = logits[rows].astype(np.float64)
    scores = np.maximum(scores - scores.max(axis=1, keepdims=True), _IMPOSSIBLE)
    own = scores[np.arange(len(rows)), labels[rows]].mean()
    # The loss is convex in 1/T; its slope there is the mean expected score less the mean own one.
    low, high = np.log(_COLDEST), np.log(_HOTTEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        powers = np.exp(scores / np.exp(middle))
        expected = (powers * scores).sum(axis=1) / powers.sum(axis=1)
        if expected.mean() > own:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))
