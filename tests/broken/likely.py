"""Faults that are easily made; with `known`, one for every check of strategies."""

import random
from typing import Any

import numpy as np

from alcore.components import StrategySpec
from alcore.strategies import Query, Selection
from alcore.types import FloatArray, IntArray
from broken.case import Case, highest, spec, squared_distances
from broken.known import DENSEST, densest


def _gini(utilities: Any = lambda p: 1 - (p**2).sum(axis=1), choose: Any = highest) -> StrategySpec:
    def gini(query: Query, n: int, rng: np.random.Generator) -> Selection:
        values = np.round(utilities(query.probabilities.astype(np.float64)), 12)
        return Selection(positions=choose(values, query, n), utilities=values)

    return spec(gini, "probabilities")


_GINI = _gini()


def _standardised(p: FloatArray) -> Any:
    values = 1 - (p**2).sum(axis=1)
    return (values - values.mean()) / values.std()


def _centrality(read: Any = lambda query: query.embeddings) -> StrategySpec:
    """Nearest to the mean, in units of each dimension."""

    def centrality(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        x = read(query).astype(np.float64)
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
        return highest(-np.round((x**2).sum(axis=1), 9), query, n)

    return spec(centrality, "embeddings")


_CENTRALITY = _centrality()


def _whitened(query: Query) -> Any:
    return query.embeddings / query.embeddings.std(axis=0)


def _in_place(query: Query) -> FloatArray:
    x = query.embeddings
    x -= x.mean(axis=0)
    return x


def _novelty(*, empty_is_fine: bool) -> StrategySpec:
    """Farthest from all that is labelled."""

    def novelty(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        x, labelled = query.embeddings, query.labelled_embeddings
        to_each = [squared_distances(x, row) for row in labelled]
        if empty_is_fine and not to_each:
            to_each = [np.zeros(len(x))]
        return highest(np.min(to_each, axis=0), query, n)

    return spec(novelty, "embeddings", "labelled_embeddings")


def _committee(disagreement: Any) -> StrategySpec:
    def committee(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        values = np.round(disagreement(query.members.astype(np.float64)), 9)
        return highest(values, query, n)

    return spec(committee, "members")


def _variance(members: FloatArray) -> Any:
    return members.var(axis=0).sum(axis=1)


_COMMITTEE = _committee(_variance)


def _shuffled(shuffle: Any) -> StrategySpec:
    def shuffled(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        order = np.argsort(query.rank).tolist()
        shuffle(rng, order)
        return np.array(order[:n])

    return spec(shuffled)


def _from_anywhere(*, by_rank: bool) -> StrategySpec:
    """Nearest to a sample that is drawn."""

    def near(query: Query, n: int, rng: np.random.Generator) -> IntArray:
        drawn = rng.integers(len(query.rank))
        start = np.argsort(query.rank)[drawn] if by_rank else drawn
        return highest(-squared_distances(query.embeddings, query.embeddings[start]), query, n)

    return spec(near, "embeddings")


LIKELY = (
    Case(
        "check_reads_only_what_it_declares",
        broken=_centrality(
            lambda query: query.embeddings * query.probabilities.max(axis=1)[:, None]
        ),
        good=_CENTRALITY,
    ),
    Case(
        "check_whole_pool",
        broken=_gini(choose=lambda u, query, n: np.argpartition(-u, n)[:n]),
        good=_GINI,
    ),
    Case(
        "check_global_random_state_is_untouched",
        broken=_shuffled(lambda rng, order: random.shuffle(order)),
        good=_shuffled(lambda rng, order: rng.shuffle(order)),
    ),
    Case("check_inputs_are_untouched", broken=_centrality(_in_place), good=_CENTRALITY),
    Case(
        "check_best_utilities_are_chosen",
        broken=_gini(choose=lambda u, query, n: highest(-u, query, n)),
        good=_GINI,
    ),
    Case(
        "check_ties_go_by_rank",
        broken=_gini(choose=lambda u, query, n: np.argsort(-u, kind="stable")[:n]),
        good=_GINI,
    ),
    Case("check_constant_probabilities", broken=_gini(_standardised), good=_GINI),
    Case("check_equal_embeddings", broken=_centrality(_whitened), good=_CENTRALITY),
    Case(
        "check_embeddings_of_one_dimension",
        broken=_centrality(lambda query: query.embeddings.squeeze()),
        good=_CENTRALITY,
    ),
    Case(
        "check_nothing_is_labelled",
        broken=_novelty(empty_is_fine=False),
        good=_novelty(empty_is_fine=True),
    ),
    Case(
        "check_few_members",
        broken=_committee(lambda members: members.var(axis=0, ddof=1).sum(axis=1)),
        good=_COMMITTEE,
    ),
    Case(
        "check_order_of_the_pool",
        broken=_from_anywhere(by_rank=False),
        good=_from_anywhere(by_rank=True),
    ),
    Case(
        "check_order_of_the_classes",
        broken=_gini(lambda p: 0.5 - np.abs(p[:, 0] - 0.5)),
        good=_GINI,
    ),
    Case(
        "check_order_of_the_members",
        broken=_committee(lambda m: ((m - m[0]) ** 2).sum(axis=(0, 2))),
        good=_COMMITTEE,
    ),
    Case(
        "check_type_of_the_numbers",
        broken=_centrality(
            lambda query: query.embeddings.ravel().view(np.float32).reshape(len(query.rank), -1)
        ),
        good=_CENTRALITY,
    ),
    Case(
        "check_time_grows_with_the_pool",
        broken=densest(exact_up_to=None),
        good=DENSEST,
    ),
)
