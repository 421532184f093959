"""Metrics against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix as reference_confusion
from sklearn.metrics import f1_score

from alcore.metrics import evaluate


def test_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.6, 0.4, 0], [0.5, 0.5, 0]])
    result = evaluate(probabilities, np.array([0, 1, 1, 0]))
    assert result.accuracy == 0.75
    assert result.confusion == ((2, 0, 0), (1, 1, 0), (0, 0, 0))
    assert result.recall == (1.0, 0.5, None)
    assert result.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(2, 6))
def test_equals_scikit_learn(seed: int, n: int, c: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(c), size=n)
    labels = rng.integers(c, size=n)
    result = evaluate(probabilities, labels)
    predicted = probabilities.argmax(axis=1)
    expected = reference_confusion(labels, predicted, labels=range(c))
    assert np.array_equal(result.confusion, expected)
    assert result.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert result.accuracy == pytest.approx(float(np.mean(predicted == labels)))
