"""Checks of query strategies: what every answer must be, whatever the definition.

n = 0 is never asked: `Request` refuses it.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from alcore.components import StrategySpec
from alcore.pipeline import check_selection
from alcore.strategies import Criterion
from alcore.testing.edge_cases import edge_case_checks
from alcore.testing.invariance import invariance_checks
from alcore.testing.pools import SEEDS, ask, make_pool, picks
from alcore.testing.report import require, run_checks
from alcore.testing.resources import resource_checks
from alcore.top_utility import criterion_spec

StrategyCheck = Callable[[StrategySpec], None]


def check_strategy(
    strategy: StrategySpec | Criterion, *, expected: Mapping[str, str] | None = None
) -> None:
    """Run all checks on a strategy made with its default options.

    Args:
        strategy: Its descriptor, or a criterion.
        expected: Name of a check that is known to fail -> why.

    Raises:
        ConformanceError: Naming each check that failed and why, and each that was expected to
            fail and passes.
    """
    spec = as_spec(strategy)
    run_checks(f"strategy {spec.name!r}", strategy_checks, spec, expected)


def as_spec(strategy: StrategySpec | Criterion) -> StrategySpec:
    """The descriptor, which for a criterion is that of the strategy it becomes."""
    return criterion_spec(strategy) if isinstance(strategy, Criterion) else strategy


def check_reads_only_what_it_declares(spec: StrategySpec) -> None:
    """A query with what `needs` names, and nothing else, is enough."""
    ask(spec, make_pool().query(spec.needs), 5)


def check_exactly_as_many_as_asked(spec: StrategySpec) -> None:
    """One or some of the pool: exactly that many, all different, all in the pool."""
    for n in (1, 2, 7, 20):
        check_selection(ask(spec, make_pool().query(), n), n=n, pool=41)


def check_whole_pool(spec: StrategySpec) -> None:
    """All that is left may be asked for, and may be one sample."""
    for n in (1, 2, 41):
        check_selection(ask(spec, make_pool(n).query(), n), n=n, pool=n)


def check_seed_is_honoured(spec: StrategySpec) -> None:
    """The same generator state gives the same answer, twice and from two objects."""
    first, again = (picks(spec, make_pool(), 9, seed=3) for _ in range(2))
    require(first == again, "two calls with the same seed chose different samples")


def check_global_random_state_is_untouched(spec: StrategySpec) -> None:
    """Neither reads nor moves the global generators of NumPy and of Python's `random`."""
    kept = np.random.get_state(), random.getstate()
    try:
        answers = []
        for seed in (1, 2):
            np.random.seed(seed)
            random.seed(seed)
            before = _global_states()
            answers.append(picks(spec, make_pool(), 9))
            require(before == _global_states(), "it moved a global generator")
    finally:
        np.random.set_state(kept[0])
        random.setstate(kept[1])
    require(answers[0] == answers[1], "its answer depends on a global generator")


def _global_states() -> list[object]:
    parts = np.random.get_state(legacy=True)
    return [random.getstate(), *(np.asarray(part).tolist() for part in parts)]


def check_inputs_are_untouched(spec: StrategySpec) -> None:
    """Inputs may be read-only, such as memory maps of files."""
    pool = make_pool()
    for array in vars(pool).values():
        array.flags.writeable = False
    ask(spec, pool.query(), 5)


def check_best_utilities_are_chosen(spec: StrategySpec) -> None:
    """Where it gives utilities, the batch has the highest, best first; a criterion gives them."""
    utilities = ask(spec, make_pool().query(), 10).utilities
    if utilities is None:
        require(spec.criterion is None, "a criterion must give utilities")
        return
    order = np.lexsort((np.arange(41), -np.asarray(utilities)))
    for n in (1, 10):
        require(
            picks(spec, make_pool(), n) == order[:n].tolist(),
            "its batch is not the top of its utilities; if these are no utilities, give None",
        )


def check_ties_go_by_rank(spec: StrategySpec) -> None:
    """Of equal samples those of the lowest rank are chosen, unless they are drawn at random."""
    pool = make_pool(12)
    equal = replace(pool.rows(np.zeros(12, dtype=np.int64)), rank=pool.rank[::-1].copy())
    answers = {tuple(sorted(picks(spec, equal, 4, seed=seed))) for seed in SEEDS}
    require(
        len(answers) > 1 or answers == {(8, 9, 10, 11)},
        "of equal samples it did not choose those of the lowest rank",
    )


strategy_checks: tuple[StrategyCheck, ...] = (
    check_reads_only_what_it_declares,
    check_exactly_as_many_as_asked,
    check_whole_pool,
    check_seed_is_honoured,
    check_global_random_state_is_untouched,
    check_inputs_are_untouched,
    check_best_utilities_are_chosen,
    check_ties_go_by_rank,
    *edge_case_checks,
    *invariance_checks,
    *resource_checks,
)
