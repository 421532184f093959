"""Checks of query strategies for what they take: memory beyond their inputs, and time."""

import time
import tracemalloc

from alcore.components import StrategySpec
from alcore.testing.pools import Pool, ask, make_pool
from alcore.testing.report import require

_MEGABYTE = 2**20
_FREE = 8 * _MEGABYTE
_PER_INPUT = 4
_TRIES = 5
_GROWTH = 24.0
_UNMEASURABLE = 0.005


def check_memory_for_pool_and_batch(spec: StrategySpec) -> None:
    """No n x n and no n x batch numbers: twice both takes no more than three times the memory.

    8 MB and 4 times what it declares to read are always fine. What is kept up to a fixed size,
    as blocks are, may have 64 MB.
    """
    n = min(6000, spec.exact_up_to or 6000)
    # Few numbers a sample, so that little else is there.
    small, large = (make_pool(m, classes=3, width=4, members=3) for m in (n // 2, n))
    _require_linear(spec, (small, n // 25 or 1), (large, 2 * n // 25 or 1))


def check_memory_for_the_classes(spec: StrategySpec) -> None:
    """No n x (c * d) numbers: twice c and d takes no more than three times the memory.

    8 MB and 4 times what it declares to read are always fine.
    """
    n = min(2000, spec.exact_up_to or 2000)
    small, large = (make_pool(n, classes=size, width=size) for size in (40, 80))
    _require_linear(spec, (small, n // 100 or 1), (large, n // 100 or 1))


def _require_linear(spec: StrategySpec, small: tuple[Pool, int], large: tuple[Pool, int]) -> None:
    pool, n = large
    ask(spec, make_pool().query(), 1)  # imports are no part of it
    peak = _peak(spec, pool, n)
    inputs = sum(getattr(pool, name).nbytes for name in ("rank", *spec.needs))
    if peak <= _FREE + _PER_INPUT * inputs:
        return
    before = _peak(spec, *small)
    require(
        peak <= 3 * before,
        f"it takes {peak / _MEGABYTE:.0f} MB for {n} of {len(pool.rank)} samples and "
        f"{before / _MEGABYTE:.0f} MB for half as much; that will not do for a large pool",
    )


def _peak(spec: StrategySpec, pool: Pool, n: int) -> int:
    """Bytes that were allocated at most, beyond those before."""
    is_mine = not tracemalloc.is_tracing()
    if is_mine:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        ask(spec, pool.query(), n)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if is_mine:
            tracemalloc.stop()


def check_time_grows_with_the_pool(spec: StrategySpec) -> None:
    """Eight times the pool takes at most 24 times as long, unless `exact_up_to` bounds it."""
    if spec.exact_up_to is not None:
        return
    small, large = make_pool(1000, width=16), make_pool(8000, width=16)
    # The best of several, as what else runs only makes it slower; of the small pool at once, as
    # a single slow one would let anything pass.
    best_small, best_large = min(_seconds(spec, small) for _ in range(_TRIES)), float("inf")
    for _ in range(_TRIES):
        best_large = min(best_large, _seconds(spec, large))
        if best_large <= _GROWTH * best_small + _UNMEASURABLE:
            return
    raise AssertionError(
        f"1000 samples take {best_small:.3f} s and 8000 take {best_large:.3f} s, which is "
        f"{best_large / best_small:.0f} times as long; say exact_up_to where that must be"
    )


def _seconds(spec: StrategySpec, pool: Pool) -> float:
    start = time.perf_counter()
    ask(spec, pool.query(), 20)
    return time.perf_counter() - start


resource_checks = (
    check_memory_for_pool_and_batch,
    check_memory_for_the_classes,
    check_time_grows_with_the_pool,
)
