"""What a process keeps of what it has read."""

from alcore.store.known import KnownRounds
from store.examples import result


def test_rounds_are_known_as_long_as_there_are_no_more() -> None:
    known = KnownRounds()
    assert known.get(1, 0) == ()
    assert known.get(1, 2) is None
    known.add(1, [result(0), result(1)])
    assert known.get(1, 2) == (result(0), result(1))
    assert known.get(1, 3) is None


def test_the_runs_added_longest_ago_make_room() -> None:
    known = KnownRounds(most=3)
    for run_id in (1, 2, 3):
        known.add(run_id, [result(0)])
    known.add(1, [result(0), result(1)])
    assert [known.get(run_id, n) is None for run_id, n in ((1, 2), (2, 1), (3, 1))] == [
        False,
        True,
        False,
    ]
