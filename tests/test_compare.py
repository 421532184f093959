"""Labels saved: the one definition, by hand and in its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.compare import Curve, labels_needed, labels_saved, learning_curve, paired
from alcore.rounds import Evaluation, RoundResult

LABELS = np.array([50, 100, 150, 200])


def curve(rows: list[list[float]], strategy: str = "a/b", seeds: tuple[int, ...] = ()) -> Curve:
    accuracy = np.array(rows)
    return Curve(
        strategy=strategy,
        labels=LABELS[: accuracy.shape[1]],
        seeds=seeds or tuple(range(len(rows))),
        accuracy=accuracy,
    )


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


RANDOM = curve([[0.5, 0.6, 0.7, 0.8]] * 3, "uncertainty/random")


def test_interpolates_between_rounds() -> None:
    # 0.8 is reached a quarter of the way from 100 (0.78) to 150 (0.86): 112.5 of 200 labels.
    saved = labels_saved(curve([[0.5, 0.78, 0.86, 0.9]] * 3), RANDOM, rng())
    assert saved is not None
    assert saved.fraction == pytest.approx(1 - 112.5 / 200)
    assert saved.target == pytest.approx(0.8)
    assert (saved.labels, saved.seeds) == (200, 3)
    assert saved.low == pytest.approx(saved.fraction) and saved.high == pytest.approx(
        saved.fraction
    )


def test_random_saves_nothing_against_itself() -> None:
    saved = labels_saved(RANDOM, RANDOM, rng())
    assert saved is not None and saved.fraction == 0.0


def test_never_is_an_answer() -> None:
    saved = labels_saved(curve([[0.5, 0.6, 0.7, 0.79]] * 3), RANDOM, rng())
    assert saved is not None and (saved.fraction, saved.low, saved.high) == (None, None, None)


def test_a_doubtful_saving_has_never_as_its_lower_bound() -> None:
    saved = labels_saved(
        curve([[0.5, 0.9, 0.9, 0.9], [0.5, 0.6, 0.65, 0.7], [0.5, 0.7, 0.8, 0.85]]), RANDOM, rng()
    )
    assert saved is not None
    assert saved.fraction is not None and saved.low is None and saved.high is not None


def test_only_shared_seeds_count() -> None:
    ours = curve([[0.5, 0.9, 0.9, 0.9], [0, 0, 0, 0]], seeds=(1, 9))
    saved = labels_saved(ours, RANDOM, rng())
    assert saved is not None and saved.seeds == 1
    # 0.8 on the way from 0.5 at 50 to 0.9 at 100.
    assert saved.fraction == pytest.approx(1 - 87.5 / 200)
    assert labels_saved(curve([[1, 1, 1, 1]], seeds=(9,)), RANDOM, rng()) is None


def test_the_bootstrap_is_paired() -> None:
    # Seeds differ wildly but the strategy is always exactly one round ahead of random.
    levels = [0.1, 0.4, 0.6]
    base = curve([[x, x + 0.1, x + 0.2, x + 0.3] for x in levels], "uncertainty/random")
    ours = curve([[x + 0.1, x + 0.2, x + 0.3, x + 0.4] for x in levels])
    saved = labels_saved(ours, base, rng())
    assert saved is not None and saved.fraction is not None
    assert saved.low == pytest.approx(0.25) and saved.high == pytest.approx(0.25)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 1))
def test_labels_needed_is_the_first_crossing(values: list[float], target: float) -> None:
    labels = np.arange(1, len(values) + 1) * 50
    needed = labels_needed(labels, np.array(values), target)
    if needed is None:
        assert max(values) < target
        return
    assert labels[0] <= needed <= labels[-1]
    assert np.interp(needed, labels, values) == pytest.approx(target, abs=1e-6) or needed == 50
    assert all(v < target for v, n in zip(values, labels, strict=True) if n < needed - 1e-9)


def result(n_labelled: int, accuracy: float) -> RoundResult:
    test = Evaluation(n=10, accuracy=accuracy, macro_f1=0.0, recall=(), confusion=())
    return RoundResult(
        number=0, n_labelled=n_labelled, test=test, validation=None, batch=None,
        batch_classes=(), seconds={},
    )  # fmt: skip


def test_a_curve_is_over_the_seeds_that_are_furthest() -> None:
    runs = {1: [result(50, 0.5), result(100, 0.7)], 0: [result(50, 0.6), result(100, 0.8)], 2: []}
    made = learning_curve("a/b", runs)
    assert made is not None and made.seeds == (0, 1)
    assert made.mean.tolist() == pytest.approx([0.55, 0.75])
    assert learning_curve("a/b", {0: []}) is None


def test_paired_cuts_to_shared_rounds() -> None:
    short = curve([[0.5, 0.6]], seeds=(1,))
    one, other = paired(short, RANDOM)
    assert one.labels.tolist() == other.labels.tolist() == [50, 100]
    assert other.seeds == (1,)
