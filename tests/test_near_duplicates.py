"""Identical and near-identical samples."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore import near_duplicates as module
from alcore.errors import UsageError
from alcore.near_duplicates import Duplicates, near_duplicates
from alcore.types import FloatArray

D = 256


def drawn(n: int, d: int = D) -> FloatArray:
    """Far from zero, and varying more in some directions than in others, as a network's do."""
    rng = np.random.default_rng(n)
    spread = rng.normal(size=(n, d)) / np.sqrt(1 + np.arange(d) / 10)
    mixed = spread @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    return (20 + mixed).astype(np.float32)


def similarities(features: FloatArray) -> FloatArray:
    """All of them, straight from the definition."""
    centred = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    n, d = centred.shape
    covariance = np.cov(centred.T, bias=True)
    covariance += np.eye(d) * np.trace(covariance) / min(n - 1, d)
    product: FloatArray = centred @ np.linalg.solve(covariance, centred.T)
    lengths = np.sqrt(np.diag(product))
    return product / np.outer(lengths, lengths)


@pytest.mark.parametrize("block", [7, 64, 5000])
@pytest.mark.parametrize("n", [2, 40, 300])
def test_all_pairs_are_found(n: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    features = drawn(n)
    features[n - 1] = features[0] + 0.1 * features[1]
    expected = similarities(features)
    one, other = np.nonzero(np.triu(expected >= 0.1, 1))
    found = near_duplicates(features, threshold=0.1)
    assert found.pairs.tolist() == np.stack([one, other], axis=1).tolist()
    assert found.pairs.dtype == np.int64 and found.similarity.dtype == np.float32
    assert np.allclose(found.similarity, expected[one, other], atol=1e-4)
    assert not found.identical.any()
    assert len(found.pairs) > 2 or n == 2


@pytest.mark.parametrize("scale", [1e-25, 1.0, 1e25])
def test_near_ones_and_copies_among_many_others(scale: float) -> None:
    features = drawn(200)
    near = np.random.default_rng(0).normal(size=D, scale=0.1).astype(np.float32)
    features[150] = features[7] + near
    features[[60, 199]] = features[3]
    features[33] = features[44] * np.float32(1 + 1e-6)
    found = near_duplicates(features * np.float32(scale))
    assert found.pairs.tolist() == [[3, 60], [3, 199], [7, 150], [33, 44]]
    assert found.identical.tolist() == [True, True, False, True]
    assert found.similarity[:2].tolist() == [1, 1] and 0.7 < found.similarity[2] < 1


def test_few_columns_tell_copies_only() -> None:
    features = np.random.default_rng(0).normal(size=(500, D - 1)).astype(np.float32)
    features[9], features[2] = features[4], features[1] * 1.0001
    assert near_duplicates(features).pairs.tolist() == [[4, 9]]


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_to_compare(n: int) -> None:
    found = near_duplicates(np.ones((n, D), dtype=np.float32))
    assert (found.pairs.shape, found.similarity.shape) == ((0, 2), (0,))
    assert found.groups(n).tolist() == list(range(n))


def test_only_copies() -> None:
    features = np.zeros((5, D), dtype=np.float32)
    features[2] *= -1  # -0.0 is 0.0
    found = near_duplicates(features)
    assert found.pairs.tolist() == [[0, i] for i in range(1, 5)]
    assert found.identical.all()


def test_the_features_are_left_as_they_are() -> None:
    features = drawn(50)
    before = features.copy()
    features.flags.writeable = False
    near_duplicates(features)
    assert np.array_equal(features, before)


def test_too_many_samples_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SAMPLES", 9)
    near_duplicates(drawn(9))
    with pytest.raises(UsageError, match="among at most 9, not 10"):
        near_duplicates(drawn(10))


def test_features_that_tell_nothing_are_refused() -> None:
    features = np.ones((500, D), dtype=np.float32)
    features[:, 0] = np.linspace(0, 1, 500)
    with pytest.raises(UsageError, match="more than 50,000 pairs of 500 samples"):
        near_duplicates(features)


@given(
    n=st.integers(1, 30),
    links=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40),
)
def test_groups_are_what_pairs_connect(n: int, links: list[tuple[int, int]]) -> None:
    pairs = sorted({(min(a, b), max(a, b)) for a, b in links if a != b and max(a, b) < n})
    lowest = list(range(n))
    for _ in range(n):  # the slow way: hand the lower number on until nothing changes
        for a, b in pairs:
            lowest[a] = lowest[b] = min(lowest[a], lowest[b])
    found = Duplicates(
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        similarity=np.ones(len(pairs), dtype=np.float32),
        identical=np.ones(len(pairs), dtype=np.bool_),
    )
    assert found.groups(n).tolist() == lowest
    assert found.groups(n).dtype == np.int64


@pytest.mark.skipif("ALCORE_TEST_DATA" not in os.environ, reason="needs ALCORE_TEST_DATA")
def test_the_flowers_have_three_copies_and_some_near_ones() -> None:
    path = Path(os.environ["ALCORE_TEST_DATA"]) / "tf_flowers_inceptionv3.npz"
    with np.load(path, allow_pickle=False) as content:
        features, ids = content["features"].astype(np.float32), content["ids"]
    found = near_duplicates(features)
    assert int(found.identical.sum()) == 3
    assert 15 <= int((~found.identical).sum()) <= 20
    named = {tuple(ids[pair].tolist()) for pair in found.pairs}
    assert ("roses/15922772266_1167a06620.jpg", "tulips/15922772266_1167a06620.jpg") in named
    daisies = ("daisy/14219214466_3ca6104eae_m.jpg", "daisy/5883162120_dc7274af76_n.jpg")
    assert daisies not in named  # by plain cosine the seventh pair; two different flowers
