"""Checks of query strategies on pools that are degenerate but happen."""

from dataclasses import replace

import numpy as np

from alcore.components import StrategySpec
from alcore.testing.pools import make_pool, require_batches


def check_one_hot_rows(spec: StrategySpec) -> None:
    """A model may be certain, or its members of different opinions: 0 ln 0 is 0."""
    pool = make_pool()
    certain = np.eye(4, dtype=np.float32)
    require_batches(
        spec,
        replace(
            pool,
            probabilities=certain[pool.probabilities.argmax(axis=1)],
            members=certain[pool.members.argmax(axis=2)],
        ),
    )


def check_constant_probabilities(spec: StrategySpec) -> None:
    """A model may say the same of every sample."""
    pool = make_pool()
    same = np.full_like(pool.probabilities, 0.25)
    require_batches(
        spec, replace(pool, probabilities=same, members=np.full_like(pool.members, 0.25))
    )


def check_duplicates_in_the_pool(spec: StrategySpec) -> None:
    """Exact duplicates are samples like others: none is chosen twice, however many are asked."""
    pool = make_pool(5).copies(np.arange(40, dtype=np.int64) % 5)
    require_batches(spec, pool)
    # As if one of them had been labelled before.
    require_batches(spec, replace(pool, labelled_embeddings=pool.embeddings[:3]))


def check_equal_embeddings(spec: StrategySpec) -> None:
    """All samples, those with a label too, may lie in one place, and that may be 0."""
    for value in (0.0, 1.0):
        pool = make_pool()
        here, labelled = np.full_like(pool.embeddings, value), pool.labelled_embeddings
        there = np.full_like(labelled, value)
        require_batches(spec, replace(pool, embeddings=here, labelled_embeddings=there))


def check_embeddings_of_one_dimension(spec: StrategySpec) -> None:
    """Rows of one number, d = 1, are embeddings too."""
    require_batches(spec, make_pool(width=1))


def check_nothing_is_labelled(spec: StrategySpec) -> None:
    """The embeddings of the labelled may have no row, or one."""
    for labelled in (0, 1):
        require_batches(spec, make_pool(labelled=labelled))


def check_few_members(spec: StrategySpec) -> None:
    """A committee may have two members, or one."""
    for members in (1, 2):
        require_batches(spec, make_pool(members=members))


edge_case_checks = (
    check_one_hot_rows,
    check_constant_probabilities,
    check_duplicates_in_the_pool,
    check_equal_embeddings,
    check_embeddings_of_one_dimension,
    check_nothing_is_labelled,
    check_few_members,
)
