"""Temperature scaling against a brute-force search and against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.calibration import FEWEST_SAMPLES, fit_temperature, softmax
from alcore.types import FloatArray, IntArray


def drawn(seed: int, n: int = 400, c: int = 4) -> tuple[FloatArray, IntArray]:
    """Logits and labels drawn from their own probabilities: perfectly calibrated."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2.0, size=(n, c))
    labels = np.array([rng.choice(c, p=row / row.sum()) for row in np.exp(logits)])
    return logits, labels


def loss(logits: FloatArray, labels: IntArray, temperature: float) -> float:
    scores = logits / temperature
    own = scores[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - own))


@given(st.integers(0, 1000), st.floats(0.3, 4.0))
def test_it_is_the_minimum_of_a_fine_grid(seed: int, factor: float) -> None:
    logits, labels = drawn(seed, n=80)
    grid = np.geomspace(0.2, 10, 400)
    best = min(loss(factor * logits, labels, t) for t in grid)
    assert loss(factor * logits, labels, fit_temperature(factor * logits, labels)) <= best + 1e-9


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_it_undoes_a_factor(factor: float) -> None:
    logits, labels = drawn(1, n=20_000)
    assert fit_temperature(factor * logits, labels) == pytest.approx(factor, rel=0.05)


def test_it_stays_within_its_bounds() -> None:
    sure = np.eye(3)[np.arange(60) % 3]
    assert fit_temperature(sure, np.arange(60) % 3) == pytest.approx(0.2)
    assert fit_temperature(9 * sure, np.arange(1, 61) % 3) == pytest.approx(10.0)


@pytest.mark.parametrize("n", [0, 1, FEWEST_SAMPLES - 1])
def test_few_samples_change_nothing(n: int) -> None:
    logits, labels = drawn(2, n=n)
    assert fit_temperature(5 * logits, labels.astype(np.int64)) == 1.0


def test_unknown_classes_are_left_out() -> None:
    logits, labels = drawn(3)
    unknown = np.column_stack([3 * logits, np.full(len(logits), -np.inf)])
    with_them = np.concatenate([unknown, unknown[:30]])
    theirs = np.concatenate([labels, np.full(30, 4)])
    assert fit_temperature(with_them, theirs) == pytest.approx(
        fit_temperature(3 * logits, labels), rel=1e-6
    )


def test_softmax_keeps_answers_and_allows_impossible_classes() -> None:
    logits = np.array([[1000.0, 0.0, -np.inf], [-3.0, 1.0, -np.inf]])
    for temperature in (0.2, 1.0, 10.0):
        made = softmax(logits, temperature)
        assert made.dtype == np.float32
        assert made.argmax(axis=1).tolist() == [0, 1]
        assert made[:, 2].tolist() == [0, 0]
        np.testing.assert_allclose(made.sum(axis=1), 1, atol=1e-6)
