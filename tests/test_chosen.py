"""What the first batch bought, and the claims beside it."""

import numpy as np
import sqlalchemy as sa

from alcore.chosen import first_batches
from alcore.cli.claims import claims_table
from alcore.experiment import parse_experiment
from alcore.loading import load_dataset, make_run
from alcore.queueing import queue_experiment
from alcore.results import claims_of, duplicates_text, has_one_split, left_out_text
from alcore.store import open_store, schema
from carry_out import carry_out
from fakes import EXPERIMENT, Points, registry

CLAIMED = EXPERIMENT + '\n[claims]\nsource = "somebody"\nchosen_minus_test = -10\ngain = 1\n'


def test_the_numbers_are_those_of_the_same_run_played_by_hand() -> None:
    made, store = registry(), open_store()
    experiment = parse_experiment(CLAIMED, made)
    number = queue_experiment(store, experiment, made)
    assert first_batches(store, store.runs(number)) == []
    carry_out(store, made)
    stored = {
        (one.run.strategy, one.run.seed): one for one in first_batches(store, store.runs(number))
    }
    assert len(stored) == 4
    loaded, truth = load_dataset(experiment, made), Points().known_labels
    run = make_run(experiment, loaded, made, strategy="smallest_margin", seed=1)
    asked = run.ask() or ()
    positions = np.array([int(name.partition("-")[2]) for name in asked])
    run.tell({name: int(truth[p]) for name, p in zip(asked, positions, strict=True)})
    run.ask()
    run.tell({name: int(truth[int(name.partition("-")[2])]) for name in run.ask() or ()})
    one = stored["uncertainty/smallest_margin", 1]
    before, after = run.rounds[0], run.rounds[1]
    assert (one.n_labelled, one.n) == (6, 10)
    assert one.test_before == before.result.test.accuracy
    right = before.arrays.picks_probabilities.argmax(axis=1) == truth[before.arrays.picks]
    assert one.before == right.mean()
    learnt = after.arrays.learnt_probabilities.argmax(axis=1) == truth[after.arrays.learnt]
    assert one.after == learnt.mean()
    assert one.gain == after.result.test.accuracy - one.test_before


def test_claims_stand_beside_what_was_measured_and_training_data_is_called_so() -> None:
    made, store = registry(), open_store()
    experiment = parse_experiment(CLAIMED, made)
    number = queue_experiment(store, experiment, made)
    carry_out(store, made)
    text = claims_table(store, number, experiment)
    found = [
        one for one in first_batches(store, store.runs(number)) if "margin" in one.run.strategy
    ]
    assert "uncertainty/smallest_margin, mean of 2 seeds; claims: somebody" in text
    assert "uncertainty/random" not in text
    gain = 50 * sum(one.gain for one in found)
    assert f"{gain:+.1f} points (sd " in text
    assert "claimed -10.0" in text and "claimed +1.0" in text
    assert "the 10 chosen, now training data" in text
    assert "the 20 least confident of seed 0 at first:" in text and "point-" in text
    assert claims_table(store, number, parse_experiment(EXPERIMENT, made)) == ""


def test_a_stored_experiment_says_what_is_claimed_and_whether_its_split_is_one() -> None:
    made, store = registry(), open_store()
    plain = queue_experiment(store, parse_experiment(EXPERIMENT, made), made)
    text = CLAIMED.replace("[splits]", '[splits]\norder = "source"')
    other = queue_experiment(store, parse_experiment(text, made), made)
    assert claims_of(store.experiment(plain)) is None
    claims = claims_of(store.experiment(other))
    assert claims is not None and (claims.chosen_minus_test, claims.gain) == (-10.0, 1.0)
    assert not has_one_split(store.experiment(plain)) and has_one_split(store.experiment(other))


def test_near_identical_pairs_are_told_once_a_run_has_counted_them() -> None:
    made, store = registry(), open_store()
    number = queue_experiment(store, parse_experiment(EXPERIMENT, made), made)
    carry_out(store, made)
    runs = store.runs(number)
    assert duplicates_text(runs) == ""
    for across, run in enumerate(runs[:2], start=1):
        facts = {"left_out": 7, "identical_pairs": 3, "near_pairs": 17, "pairs_across_test": across}
        with store._database.write() as connection:
            connection.execute(sa.update(schema.runs).filter_by(id=run.id).values(facts=facts))
    said = duplicates_text(store.runs(number))
    assert "3 identical and 17 near-identical pairs" in said and "; 1.5 of them" in said
    assert "mean of 2 runs" in said
    assert left_out_text(runs) == ""
    assert left_out_text(store.runs(number)).startswith("7 files of the dataset are left out")
