"""Ending a command in an orderly way when it is told to stop."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Give a check that raises KeyboardInterrupt once Ctrl-C or SIGTERM has come.

    To be called between two steps: raised at any moment, it could leave the store locked in
    the middle of a transaction. A second signal before that is raised at once.
    """
    asked = False

    def note(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    def check() -> None:
        nonlocal asked
        if asked:
            asked = False
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
