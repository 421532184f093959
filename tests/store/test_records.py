"""The states of a run."""

from alcore.store.records import NEXT, RunState, states_before


def test_four_states_are_the_end() -> None:
    over = {state for state in RunState if state.is_over}
    assert over == {RunState.STOPPED, RunState.FAILED, RunState.DONE}


def test_every_state_can_be_reached_and_nothing_leads_back_to_created() -> None:
    assert set(NEXT) == set(RunState)
    assert [state for state in RunState if not states_before(state)] == [RunState.CREATED]


def test_states_before_is_the_inverse_of_next() -> None:
    for state in RunState:
        assert all((state in NEXT[other]) == (other in states_before(state)) for other in RunState)
