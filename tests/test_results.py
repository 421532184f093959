"""What is said of an experiment in the store."""

from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.results import RANDOM, curves, outcomes, saved_text
from alcore.store import open_store
from alcore.worker import work
from fakes import EXPERIMENT, registry


def test_random_comes_first_and_everything_is_held_against_it() -> None:
    made, store = registry(), open_store()
    text = EXPERIMENT.replace('["random", "smallest_margin"]', '["entropy", "random"]')
    number = queue_experiment(store, parse_experiment(text, made), made)
    assert curves(store, number) == []
    work(store, made)
    random, entropy = outcomes(curves(store, number))
    assert random.is_random and random.saved is None and saved_text(random) == "baseline"
    assert entropy.saved is not None and entropy.saved.seeds == 2
    assert entropy.curve.labels.tolist() == [6, 16, 26, 31]
    assert outcomes([entropy.curve])[0].saved is None
    assert saved_text(outcomes([entropy.curve])[0]) == "no random run to compare with"


def test_the_baseline_has_the_name_of_the_built_in() -> None:
    assert registry().qualify("strategy", "random") == RANDOM
