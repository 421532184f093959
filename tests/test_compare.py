"""Labels saved: the one definition, by hand and in its limits."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.compare import (
    Curve,
    final_difference,
    labels_needed,
    labels_saved,
    learning_curve,
    macro_f1,
    paired,
    recall_of,
)
from alcore.rounds import Evaluation, RoundResult

LABELS = np.array([50, 100, 150, 200])


def curve(rows: list[list[float]], strategy: str = "a/b", seeds: tuple[int, ...] = ()) -> Curve:
    values = np.array(rows)
    return Curve(
        strategy=strategy,
        labels=LABELS[: values.shape[1]],
        seeds=seeds or tuple(range(len(rows))),
        values=values,
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


def result(n_labelled: int, accuracy: float, recall: tuple[float | None, ...] = ()) -> RoundResult:
    test = Evaluation(n=10, accuracy=accuracy, macro_f1=0.25, recall=recall, confusion=())
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


def test_seeds_that_bought_other_numbers_of_labels_are_read_where_all_have_been() -> None:
    runs = {0: [result(50, 0.5), result(90, 0.9)], 1: [result(50, 0.4), result(70, 0.8)]}
    made = learning_curve("a/b", runs)
    assert made is not None and made.labels.tolist() == [50, 70]
    assert made.values.tolist() == [pytest.approx([0.5, 0.7]), [0.4, 0.8]]


def test_a_seed_that_is_done_counts_however_few_rounds_it_took() -> None:
    more = replace(result(50, 0.5), batch=result(50, 0.5).test)
    runs = {0: [more, result(90, 0.9)], 1: [more, more, result(80, 0.8)], 2: [more, more]}
    made = learning_curve("a/b", runs)
    assert made is not None and made.seeds == (0, 1)
    assert made.labels[-1] == 80 and made.values[:, -1].tolist() == pytest.approx([0.8, 0.8])


def test_paired_reads_other_label_counts_where_both_have_been() -> None:
    one = Curve(
        strategy="a/b", labels=np.array([50, 90]), seeds=(0,), values=np.array([[0.5, 0.9]])
    )
    mine, base = paired(one, replace(one, labels=np.array([50, 70]), strategy="a/c"))
    assert mine.labels.tolist() == base.labels.tolist() == [50, 70]
    assert mine.values.tolist() == [pytest.approx([0.5, 0.7])] and base.values[0, 1] == 0.9


def test_paired_cuts_to_shared_rounds() -> None:
    short = curve([[0.5, 0.6]], seeds=(1,))
    one, other = paired(short, RANDOM)
    assert one.labels.tolist() == other.labels.tolist() == [50, 100]
    assert other.seeds == (1,)


def test_a_curve_of_another_metric_leaves_out_seeds_that_do_not_define_it() -> None:
    runs = {
        0: [result(50, 0.5, (0.1, None)), result(100, 0.7, (0.2, None))],
        1: [result(50, 0.6, (0.3, 0.4)), result(100, 0.8, (0.5, 0.6))],
    }
    first, second = (learning_curve("a/b", runs, recall_of(i)) for i in range(2))
    assert first is not None and first.values.tolist() == [[0.1, 0.2], [0.3, 0.5]]
    assert second is not None and second.seeds == (1,) and second.values.tolist() == [[0.4, 0.6]]
    f1 = learning_curve("a/b", runs, macro_f1)
    assert f1 is not None and (f1.values == 0.25).all()
    nowhere = {0: [result(50, 0.5, (None,))]}
    assert learning_curve("a/b", nowhere, recall_of(0)) is None


def test_the_spread_is_the_standard_deviation_over_seeds() -> None:
    assert curve([[0.5, 0.6], [0.7, 0.6]]).spread == pytest.approx([0.2 / 2**0.5, 0.0])
    assert curve([[0.5, 0.6]]).spread.tolist() == [0.0, 0.0]


def test_the_final_difference_is_paired_and_its_interval_holds_the_mean() -> None:
    gains = [0.02, 0.05, 0.11]
    base = curve([[0.5, x] for x in (0.1, 0.5, 0.8)], "uncertainty/random")
    ours = curve([[0.5, x + g] for x, g in zip((0.1, 0.5, 0.8), gains, strict=True)])
    found = final_difference(ours, base, rng())
    assert found is not None and found.seeds == 3
    assert found.mean == pytest.approx(np.mean(gains))
    # Every resample is a mean of the gains, so no bound lies outside them.
    assert min(gains) <= found.low < found.mean < found.high <= max(gains)
    assert final_difference(curve([[0.5]], seeds=(7,)), base, rng()) is None
