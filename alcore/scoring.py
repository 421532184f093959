"""Criteria evaluated over a whole pool, block by block, in blocks that fit in the cache.

NumPy reduces the few classes of a row slowly and long columns fast, so a block with few
classes is first transposed into a small scratch area and handed to the formula in Fortran
order: a plain ``probabilities.max(axis=1)`` then runs several times faster. With many
classes the transposition costs more than it saves, and the formula gets the rows as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from alcore.errors import AlcoreError, UsageError
from alcore.strategies import Criterion
from alcore.types import FloatArray

FEW_CLASSES = 24
"""Up to here blocks are transposed, above they are not (the measured break-even)."""

# Measured too. Intermediates of 4 MB and more would get fresh pages from the system each time.
_FEW_BLOCK_BYTES = 2**19
_MANY_BLOCK_BYTES = 3 * 2**20
_RANGES_PER_THREAD = 2
_Result = TypeVar("_Result")


def score(
    criterion: Criterion,
    probabilities: FloatArray,
    *,
    threads: int = 1,
    ids: Sequence[str] | None = None,
) -> FloatArray:
    """The criterion's value of every sample, in the criterion's own direction.

    Args:
        criterion: Its formula is called with blocks of rows.
        probabilities: Shape (n, c); an array in any order or a memory map. float32 and float64
            reach the formula as they are, other numbers as float32 or float64.
        threads: Threads that share the blocks; the values do not depend on it.
        ids: Names of the samples for errors; row numbers, from 0, otherwise.

    Returns:
        Shape (n,), of the formula's own float type.

    Raises:
        UsageError: Not a table of numbers, or a value that is not finite; it is named.
        AlcoreError: The formula does not give one finite value per row.
    """
    table = as_table(probabilities)
    _, sample = next(scored_blocks(criterion, table, 0, len(table), ids=ids), (0, np.empty(0)))
    values = np.empty(len(table), dtype=sample.dtype)

    def fill(start: int, stop: int) -> None:
        for offset, block in scored_blocks(criterion, table, start, stop, ids=ids):
            values[offset : offset + len(block)] = block

    over_ranges(fill, table, threads)
    return values


def utilities(
    criterion: Criterion,
    probabilities: FloatArray,
    *,
    threads: int = 1,
    ids: Sequence[str] | None = None,
) -> FloatArray:
    """Like `score`, turned so that larger means "label this first"."""
    return turned(criterion, score(criterion, probabilities, threads=threads, ids=ids))


def turned(criterion: Criterion, values: FloatArray) -> FloatArray:
    """Values as utilities, or utilities as values: the sign is all that differs."""
    return values if criterion.direction == "max" else 0 - values


def as_table(probabilities: npt.ArrayLike) -> FloatArray:
    """The probabilities as a two-dimensional array of numbers, without copying or reading them.

    Raises:
        UsageError: Another number of dimensions, no columns, or not numbers.
    """
    table = np.asarray(probabilities)
    if table.ndim != 2 or table.shape[1] == 0:
        raise UsageError(
            "probabilities must be a table with one row per sample and one column per class, "
            f"not an array of shape {table.shape}"
        )
    if table.dtype.kind not in "fiub":
        raise UsageError(f"probabilities must be numbers, not values of type {table.dtype}")
    return table


def scored_blocks(
    criterion: Criterion,
    table: FloatArray,
    start: int,
    stop: int,
    *,
    ids: Sequence[str] | None = None,
) -> Iterator[tuple[int, FloatArray]]:
    """Values of rows start .. stop-1 in pieces, as (row of the first, values).

    `start` must be a multiple of `block_rows(table)`. The values of a piece are valid until
    the next one is asked for.
    """
    for offset, fresh, block in blocks(table, start, stop):
        # What a warning would say without naming a row, the check says with it.
        with np.errstate(all="ignore"):
            values = _one_per_row(criterion, block)
        if not np.isfinite(values).all():
            _refuse(criterion, block, values, offset + fresh - len(block), ids)
        yield offset, values[len(block) - fresh :]


def blocks(table: FloatArray, start: int, stop: int) -> Iterator[tuple[int, int, FloatArray]]:
    """Rows start .. stop-1 in blocks that fit in the cache, read-only, float32 or float64.

    Yields:
        Row of the first new sample, how many are new, and the block. The last block of the
        table repeats rows before it, so that all blocks are of one size and the last bits of
        a value do not depend on where the blocks end.
    """
    size = block_rows(table)
    block_of = _transposed(table, size) if _few_classes(table) else _rows(table)
    for offset in range(start, stop, size):
        last = min(offset + size, len(table))
        block = block_of(max(0, last - size), last)
        block.flags.writeable = False
        yield offset, last - offset, block


def block_rows(table: FloatArray) -> int:
    """How many rows a block of this table has, at most all of them."""
    budget = _FEW_BLOCK_BYTES if _few_classes(table) else _MANY_BLOCK_BYTES
    rows: int = budget // (table.shape[1] * _working_type(table).itemsize)
    return max(16, min(rows, len(table)))


def over_ranges(
    work: Callable[[int, int], _Result], table: FloatArray, threads: int
) -> list[_Result]:
    """Call `work(start, stop)` on ranges of whole blocks that cover the table, in order.

    Raises:
        UsageError: Fewer than one thread.
    """
    if threads < 1:
        raise UsageError(f"threads must be at least 1, not {threads}")
    if threads == 1:
        return [work(0, len(table))]
    from concurrent.futures import ThreadPoolExecutor

    size = block_rows(table)
    step = size * -(-len(table) // (size * threads * _RANGES_PER_THREAD)) or size
    starts = range(0, len(table), step)
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda start: work(start, min(start + step, len(table))), starts))


def _few_classes(table: FloatArray) -> bool:
    # A table already stored by columns is transposed by a plain copy, however many there are.
    return table.shape[1] <= FEW_CLASSES or table.flags.f_contiguous


def _working_type(table: FloatArray) -> np.dtype[np.floating]:
    small = table.dtype.kind == "f" and table.dtype.itemsize <= 4
    return np.dtype(np.float32 if small else np.float64)


def _transposed(table: FloatArray, size: int) -> Callable[[int, int], FloatArray]:
    scratch = np.empty((table.shape[1], min(size, len(table))), dtype=_working_type(table))

    def block_of(start: int, stop: int) -> FloatArray:
        np.copyto(scratch, table[start:stop].T, casting="same_kind")
        return scratch.T

    return block_of


def _rows(table: FloatArray) -> Callable[[int, int], FloatArray]:
    working_type = _working_type(table)
    return lambda start, stop: np.ascontiguousarray(table[start:stop], dtype=working_type)


def _one_per_row(criterion: Criterion, block: FloatArray) -> FloatArray:
    values = np.asarray(criterion(block))
    if values.shape != (len(block),) or values.dtype.kind not in "fiub":
        raise AlcoreError(
            f"criterion {criterion.name!r} must give one number per row, shape ({len(block)},), "
            f"but gave {values.dtype} of shape {values.shape}; reduce over axis=1"
        )
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _refuse(
    criterion: Criterion,
    block: FloatArray,
    values: FloatArray,
    first: int,
    ids: Sequence[str] | None,
) -> None:
    at = int(np.flatnonzero(~np.isfinite(values))[0])
    name = f"row {first + at}" if ids is None else f"sample {ids[first + at]!r}"
    found = f"{criterion.name} is {values[at]} for {name}"
    if np.isfinite(block[at]).all():
        raise AlcoreError(f"{found} though its probabilities are finite; the formula is at fault")
    raise UsageError(f"{found}, whose probabilities are not all finite; correct or remove it")


_FEW_BEST = 4


def top_k_values(probabilities: FloatArray, k: int) -> FloatArray:
    """The k largest values of every row in descending order; the helper of many criteria.

    Args:
        probabilities: Shape (n, c), any numbers.
        k: From 1 to c. Up to 4 it takes a few passes over the values, above that a sort.

    Returns:
        Shape (n, k). A row with NaN has NaN first.

    Raises:
        UsageError: k out of range.
    """
    table = as_table(probabilities)
    if not 1 <= k <= table.shape[1]:
        raise UsageError(f"k must be from 1 to {table.shape[1]}, the number of classes, not {k}")
    if table.dtype not in (np.float16, np.float32, np.float64):
        table = table.astype(np.float64)
    if k > _FEW_BEST:
        return np.sort(np.partition(table, -k, axis=1)[:, -k:], axis=1)[:, ::-1]
    by_rows = table.flags.c_contiguous and table.shape[1] > FEW_CLASSES
    return _best_of_rows(table, k) if by_rows else _best_of_columns(table, k)


def _best_of_columns(table: FloatArray, k: int) -> FloatArray:
    """Each column is dropped into the sorted best so far, whole columns at a time."""
    best = np.empty((k, len(table)), dtype=table.dtype)
    spare = np.empty((2, len(table)), dtype=table.dtype)
    for seen, column in enumerate(table.T):
        falling = column
        for place in range(min(seen, k)):
            if place < k - 1:
                np.minimum(best[place], falling, out=spare[place % 2])
            np.maximum(best[place], falling, out=best[place])
            falling = spare[place % 2]
        if seen < k:
            best[seen] = falling
    return best.T


def _best_of_rows(table: FloatArray, k: int) -> FloatArray:
    """Whole numbers are compared where that is right: it takes three quarters of the time.

    Floats that are not negative are ordered like their bits, inf and NaN above all others;
    one that is negative has the highest bit set, and shows in the result.
    """
    bits = table.view(f"u{table.itemsize}")
    best = _largest_in_turn(bits, k, 0)
    if best[0].max(initial=0) > np.iinfo(bits.dtype).max // 2:
        return _largest_in_turn(table, k, -np.inf).T
    return best.view(table.dtype).T


def _largest_in_turn(table: npt.NDArray[Any], k: int, least: float) -> npt.NDArray[Any]:
    """Each pass takes the largest of every row and blanks it; reduceat beats max(axis=1)."""
    starts = np.arange(0, table.size, table.shape[1])
    left = (table if k == 1 else table.copy()).reshape(-1)
    best = np.empty((k, len(table)), dtype=table.dtype)
    for place in range(k - 1):
        at = starts + left.reshape(table.shape).argmax(axis=1)
        best[place] = left[at]
        left[at] = least
    np.maximum.reduceat(left, starts, out=best[k - 1])
    return best
