"""A run whose labels, rounds and files agree, as a store after real work holds it."""

from collections.abc import Callable
from itertools import count

import numpy as np

from alcore.store import Store
from store.examples import add_dataset, add_runs, arrays, event, result


def add_whole_run(store: Store, rounds: int = 2) -> Callable[[], None]:
    """20 initial labels, then 5 a round; gives what adds the next round."""
    labels = np.arange(60) % 3
    ids = [f"sample-{i}" for i in range(60)]
    dataset_id = add_dataset(store, ids=ids, class_names=("a", "b", "c"), known_labels=labels)
    run = store.claim_run(add_runs(store), process="test")
    assert run is not None
    store.attach_dataset(run.id, dataset_id, token=run.token)
    numbers = count()

    def add_round() -> None:
        number = next(numbers)
        batch = range(20 + 5 * number, 25 + 5 * number)
        events = [event(i, 1, number) for i in batch]
        if number == 0:
            events = [event(i, 1, 0, source="initial") for i in range(20)] + events
        told = result(number, n_labelled=batch.start, batch_classes=(2, 0, 3))
        pictures = {i: b"\x89PNG of sample %d" % i for i in batch}
        store.commit_round(run.id, told, arrays(), events, pictures, token=run.token)

    for _ in range(rounds):
        add_round()
    return add_round
