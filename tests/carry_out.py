"""What a worker does, in this process and for components of a test."""

from alcore.errors import RunStopped
from alcore.execution import Step, perform
from alcore.plugins import Registry
from alcore.store import Order, RunRecord, RunState, Store


def carry_out(store: Store, registry: Registry) -> dict[RunState, int]:
    """Play all that waits; gives how many runs ended in which state."""
    ended: dict[RunState, int] = {}
    while (run := store.claim_run(process="test")) is not None:
        state = play(store, registry, run)
        ended[state] = ended.get(state, 0) + 1
    return ended


def play(store: Store, registry: Registry, run: RunRecord) -> RunState:
    """Play one claimed run; every step asks whether to stop."""

    def report(step: Step) -> None:
        where = (step.round, step.step, step.fraction, step.eta_seconds)
        if store.beat(run.id, run.token, *where) is not Order.GO_ON:
            raise RunStopped("asked to stop")

    outcome = perform(store, registry, run, report)
    store.finish(run.id, outcome.state, outcome.error, outcome.traceback, token=run.token)
    return outcome.state
