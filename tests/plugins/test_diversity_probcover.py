import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore import Query, Request
from alcore.types import FloatArray, IntArray
from alcore_diversity import ProbCoverOptions
from alcore_diversity import probcover as module
from alcore_diversity.probcover import ProbCover, pure_radius
from plugins.references import (
    CLOUDS,
    ask,
    blobs,
    check_no_sample_is_picked_twice,
    check_what_holds_for_all,
    probcover,
    purity,
    unit,
)

STRATEGY = ProbCover(ProbCoverOptions())


def with_radius(radius: float) -> ProbCover:
    return ProbCover(dataclasses.replace(ProbCoverOptions(), radius=radius))


@given(CLOUDS, st.sampled_from([1e-3, 0.2, 0.5, 1.0, 2**0.5, 2.0]), st.data())
@settings(max_examples=80)
def test_it_is_the_greedy_cover(drawn, radius: float, data) -> None:
    pool, labelled = drawn
    n = data.draw(st.integers(1, len(pool)))
    assert ask(with_radius(radius), pool, labelled, n) == probcover(pool, labelled, radius, n)


@pytest.mark.parametrize("block", [8, 24])
@pytest.mark.parametrize("m", [0, 15])
def test_over_many_blocks(block: int, m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = module.blocks
    monkeypatch.setattr(module, "blocks", lambda n, size=block: cut(n, min(size, block)))
    points = np.random.default_rng(1).normal(size=(100, 4))
    pool, labelled = points[m:].copy(), points[:m].copy()
    for radius in (0.3, 1.0):
        expected = probcover(pool, labelled, radius, 30)
        assert ask(with_radius(radius), pool, labelled, 30) == expected


@given(CLOUDS, st.sampled_from([0.5, 0.8, 0.95, 1.0]), st.data())
@settings(max_examples=60)
def test_no_larger_radius_is_as_pure(drawn, alpha: float, data) -> None:
    pool = np.unique(unit(drawn[0]).round(12), axis=0)
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(pool),
                                         max_size=len(pool))))  # fmt: skip
    radius = pure_radius(pool, labels, np.arange(len(pool)), alpha)
    assert purity(pool, labels, radius) >= alpha - 1e-9
    if radius < 1.99:
        assert purity(pool, labels, radius * 1.0011) < alpha


def test_what_holds_for_all() -> None:
    check_no_sample_is_picked_twice(with_radius(0.02))
    check_what_holds_for_all(ProbCover(dataclasses.replace(ProbCoverOptions(), n_classes=4)))
    check_what_holds_for_all(with_radius(0.02))


def test_the_radius_of_the_data_separates_blobs() -> None:
    strategy = ProbCover(dataclasses.replace(ProbCoverOptions(), n_classes=4))
    pool = blobs(400)
    blob = pool.argmax(axis=1)
    picks = ask(strategy, pool, pool[:0], 4)
    assert sorted(blob[picks]) == [0, 1, 2, 3]
    labelled = pool[picks[:2]]
    assert set(blob[ask(strategy, pool, labelled, 2)]) == set(blob[picks[2:]])


def test_the_number_of_classes_is_that_of_the_query_where_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def spy(points: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
        asked.append(k)
        return np.arange(len(points)) % k

    monkeypatch.setattr(module, "clustered", spy)
    pool = blobs()
    ask(STRATEGY, pool, pool[:0], 1)
    query = Query(
        rank=np.arange(60),
        embeddings=pool,
        labelled_embeddings=pool[:5],
        n_classes=3,
    )
    STRATEGY.select(query, Request(n=1), np.random.default_rng(0))
    assert asked == [10, 3]
