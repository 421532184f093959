"""The heads: what temperature scaling may change, what scale and number of features do not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from alcore.calibration import untempered
from alcore.datasets import Dataset, Labelled, Samples
from alcore.models import Model, unwatched
from alcore.types import FloatArray
from alcore_backbones import HeadOptions, make_head

RNG = np.random.default_rng(4)
LABELS = RNG.integers(0, 3, size=900)
POINTS = RNG.normal(size=(3, 6))[LABELS] + RNG.normal(size=(900, 6))
LEARNT, CHECKED, ASKED = np.arange(60), np.arange(60, 360), np.arange(360, 900)


class Table:
    def __init__(self, rows: FloatArray) -> None:
        self.rows = rows.astype(np.float32)

    def features(self, positions: Any) -> FloatArray:
        return self.rows[positions]


def samples(positions: Any, rows: FloatArray = POINTS) -> Samples:
    dataset: Dataset = Table(rows)  # type: ignore[assignment]
    return Samples(dataset=dataset, positions=positions)


def labelled(positions: Any, rows: FloatArray = POINTS) -> Labelled:
    return Labelled(samples=samples(positions, rows), labels=LABELS[positions], n_classes=3)


def fitted(options: HeadOptions, rows: FloatArray = POINTS, previous: Any = None) -> Model:
    model = make_head(options)
    model.fit(
        labelled(LEARNT, rows),
        labelled(CHECKED, rows),
        seed=3,
        progress=unwatched,
        previous=previous,
    )
    return model


def log_loss(model: Model, positions: Any) -> float:
    own = model.predict_proba(samples(positions))[np.arange(len(positions)), LABELS[positions]]
    return float(-np.log(own).mean())


@pytest.mark.parametrize("options", [HeadOptions(C=1e4), HeadOptions(head="dense", epochs=200)])
def test_calibration_changes_no_answer_and_lowers_the_loss(options: HeadOptions) -> None:
    scaled, raw = fitted(options), fitted(replace(options, calibrate=False))
    one, other = (model.predict_proba(samples(ASKED)) for model in (scaled, raw))
    np.testing.assert_array_equal(one.argmax(axis=1), other.argmax(axis=1))
    assert log_loss(scaled, CHECKED) < log_loss(raw, CHECKED)
    assert log_loss(scaled, ASKED) < log_loss(raw, ASKED)


def test_the_logistic_head_is_logistic_regression_on_standardised_features() -> None:
    made = fitted(HeadOptions(C=3.0, calibrate=False)).predict_proba(samples(ASKED))
    rows = POINTS.astype(np.float32).astype(np.float64)
    mean, deviation = rows[LEARNT].mean(axis=0), rows[LEARNT].std(axis=0)
    theirs = LogisticRegression(C=3.0 / 6).fit((rows[LEARNT] - mean) / deviation, LABELS[LEARNT])
    np.testing.assert_allclose(
        made, theirs.predict_proba((rows[ASKED] - mean) / deviation), atol=1e-3
    )


def test_scale_and_repetition_of_features_change_nothing_of_the_logistic_head() -> None:
    plain = fitted(HeadOptions()).predict_proba(samples(ASKED))
    for rows in (POINTS * [1, 10, 100, 1, 10, 100], np.tile(POINTS, 5)):
        other = fitted(HeadOptions(), rows).predict_proba(samples(ASKED, rows))
        np.testing.assert_allclose(other, plain, atol=2e-3)


def test_a_column_that_is_constant_where_labelled_decides_nothing() -> None:
    rows = np.column_stack([POINTS, np.where(np.arange(900) < 60, 1.0, 1.001)])
    other = fitted(HeadOptions(), rows).predict_proba(samples(ASKED, rows))
    plain = fitted(HeadOptions()).predict_proba(samples(ASKED))
    np.testing.assert_allclose(other, plain, atol=0.02)


def test_the_dense_head_continues_from_the_round_before_only_where_asked() -> None:
    once = HeadOptions(head="dense", epochs=5)
    first = fitted(once)
    anew, continued = (
        fitted(replace(once, continue_training=on), previous=first) for on in (False, True)
    )
    assert log_loss(anew, LEARNT) == log_loss(first, LEARNT)
    assert log_loss(continued, LEARNT) < log_loss(first, LEARNT)


def test_dropout_makes_members_and_the_last_layer_tells_what_it_reads() -> None:
    plain: Any = fitted(HeadOptions(head="dense", epochs=5))
    dropping: Any = fitted(HeadOptions(head="dense", epochs=5, dropout=0.5))
    assert dropping.has_members and not plain.has_members
    asked = samples(ASKED)
    np.testing.assert_array_equal(plain.embed(asked), asked.features())
    members = dropping.predict_members(asked, 4, 1)
    assert members.shape == (4, len(ASKED), 3) and members.dtype == np.float32
    np.testing.assert_allclose(members.sum(axis=2), 1, atol=1e-5)
    assert len({member.tobytes() for member in members}) == 4
    # A member is one network: it answers alike whatever else is asked.
    np.testing.assert_allclose(
        dropping.predict_members(samples(ASKED[:7]), 4, 1), members[:, :7], atol=1e-6
    )
    assert np.array_equal(dropping.predict_members(asked, 4, 1), members)
    assert not np.array_equal(dropping.predict_members(asked, 4, 2), members)
    many = dropping.predict_members(asked, 400, 3)
    assert np.abs(many.mean(axis=0) - dropping.predict_proba(asked)).mean() < 0.05


@pytest.mark.parametrize("head", ["logistic", "dense"])
def test_the_temperature_is_told_and_can_be_taken_back(head: str) -> None:
    options = HeadOptions(head=head, C=1e4, epochs=200)
    scaled: Any = fitted(options)
    plain: Any = fitted(replace(options, calibrate=False))
    assert plain.temperature == 1 != scaled.temperature
    asked = samples(ASKED)
    raw = untempered(scaled.predict_proba(asked), scaled.temperature)
    np.testing.assert_allclose(raw, plain.predict_proba(asked), atol=1e-4)
