"""What one process has read and need not read again, because the store only ever adds to it."""

from collections.abc import Sequence
from threading import Lock

from alcore.rounds import RoundResult

MOST_ROUNDS = 20_000
"""About 130 MB of rounds with ten classes."""


class KnownRounds:
    """Rounds by run: a committed round never changes. May be shared by threads."""

    def __init__(self, most: int = MOST_ROUNDS) -> None:
        self._most = most
        self._of_run: dict[int, tuple[RoundResult, ...]] = {}
        self._lock = Lock()

    def get(self, run_id: int, count: int) -> tuple[RoundResult, ...] | None:
        """The rounds of a run that has so many of them; None where they have to be read."""
        found = self._of_run.get(run_id, ())
        return found if len(found) == count else None

    def add(self, run_id: int, results: Sequence[RoundResult]) -> None:
        """Keep these for the next time; the runs added longest ago make room."""
        with self._lock:
            self._of_run.pop(run_id, None)
            self._of_run[run_id] = tuple(results)
            while sum(map(len, self._of_run.values())) > self._most:
                del self._of_run[next(iter(self._of_run))]
