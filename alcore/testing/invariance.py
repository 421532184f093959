"""Checks of query strategies by what must not matter, and by what must."""

from dataclasses import replace

import numpy as np

from alcore.components import StrategySpec
from alcore.testing.pools import Pool, ask, draws, make_pool, picks
from alcore.testing.report import require

_POOLS = 25


def check_order_of_the_pool(spec: StrategySpec) -> None:
    """Shuffling the pool together with its ranks changes neither samples nor their order."""
    copies = make_pool(20).copies(np.arange(40, dtype=np.int64) % 20)
    for pool in (make_pool(), copies):
        order = np.random.default_rng(2).permutation(len(pool.rank))
        shuffled = order[picks(spec, pool.rows(order), 9)].tolist()
        first = picks(spec, pool, 9)
        require(
            first == shuffled,
            f"it chose {first}, and {shuffled} when the pool came in another order; go by rank",
        )


def check_order_of_the_classes(spec: StrategySpec) -> None:
    """Naming the classes in another order changes nothing, unless samples are drawn at random."""
    pool, order = make_pool(), np.array([2, 0, 3, 1])
    renamed = replace(
        pool, probabilities=pool.probabilities[:, order], members=pool.members[:, :, order]
    )
    _require_same(spec, pool, renamed, "the classes came in another order")


def check_order_of_the_members(spec: StrategySpec) -> None:
    """The members of a committee are equals, unless samples are drawn at random."""
    pool = make_pool()
    _require_same(
        spec, pool, replace(pool, members=pool.members[::-1]), "the members came in another order"
    )


def _require_same(spec: StrategySpec, pool: Pool, other: Pool, when: str) -> None:
    first, second = picks(spec, pool, 9), picks(spec, other, 9)
    require(first == second or draws(spec, pool, 9), f"it chose {first}, and {second} when {when}")


def check_type_of_the_numbers(spec: StrategySpec) -> None:
    """float32 or float64, by rows or by columns: the same numbers, the same samples."""
    pool = make_pool()
    wide = {
        name: np.asfortranarray(array.astype(np.float64))
        for name, array in vars(pool).items()
        if name != "rank"
    }
    first, second = picks(spec, pool, 9), picks(spec, replace(pool, **wide), 9)
    require(first == second, f"it chose {first} of float32 numbers and {second} of float64 ones")


def check_every_place_can_be_chosen(spec: StrategySpec) -> None:
    """The last sample and the first are chosen now and then; no block of the pool is left out.

    The pools are drawn: each place is as good as another and chosen in half of them.
    """
    chosen = [False, False]
    for seed in range(_POOLS):
        pool = make_pool(37 + 2 * (seed % 4), members=7, seed=100 + seed)
        last = len(pool.rank) - 1
        positions = picks(spec, pool, last // 2, seed=seed)
        chosen = [chosen[0] or 0 in positions, chosen[1] or last in positions]
    for place, seen in zip(("first", "last"), chosen, strict=True):
        require(seen, f"the {place} sample was chosen in none of {_POOLS} random pools")


def check_the_uncertain_one_is_chosen(spec: StrategySpec) -> None:
    """Who reads probabilities or members prefers the only sample that is in doubt.

    It is the last, and as far from every other sample as these are from each other.
    """
    if not spec.needs & {"probabilities", "members"}:
        return
    n, classes = 12, 4
    certain = (0.96 * np.eye(classes) + 0.01).astype(np.float32)
    places = np.eye(n + 1, dtype=np.float32)
    opinions = np.tile(np.arange(n) % classes, (classes, 1))
    opinions[:, -1] = np.arange(classes)
    members = certain[opinions]
    pool = Pool(
        rank=np.arange(n, dtype=np.int64),
        probabilities=members.mean(axis=0),
        embeddings=places[:n],
        labelled_embeddings=places[n:],
        members=members,
    )
    first = ask(spec, pool.query(), 1).positions[0]
    require(first == n - 1, f"it chose sample {first}, which is certain, not {n - 1}, which is not")


invariance_checks = (
    check_order_of_the_pool,
    check_order_of_the_classes,
    check_order_of_the_members,
    check_type_of_the_numbers,
    check_every_place_can_be_chosen,
    check_the_uncertain_one_is_chosen,
)
