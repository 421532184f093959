import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore import Query, Request
from alcore.plugins import Registry
from alcore_uncertainty import alcore_strategies
from alcore_uncertainty.criteria import entropy, least_confidence, smallest_margin
from alcore_uncertainty.random_sampling import RandomSampling

# The article's table: B is picked by least confidence and entropy, A by smallest margin.
ARTICLE = np.array(
    [
        [0.46, 0.44, 0.05, 0.03, 0.02],
        [0.34, 0.24, 0.18, 0.13, 0.11],
        [0.78, 0.10, 0.06, 0.04, 0.02],
    ]
)


def plain_entropy(row: list[float]) -> float:
    return -sum(p * math.log(p) for p in row if p > 0)


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=40).filter(lambda row: sum(row) > 0.1),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from("CF"),
)
def test_the_criteria_are_their_equations(weights: list[float], dtype: str, order: str) -> None:
    table = np.array([weights, weights[::-1]], dtype=dtype, order=order)
    table /= table.sum(axis=1, keepdims=True)
    close = 1e-5 if dtype == "float32" else 1e-12
    for i, row in enumerate(table.tolist()):
        first, second = sorted(row)[:-3:-1]
        assert least_confidence(table)[i] == pytest.approx(first, abs=close)
        assert smallest_margin(table)[i] == pytest.approx(first - second, abs=close)
        assert entropy(table)[i] == pytest.approx(plain_entropy(row), abs=close)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("c", [2, 5, 100])
def test_certain_and_undecided_samples(dtype: str, c: int) -> None:
    certain = np.eye(c, dtype=dtype)
    assert (least_confidence(certain) == 1).all()
    assert (smallest_margin(certain) == 1).all()
    assert (entropy(certain) == 0).all()
    assert not np.signbit(entropy(certain)).any()
    undecided = np.full((3, c), 1 / c, dtype=dtype)
    np.testing.assert_allclose(least_confidence(undecided), 1 / c, rtol=1e-6)
    assert (smallest_margin(undecided) == 0).all()
    np.testing.assert_allclose(entropy(undecided), math.log(c), rtol=1e-6)


def test_a_probability_next_to_zero_adds_next_to_nothing() -> None:
    tiny = np.finfo(np.float32).smallest_subnormal
    assert 0 <= entropy(np.array([[1, tiny]], dtype=np.float32))[0] < 1e-40


@pytest.mark.parametrize(
    ("each", "picked"), [(least_confidence, 1), (smallest_margin, 0), (entropy, 1)]
)
def test_the_articles_picks(each, picked: int) -> None:
    best = np.argmax if each.direction == "max" else np.argmin
    assert best(each(ARTICLE)) == picked


@pytest.mark.parametrize("each", [least_confidence, smallest_margin, entropy])
def test_the_docstring_has_equation_and_source(each) -> None:
    assert "p(y" in each.documentation
    assert any(year in each.documentation for year in ("1994", "2001", "1948"))


def test_the_plugin_offers_four_strategies() -> None:
    names = ["least_confidence", "smallest_margin", "entropy", "random"]
    assert [offer.name for offer in alcore_strategies()] == names
    registry = Registry.load(built_in_only=True)
    assert [name for name in registry.strategies if name.startswith("uncertainty/")] == [
        f"uncertainty/{name}" for name in names
    ]
    assert registry.strategy("random").criterion is None


def pool(n: int, seed: int = 0) -> Query:
    rng = np.random.default_rng(seed)
    return Query(probabilities=rng.dirichlet(np.ones(3), n), rank=rng.permutation(10 * n)[:n])


def draw(query: Query, n: int, seed: int) -> list[int]:
    chosen = RandomSampling().select(query, Request(n=n), np.random.default_rng(seed))
    assert chosen.utilities is None
    return chosen.positions.tolist()


def test_random_draws_without_replacement_and_honours_the_seed() -> None:
    query = pool(100)
    assert sorted(draw(query, 100, seed=1)) == list(range(100))
    assert draw(query, 20, seed=1) == draw(query, 20, seed=1) != draw(query, 20, seed=2)


def test_random_depends_on_ranks_and_seed_alone() -> None:
    query = pool(50)
    other_model = Query(probabilities=pool(50, seed=9).probabilities, rank=query.rank)
    assert draw(other_model, 10, seed=3) == draw(query, 10, seed=3)
    order = np.random.default_rng(4).permutation(50)
    shuffled = Query(probabilities=query.probabilities[order], rank=query.rank[order])
    assert order[draw(shuffled, 10, seed=3)].tolist() == draw(query, 10, seed=3)


def test_random_is_uniform() -> None:
    query = pool(10)
    counts = Counter(i for seed in range(2000) for i in draw(query, 3, seed))
    # 600 expected each; the standard deviation is 20.5.
    assert all(abs(counts[i] - 600) < 100 for i in range(10))
