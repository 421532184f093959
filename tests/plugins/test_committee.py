"""BALD and vote entropy against their definitions, one number at a time."""

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alcore.plugins import Registry
from alcore.strategies import Query, Request
from alcore_committee.disagreement import bald, vote_entropy

REGISTRY = Registry.load(built_in_only=True, block=(), strict=True)


def drawn(seed: int, k: int, n: int, c: int, dtype: Any = np.float64) -> Any:
    """Some rows have zeros, some members agree."""
    rng = np.random.default_rng(seed)
    members = rng.dirichlet(np.full(c, 0.3), size=(k, n))
    members[:, 0] = members[0, 0]
    members[0, -1] = np.eye(c)[0]
    return members.astype(dtype)


def entropy_of(p: list[float]) -> float:
    return -sum(x * math.log(x) for x in p if x > 0)


def literal_bald(members: Any) -> list[float]:
    k, n, c = members.shape
    found = []
    for i in range(n):
        mean = [sum(members[j, i, y] for j in range(k)) / k for y in range(c)]
        found.append(entropy_of(mean) - sum(entropy_of(members[j, i]) for j in range(k)) / k)
    return found


def literal_vote_entropy(members: Any) -> list[float]:
    k, n, c = members.shape
    found = []
    for i in range(n):
        votes = [max(range(c), key=lambda y: (members[j, i, y], -y)) for j in range(k)]
        found.append(entropy_of([votes.count(y) / k for y in range(c)]))
    return found


shapes = {
    "seed": st.integers(0, 999),
    "k": st.integers(1, 6),
    "n": st.integers(1, 12),
    "c": st.integers(2, 5),
}


@given(**shapes)
def test_values_are_those_of_the_definition(seed: int, k: int, n: int, c: int) -> None:
    members = drawn(seed, k, n, c)
    np.testing.assert_allclose(bald(members), literal_bald(members), atol=1e-12)
    np.testing.assert_allclose(vote_entropy(members), literal_vote_entropy(members), atol=1e-12)


@given(**shapes)
def test_members_classes_and_samples_may_come_in_any_order(
    seed: int, k: int, n: int, c: int
) -> None:
    members = drawn(seed, k, n, c)
    rng = np.random.default_rng(seed)
    mixed = members[rng.permutation(k)][:, :, rng.permutation(c)]
    order = rng.permutation(n)
    np.testing.assert_allclose(bald(mixed), bald(members), atol=1e-12)
    assert np.array_equal(vote_entropy(mixed), vote_entropy(members))
    assert np.array_equal(bald(members[:, order]), bald(members)[order])


def test_members_who_agree_are_no_reason_to_ask() -> None:
    agreed = np.repeat(drawn(1, 1, 20, 4, np.float32), 7, axis=0)
    assert (bald(agreed) == 0).all()
    assert (vote_entropy(agreed) == 0).all()


def test_the_pool_may_be_larger_than_a_block_and_ties_go_by_rank() -> None:
    n = 4100
    members = np.full((2, n, 2), 0.5)
    members[0, -1], members[1, -1] = (1, 0), (0, 1)
    rank = np.arange(n)[::-1].copy()
    for name in ("bald", "vote_entropy"):
        spec = REGISTRY.strategy(name)
        query = Query(rank=rank, members=members)
        chosen = spec.create(spec.options()).select(query, Request(n=3), np.random.default_rng(0))
        assert chosen.positions.tolist() == [n - 1, n - 2, n - 3]
