"""Exact top-k: the k largest utilities, ties broken by rank, in one pass and little memory.

The answer is that of a full sort by (utility descending, rank ascending), whatever the
order in which the pool is seen, so pools may be cut, scored apart and merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alcore.budget import check_budget
from alcore.errors import UsageError
from alcore.scoring import as_table, over_ranges, scored_blocks, turned
from alcore.strategies import Criterion
from alcore.types import FloatArray, IntArray

_PIECE = 2**16
_SLACK = 4096


@dataclass(frozen=True, kw_only=True)
class Top:
    """The best samples, best first.

    Attributes:
        positions: Shape (k,), int64.
        utilities: Theirs, shape (k,).
    """

    positions: IntArray
    utilities: FloatArray


def top_k(utilities: FloatArray, k: int, rank: IntArray | None = None) -> IntArray:
    """Positions of the k largest utilities, the largest first.

    Args:
        utilities: Shape (n,), finite or infinite, not NaN.
        k: From 1 to n.
        rank: Shape (n,), all different; of equal utilities the lower rank comes first.
            None: the position.

    Returns:
        Shape (k,), int64.

    Raises:
        UsageError: k out of range, or a utility is NaN; its row is named.
    """
    check_budget(k, len(utilities))
    top = RunningTop(k)
    for start in range(0, len(utilities), _PIECE):
        stop = start + _PIECE
        part = None if rank is None else rank[start:stop]
        top.update(utilities[start:stop], offset=start, rank=part)
    return top.result().positions


def select_top(
    criterion: Criterion,
    probabilities: FloatArray,
    k: int,
    rank: IntArray | None = None,
    *,
    threads: int = 1,
    ids: Sequence[str] | None = None,
) -> Top:
    """The k samples a criterion would label first, without holding a value per sample.

    Args:
        criterion: As in `alcore.scoring.score`, and so are `probabilities` (n, c), `threads`
            and `ids`.
        k: From 1 to n.
        rank: As in `top_k`.

    Raises:
        UsageError: k out of range, or a value that is not finite; it is named.
        AlcoreError: The formula does not give one finite value per row.
    """
    table = as_table(probabilities)
    check_budget(k, len(table))

    def top_of(start: int, stop: int) -> RunningTop:
        top = RunningTop(k)
        for offset, values in scored_blocks(criterion, table, start, stop, ids=ids):
            part = None if rank is None else rank[offset : offset + len(values)]
            top.update(turned(criterion, values), offset=offset, rank=part)
        return top

    first, *others = over_ranges(top_of, table, threads)
    for other in others:
        first.merge(other)
    return first.result()


class RunningTop:
    """The best k of all samples seen so far; holds a small multiple of k of them.

    Updates and merges may come in any order: the result is the same.
    """

    def __init__(self, k: int) -> None:
        self._k = k
        self._kept = _Candidates(
            utilities=np.empty(0), positions=np.empty(0, np.int64), ranks=np.empty(0, np.int64)
        )
        self._waiting: list[_Candidates] = []
        self._n_waiting = 0
        self._cut: tuple[float, int] | None = None

    def update(
        self, utilities: FloatArray, *, offset: int = 0, rank: IntArray | None = None
    ) -> None:
        """See samples offset .. offset+m-1.

        Args:
            utilities: Theirs, shape (m,). They are copied.
            offset: Position of the first.
            rank: Theirs, shape (m,), different from those of all other samples; None: the
                position. All updates must give it, or none.

        Raises:
            UsageError: A utility is NaN; its row is named.
        """
        if not len(utilities):
            return
        highest = utilities.max()
        if np.isnan(highest):
            row = offset + int(np.isnan(utilities).argmax())
            raise UsageError(f"the utility of row {row} is NaN; utilities must be numbers")
        if self._cut is not None and highest < self._cut[0]:
            return
        rows = self._able_to_enter(utilities, offset, rank)
        if len(rows):
            positions = offset + rows
            ranks = positions if rank is None else rank[rows]
            self._add(_Candidates(utilities[rows], positions, ranks))

    def merge(self, other: "RunningTop") -> None:
        """See all that another one has seen."""
        for candidates in (other._kept, *other._waiting):
            self._add(candidates)

    def result(self) -> Top:
        """The best k, or all seen where they are fewer."""
        self._reduce()
        kept = self._kept
        order = np.lexsort((kept.ranks, -kept.utilities))
        return Top(positions=kept.positions[order], utilities=kept.utilities[order])

    def _able_to_enter(self, utilities: FloatArray, offset: int, rank: IntArray | None) -> IntArray:
        if self._cut is None:
            return np.arange(len(utilities))
        lowest, last = self._cut
        rows = (utilities >= lowest).nonzero()[0]
        # Of ties with the k-th only lower ranks get in, so constant scores cost no memory.
        ranks = offset + rows if rank is None else rank[rows]
        return rows[(utilities[rows] > lowest) | (ranks < last)]

    def _add(self, candidates: "_Candidates") -> None:
        self._waiting.append(candidates)
        self._n_waiting += len(candidates.utilities)
        if self._n_waiting > self._k + _SLACK:
            self._reduce()

    def _reduce(self) -> None:
        self._kept = _joined([self._kept, *self._waiting]).best(self._k)
        self._waiting, self._n_waiting = [], 0
        if len(self._kept.utilities) == self._k:
            lowest = self._kept.utilities.min()
            last = self._kept.ranks[self._kept.utilities == lowest].max()
            self._cut = (lowest, int(last))


@dataclass(frozen=True)
class _Candidates:
    utilities: FloatArray
    positions: IntArray
    ranks: IntArray

    def best(self, k: int) -> "_Candidates":
        """The best k in no particular order."""
        surplus = len(self.utilities) - k
        if surplus <= 0:
            return self
        lowest = np.partition(self.utilities, surplus)[surplus]
        above = np.flatnonzero(self.utilities > lowest)
        ties = np.flatnonzero(self.utilities == lowest)
        room = k - len(above)
        if room < len(ties):
            ties = ties[np.argpartition(self.ranks[ties], room - 1)[:room]]
        rows = np.concatenate([above, ties])
        return _Candidates(self.utilities[rows], self.positions[rows], self.ranks[rows])


def _joined(parts: Sequence[_Candidates]) -> _Candidates:
    filled = [part for part in parts if len(part.utilities)] or parts[:1]
    return _Candidates(
        np.concatenate([part.utilities for part in filled]),
        np.concatenate([part.positions for part in filled]),
        np.concatenate([part.ranks for part in filled]),
    )
