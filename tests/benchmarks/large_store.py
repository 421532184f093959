"""A large store of made-up runs: 200 runs of 50 rounds, each with a pool of 100,000 samples.

Kept of each round is what a real run keeps: of every round picks, worst samples and quantiles, of
a run's newest round the whole pool with its probabilities. What can be goes through the store's
own methods. The earlier rounds would take minutes that way, one durable transaction each, so
their rows and files are written run by run with the functions those methods are made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import uuid4

import numpy as np
import sqlalchemy as sa

from alcore.presets import experiment_text
from alcore.rounds import QUANTILES_KEPT, WORST_KEPT, Evaluation, RoundArrays, RoundResult
from alcore.store import LabelEvent, NewRun, RunState, Store, datasets, files, labels, schema
from alcore.store import arrays as array_files
from alcore.store import rounds as round_rows
from alcore.thumbnails import png_bytes
from alcore.types import FloatArray, IntArray

POOL, CLASSES, ROUNDS, SEEDS = 100_000, 10, 50, 50
INITIAL, BATCH, TESTS = 100, 50, 5_000
LABELLED = INITIAL + (ROUNDS - 1) * BATCH
SAMPLES = POOL + LABELLED + TESTS
STRATEGIES = ("random", "least_confidence", "smallest_margin", "entropy")


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round as it is written."""

    result: RoundResult
    arrays: RoundArrays
    events: tuple[LabelEvent, ...]


def fill(store: Store) -> int:
    """Add the experiment to a store and give its id."""
    rng = np.random.default_rng(0)
    truth = rng.integers(CLASSES, size=SAMPLES)
    probabilities = softmax(3 * rng.standard_normal((SAMPLES, CLASSES), dtype=np.float32))
    dataset = store.add_dataset(
        "digits/digits",
        {},
        "made-up",
        [f"sample-{i:06d}" for i in range(SAMPLES)],
        [f"class {i}" for i in range(CLASSES)],
        truth,
    )
    picture = png_bytes(np.arange(64, dtype=np.uint8).reshape(8, 8))
    with store._database.write() as connection:
        datasets.add_thumbnails(connection, dataset, dict.fromkeys(range(SAMPLES), picture))
    config = experiment_text("digits").replace("seeds = 10", f"seeds = {SEEDS}")
    new = [new_run(strategy, seed) for strategy in STRATEGIES for seed in range(SEEDS)]
    experiment = store.add_experiment("A large store", config, new)
    while (run := store.claim_run(experiment, process="benchmark")) is not None:
        store.attach_dataset(run.id, dataset, token=1)
        *earlier, newest = made_up(np.random.default_rng(run.id), truth, probabilities)
        add_earlier(store, run.id, earlier)
        store.commit_round(run.id, newest.result, newest.arrays, newest.events, {}, token=1)
        store.finish(run.id, RunState.DONE, token=1)
    return experiment


def new_run(strategy: str, seed: int) -> NewRun:
    return NewRun(
        strategy=f"uncertainty/{strategy}",
        strategy_options={},
        model="digits/logistic",
        model_options={"c": 1.0},
        seed=seed,
        versions={"python": "3.11"},
    )


def softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def made_up(rng: np.random.Generator, truth: IntArray, probabilities: FloatArray) -> list[Round]:
    """The rounds of one run: which samples they name is real, how good the models are is not."""
    order = rng.permutation(SAMPLES)
    given, pool = order[:LABELLED], order[LABELLED : LABELLED + POOL]
    surest = probabilities[pool].max(axis=1)
    worst = pool[np.argsort(surest, kind="stable")[:WORST_KEPT]]
    quantiles = np.quantile(surest, np.linspace(0, 1, QUANTILES_KEPT))
    bounds = [0, *range(INITIAL, LABELLED + 1, BATCH)]
    batches = [given[start:stop] for start, stop in pairwise(bounds)]
    batches.append(given[:0])  # the last round labels nothing
    found = []
    for number in range(ROUNDS):
        new = batches[number + 1]
        is_last = number == ROUNDS - 1
        kept = pool if is_last else pool[:0]
        arrays = RoundArrays(
            picks=new,
            picks_probabilities=probabilities[new],
            worst=worst,
            worst_probabilities=probabilities[worst],
            learnt=batches[number][: BATCH if number else 0],
            learnt_probabilities=probabilities[batches[number][: BATCH if number else 0]],
            quantiles=quantiles,
            pool=kept,
            probabilities=probabilities[kept],
        )
        events = [(i, number) for i in new] + [(i, 0) for i in batches[0] if number == 0]
        found.append(
            Round(
                result=result(rng, number, len(new)),
                arrays=arrays,
                events=tuple(event(int(i), int(truth[i]), r) for i, r in events),
            )
        )
    return found


def result(rng: np.random.Generator, number: int, picked: int) -> RoundResult:
    accuracy = 0.95 - 0.4 / (number + 1) + 0.01 * rng.standard_normal()
    return RoundResult(
        number=number,
        n_labelled=INITIAL + BATCH * number,
        test=evaluation(rng, TESTS, accuracy),
        validation=evaluation(rng, 200, accuracy),
        batch=evaluation(rng, picked, accuracy - 0.2) if picked else None,
        batch_classes=tuple(rng.multinomial(picked, [1 / CLASSES] * CLASSES)) if picked else (),
        seconds={"train": 0.5, "evaluate": 0.1, "score": 0.2, "select": 0.01},
    )


def evaluation(rng: np.random.Generator, n: int, accuracy: float) -> Evaluation:
    shares = np.full((CLASSES, CLASSES), (1 - accuracy) / (CLASSES * (CLASSES - 1)))
    np.fill_diagonal(shares, accuracy / CLASSES)
    confusion = rng.multinomial(n, shares.ravel()).reshape(CLASSES, CLASSES)
    right, there = confusion.diagonal(), confusion.sum(axis=1)
    return Evaluation(
        n=n,
        accuracy=right.sum() / n,
        macro_f1=right.sum() / n,
        recall=tuple(float(r / t) if t else None for r, t in zip(right, there, strict=True)),
        confusion=tuple(map(tuple, confusion.tolist())),
    )


def event(position: int, label: int, number: int) -> LabelEvent:
    return LabelEvent(
        event_id=uuid4().hex,
        position=position,
        sample_id=f"sample-{position:06d}",
        label=label,
        source="oracle",
        round=number,
    )


def add_earlier(store: Store, run_id: int, made: Sequence[Round]) -> None:
    """Add rounds whose pool is no longer kept, all in one transaction."""
    root = store.folder
    contents = {}
    for one in made:
        name, write = next(iter(array_files.contents(one.result.number, one.arrays).items()))
        contents[name] = write
    with files.staged(root, contents) as staged, store._database.write() as connection:
        files.publish(staged, files.run_folder(root, run_id))
        rows = [round_rows._row(run_id, one.result) for one in made]
        connection.execute(sa.insert(schema.rounds), rows)
        keys = [
            {"run_id": run_id, "round": i, "kind": "round", "bytes": f.bytes, "sha256": f.sha256}
            for i, f in enumerate(staged)
        ]
        connection.execute(sa.insert(schema.arrays), keys)
        labels.add(connection, run_id, [event for one in made for event in one.events])
