"""Checks of query strategies."""

from collections.abc import Callable

import numpy as np

from alcore.components import StrategySpec
from alcore.runs import check_selection
from alcore.strategies import Criterion, Query, Request, Selection, Strategy
from alcore.testing.report import require, run_checks
from alcore.top_utility import criterion_spec
from alcore.types import FloatArray

StrategyCheck = Callable[[StrategySpec], None]


def check_strategy(strategy: StrategySpec | Criterion) -> None:
    """Run all checks on a strategy.

    Raises:
        ConformanceError: Naming each check that failed and why.
    """
    spec = criterion_spec(strategy) if isinstance(strategy, Criterion) else strategy
    run_checks(f"strategy {spec.name!r}", strategy_checks, spec)


def _make(spec: StrategySpec) -> Strategy:
    made: Strategy = spec.create(spec.options())
    return made


def _probabilities(n: int, c: int = 4) -> FloatArray:
    drawn = np.random.default_rng(7).dirichlet(np.ones(c), size=n)
    return drawn.astype(np.float32)


def _select(spec: StrategySpec, probabilities: FloatArray, n: int, *, seed: int = 0) -> Selection:
    query = Query(probabilities=probabilities, rank=np.arange(len(probabilities), dtype=np.int64))
    return _make(spec).select(query, Request(n=n), np.random.default_rng(seed))


def check_exactly_as_many_as_asked(spec: StrategySpec) -> None:
    """1, some and all of the pool: exactly that many, all different, all in the pool."""
    for n in (1, 7, 40):
        check_selection(_select(spec, _probabilities(40), n), n=n, pool=40)


def check_pool_of_one(spec: StrategySpec) -> None:
    """A pool of one sample gives that sample."""
    chosen = _select(spec, _probabilities(1), 1)
    require(chosen.positions.tolist() == [0], f"chose {chosen.positions.tolist()}, not [0]")


def check_seed_is_honoured(spec: StrategySpec) -> None:
    """The same generator state gives the same answer, twice and from two objects."""
    first = _select(spec, _probabilities(40), 9, seed=3)
    again = _select(spec, _probabilities(40), 9, seed=3)
    require(
        first.positions.tolist() == again.positions.tolist(),
        "two calls with the same seed chose different samples",
    )


def check_global_random_state_is_untouched(spec: StrategySpec) -> None:
    """Neither reads nor moves NumPy's global generator."""
    kept = np.random.get_state()
    try:
        np.random.seed(1)
        first = _select(spec, _probabilities(40), 9)
        moved = _global_state()
        np.random.seed(1)
        still = _global_state()
        np.random.seed(2)
        second = _select(spec, _probabilities(40), 9)
    finally:
        np.random.set_state(kept)
    require(moved == still, "it moved NumPy's global generator")
    require(
        first.positions.tolist() == second.positions.tolist(),
        "its answer depends on NumPy's global generator",
    )


def _global_state() -> list[object]:
    return [np.asarray(part).tolist() for part in np.random.get_state(legacy=True)]


def check_inputs_are_untouched(spec: StrategySpec) -> None:
    """Probabilities and ranks are as before, and may be read-only."""
    probabilities, rank = _probabilities(40), np.arange(40, dtype=np.int64)
    before = probabilities.copy()
    probabilities.flags.writeable = rank.flags.writeable = False
    query = Query(probabilities=probabilities, rank=rank)
    _make(spec).select(query, Request(n=5), np.random.default_rng(0))
    require(np.array_equal(before, probabilities), "it changed the probabilities")
    require(np.array_equal(rank, np.arange(40)), "it changed the ranks")


def check_zero_probabilities(spec: StrategySpec) -> None:
    """One-hot rows are no trouble: no warning, finite utilities, and no favour either."""
    probabilities = np.vstack([np.eye(4), np.full((1, 4), 0.25)]).astype(np.float32)
    with np.errstate(all="raise"):
        chosen = _select(spec, probabilities, 1)
    if chosen.utilities is None:
        return
    require(np.isfinite(chosen.utilities).all(), f"utilities {chosen.utilities} are not all finite")
    if spec.criterion is not None:
        require(
            chosen.positions[0] == 4, "a certain sample was preferred to a uniform distribution"
        )


def check_ties_go_by_rank(spec: StrategySpec) -> None:
    """Where utilities are equal, the canonical order decides."""
    probabilities = np.full((12, 3), 1 / 3, dtype=np.float32)
    rank = np.arange(12, dtype=np.int64)[::-1].copy()
    query = Query(probabilities=probabilities, rank=rank)
    chosen = _make(spec).select(query, Request(n=4), np.random.default_rng(0))
    check_selection(chosen, n=4, pool=12)
    if chosen.utilities is not None and spec.criterion is not None:
        require(
            chosen.positions.tolist() == [11, 10, 9, 8],
            f"of equal samples it chose {chosen.positions.tolist()}, not those ranked first",
        )


def check_best_utilities_are_chosen(spec: StrategySpec) -> None:
    """A criterion's batch has the highest utilities, best first."""
    if spec.criterion is None:
        return
    chosen = _select(spec, _probabilities(40), 10)
    utilities = chosen.utilities
    require(utilities is not None, "a criterion must give utilities")
    if utilities is not None:
        order = np.lexsort((np.arange(40), -utilities))[:10]
        require(
            chosen.positions.tolist() == order.tolist(), "its batch is not the top of its utilities"
        )


def check_float64_is_accepted(spec: StrategySpec) -> None:
    """Probabilities may be float64 and need not be contiguous."""
    probabilities = np.asfortranarray(_probabilities(40).astype(np.float64))
    check_selection(_select(spec, probabilities, 5), n=5, pool=40)


strategy_checks: tuple[StrategyCheck, ...] = (
    check_exactly_as_many_as_asked,
    check_pool_of_one,
    check_seed_is_honoured,
    check_global_random_state_is_untouched,
    check_inputs_are_untouched,
    check_zero_probabilities,
    check_ties_go_by_rank,
    check_best_utilities_are_chosen,
    check_float64_is_accepted,
)
