import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcore.types import FloatArray, IntArray
from alcore_diversity import TypiClustOptions
from alcore_diversity import typiclust as module
from alcore_diversity.typiclust import TypiClust
from plugins.references import (
    CLOUDS,
    ask,
    blobs,
    check_what_holds_for_all,
    mean_distances,
    typiclust,
    unit,
)

STRATEGY = TypiClust(TypiClustOptions())


@given(CLOUDS, st.data())
@settings(max_examples=80)
def test_it_is_the_algorithm_on_given_clusters(drawn, data) -> None:
    pool, labelled = drawn
    n = data.draw(st.integers(1, len(pool)))
    k, all_points = data.draw(st.integers(1, 6)), len(pool) + len(labelled)
    clusters = np.array(data.draw(st.lists(st.integers(0, k), min_size=all_points,
                                           max_size=all_points)))  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "clustered", lambda points, k, rng: clusters)
        assert ask(STRATEGY, pool, labelled, n) == typiclust(pool, labelled, clusters, n)


@pytest.mark.parametrize("k", [1, 20, 300])
def test_typicality_over_blocks(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = module.blocks
    monkeypatch.setattr(module, "blocks", lambda n: cut(n, 16))
    points = unit(np.random.default_rng(0).normal(size=(100, 3)))
    means = module.mean_distances(points, k)
    np.testing.assert_allclose(means, mean_distances(points, k))
    near = 1e-3 * points + [5, 5, 5]
    np.testing.assert_allclose(module.mean_distances(near, k), 1e-3 * means, rtol=1e-9)


def test_what_holds_for_all() -> None:
    check_what_holds_for_all(STRATEGY)


@pytest.mark.parametrize(("most", "m", "n", "k"), [(500, 4, 6, 10), (7, 4, 6, 7), (500, 0, 60, 60)])
def test_as_many_clusters_as_labels_and_picks(
    most: int, m: int, n: int, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def spy(points: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
        asked.append(k)
        np.testing.assert_allclose(np.ptp(np.linalg.norm(points + shift, axis=1)), 0, atol=1e-6)
        return np.zeros(len(points), np.int64)

    pool, labelled = blobs(), blobs(m, seed=1)
    shift = unit(np.concatenate([labelled, pool]).astype(np.float64)).mean(axis=0)
    monkeypatch.setattr(module, "clustered", spy)
    options = dataclasses.replace(TypiClustOptions(), max_clusters=most)
    ask(TypiClust(options), pool, labelled, n)
    assert asked == [k]


def test_what_no_label_covers_comes_first() -> None:
    pool = blobs(300)
    blob = pool.argmax(axis=1)
    labelled = pool[blob == 3][:2]
    picks = ask(STRATEGY, pool, labelled, 2)
    assert len(set(blob[picks]) - {3}) == 2
