"""Faults found in published libraries, each in the smallest strategy that has it."""

from typing import Any

import numpy as np

from alcore.components import StrategySpec
from alcore.strategies import Criterion, Query
from alcore.top_utility import criterion_spec
from alcore.types import FloatArray, IntArray
from broken.case import Case, highest, spec, squared_distances


def _entropy(least: float) -> StrategySpec:
    def formula(p: FloatArray) -> Any:
        return -(p * np.log(np.maximum(p, least))).sum(axis=1)

    return criterion_spec(Criterion(name="entropy", direction="max", formula=formula))


libact_entropy = Case("check_one_hot_rows", broken=_entropy(0.0), good=_entropy(1e-30))


def _badge(
    *, argmax_subtracted: bool = True, forgets_picks: bool = False, factorised: bool = True
) -> StrategySpec:
    """Ash et al. 2020, Algorithm 1, with <g_i, g_j> = <a_i, a_j> <z_i, z_j>."""

    def badge(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        order = np.argsort(query.rank)
        a = query.probabilities[order].astype(np.float64)
        z = query.embeddings[order].astype(np.float64)
        if argmax_subtracted:
            a[np.arange(len(a)), a.argmax(axis=1)] -= 1
        if not factorised:
            g = (a[:, :, None] * z[:, None, :]).reshape(len(a), -1)
        norms = (a**2).sum(axis=1) * (z**2).sum(axis=1)
        nearest, free = np.full(len(a), np.inf), np.ones(len(a))
        picks = [int(norms.argmax())]
        while len(picks) < n:
            last = picks[-1]
            free[last] = 0
            products = (a @ a[last]) * (z @ z[last]) if factorised else g @ g[last]
            distances = norms + norms[last] - 2 * products
            nearest = np.minimum(nearest, np.where(distances < 1e-9, 0, distances))
            weights = nearest if forgets_picks else nearest * free
            if not weights.any():
                weights = free
                nearest = np.full(len(a), np.inf) if forgets_picks else nearest
            picks.append(int(rng.choice(len(a), p=weights / weights.sum())))
        return order[picks]

    return spec(badge, "probabilities", "embeddings")


_BADGE = _badge()

scikit_activeml_badge = Case(
    "check_duplicates_in_the_pool", broken=_badge(forgets_picks=True), good=_BADGE
)
# A wrong gradient needs no reference to be seen: -p where p - onehot(argmax p) is meant is
# longest for the samples that the model is certain of, where the right one is 0.
small_text_badge = Case(
    "check_the_uncertain_one_is_chosen", broken=_badge(argmax_subtracted=False), good=_BADGE
)
scikit_activeml_badge_memory = Case(
    "check_memory_for_the_classes", broken=_badge(factorised=False), good=_BADGE
)


def _half_far_half_drawn(more: int) -> StrategySpec:
    def lightweight_coreset(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        order = np.argsort(query.rank)
        x = query.embeddings[order]
        by_distance = order[np.argsort(-squared_distances(x, x.mean(axis=0)), kind="stable")]
        far, others = by_distance[: n // 2], by_distance[n // 2 :]
        size = min(n - len(far) + more, len(others))
        return np.concatenate([far, rng.choice(others, size=size, replace=False)])

    return spec(lightweight_coreset, "embeddings")


small_text_coreset = Case(
    "check_exactly_as_many_as_asked", broken=_half_far_half_drawn(1), good=_half_far_half_drawn(0)
)


def densest(*, rounded_up: bool = True, exact_up_to: int | None = 20_000) -> StrategySpec:
    """Most neighbours within a radius, counted block by block."""
    block = 64

    def coverage(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        x = query.embeddings.astype(np.float64)
        neighbours = np.zeros(len(x))
        for i in range(len(x) // block + rounded_up):
            rows = x[i * block : (i + 1) * block]
            distances = (rows**2).sum(axis=1)[:, None] + (x**2).sum(axis=1) - 2 * rows @ x.T
            neighbours[i * block : (i + 1) * block] = (distances < 6).sum(axis=1)
        return highest(neighbours, query, n)

    return spec(coverage, "embeddings", exact_up_to=exact_up_to)


DENSEST = densest()

typiclust_prob_cover = Case(
    "check_every_place_can_be_chosen",
    broken=densest(rounded_up=False),
    good=DENSEST,
)


def _least_confidence(choose: Any) -> StrategySpec:
    def least_confidence(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        return choose(1 - query.probabilities.max(axis=1).astype(np.float64), query, n)

    return spec(least_confidence, "probabilities")


def _one_row_per_pick(utilities: FloatArray, query: Query, n: int) -> IntArray:
    table = np.tile(utilities, (n, 1))
    for pick in range(n - 1):
        table[pick + 1 :, table[pick].argmax()] = -1
    return table.argmax(axis=1)


scikit_activeml_simple_batch = Case(
    "check_memory_for_pool_and_batch",
    broken=_least_confidence(_one_row_per_pick),
    good=_least_confidence(highest),
)


def _k_center(*, all_distances: bool) -> StrategySpec:
    def k_center(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        order = np.argsort(query.rank)
        x = query.embeddings[order]
        if all_distances:
            table = (x**2).sum(axis=1)[:, None] + (x**2).sum(axis=1) - 2 * x @ x.T
        nearest, free = np.full(len(x), np.inf), np.ones(len(x), dtype=bool)
        picks = [0]
        while len(picks) < n:
            last = picks[-1]
            distances = table[last] if all_distances else squared_distances(x, x[last])
            free[last] = False
            nearest = np.minimum(nearest, distances)
            picks.append(int(np.where(free, nearest, -np.inf).argmax()))
        return order[picks]

    return spec(k_center, "embeddings")


core_set_of_all_pairs = Case(
    "check_memory_for_pool_and_batch",
    broken=_k_center(all_distances=True),
    good=_k_center(all_distances=False),
)


def _random(generator: Any) -> StrategySpec:
    def drawn(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        return np.argsort(query.rank)[generator(rng).permutation(len(query.rank))[:n]]

    return spec(drawn)


_SEEDED = _random(lambda rng: rng)

small_text_seed = Case(
    "check_seed_is_honoured",
    broken=_random(lambda rng: np.random.RandomState()),
    good=_SEEDED,
)
global_seed = Case(
    "check_global_random_state_is_untouched",
    broken=_random(lambda rng: np.random),
    good=_SEEDED,
)

KNOWN = (
    libact_entropy,
    scikit_activeml_badge,
    small_text_badge,
    scikit_activeml_badge_memory,
    small_text_coreset,
    typiclust_prob_cover,
    scikit_activeml_simple_batch,
    core_set_of_all_pairs,
    small_text_seed,
    global_seed,
)
