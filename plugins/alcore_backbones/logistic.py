"""Multinomial logistic regression on features, fast enough for sweeps over many seeds."""

from pathlib import Path
from typing import Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from alcore.calibration import fit_temperature, softmax
from alcore.datasets import Labelled, Samples
from alcore.models import Progress
from alcore.types import FloatArray
from alcore_backbones import LogisticOptions

# Below this a column is nearly constant and dividing by its deviation would blow up noise.
_SMALLEST_SCALE = 0.05


class LogisticHead:
    """Standardises on the labelled set, then fits; classes without a label get probability 0."""

    def __init__(self, options: LogisticOptions) -> None:
        self._options = options
        self._weights: FloatArray = np.empty((0, 0))
        self._bias: FloatArray = np.empty(0)
        self.temperature = 1.0

    def fit(
        self,
        labelled: Labelled,
        validation: Labelled,
        *,
        seed: int,
        progress: Progress,
        previous: Self | None = None,
    ) -> None:
        """Fit by L-BFGS, which is deterministic: the seed changes nothing."""
        features = labelled.samples.features().astype(np.float64)
        mean = features.mean(axis=0)
        scale = np.maximum(features.std(axis=0), _SMALLEST_SCALE)
        present = np.unique(labelled.labels)
        weights = np.zeros((labelled.n_classes, features.shape[1]))
        bias = np.full(labelled.n_classes, -np.inf)
        bias[present] = 0.0
        if len(present) > 1:
            weights[present], bias[present] = self._solve((features - mean) / scale, labelled)
        self._weights = weights / scale
        self._bias = bias - self._weights @ mean
        if self._options.calibrate and len(validation.samples):
            self.temperature = fit_temperature(self._logits(validation.samples), validation.labels)
        progress("train", 1.0)

    def _solve(self, features: FloatArray, labelled: Labelled) -> tuple[FloatArray, FloatArray]:
        # A sum over more features says more: their number is taken out, so that one C fits all.
        strength = self._options.C / features.shape[1]
        # With two threads and a busy core a fit takes ten times as long as with one.
        with threadpool_limits(limits=1):
            solver = LogisticRegression(C=strength, max_iter=1000)
            solver.fit(features, labelled.labels)
        if len(solver.classes_) > 2:
            return solver.coef_, solver.intercept_
        return (
            np.vstack([-solver.coef_, solver.coef_]) / 2,
            np.concatenate([-solver.intercept_, solver.intercept_]) / 2,
        )

    def _logits(self, samples: Samples) -> FloatArray:
        return samples.features().astype(np.float64) @ self._weights.T + self._bias

    def predict_proba(self, samples: Samples) -> FloatArray:
        """Softmax of the linear scores, (m, n_classes) float32."""
        return softmax(self._logits(samples), self.temperature)

    def save(self, folder: Path) -> None:
        """Write weights, bias and temperature."""
        temperature = np.array(self.temperature)
        path = folder / "logistic.npz"
        np.savez(path, weights=self._weights, bias=self._bias, temperature=temperature)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        with np.load(folder / "logistic.npz", allow_pickle=False) as stored:
            self._weights, self._bias = stored["weights"], stored["bias"]
            self.temperature = float(stored["temperature"])
