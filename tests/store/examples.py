"""Small valid values to put into a store."""

from typing import Any
from uuid import uuid4

import numpy as np

from alcore.rounds import Evaluation, RoundArrays, RoundResult
from alcore.store import LabelEvent, NewRun, Store

EVALUATION = Evaluation(
    n=10, accuracy=0.7, macro_f1=0.65, recall=(0.5, None, 1.0), confusion=((1, 1, 0), (0,) * 3)
)


def new_run(seed: int = 0) -> NewRun:
    return NewRun(
        strategy="uncertainty/entropy",
        strategy_options={"depth": 2, "rate": 0.5, "fast": True, "mode": "a"},
        model="digits/logistic",
        model_options={"c": 1.0},
        seed=seed,
        versions={"python": "3.11.7"},
    )


def add_runs(store: Store, n: int = 1) -> int:
    return store.add_experiment("title", "seeds = 1", [new_run(seed) for seed in range(n)])


def running(store: Store) -> int:
    experiment = add_runs(store)
    run = store.claim_run(experiment, process="test")
    assert run is not None
    return run.id


def add_dataset(store: Store, name: str = "digits/digits", **changes: Any) -> int:
    values: dict[str, Any] = {
        "name": name,
        "options": {"size": 8},
        "fingerprint": "f" * 64,
        "ids": ["a", "b/é", "c"],
        "class_names": ("zero", "one"),
        "known_labels": np.array([0, -1, 1]),
    }
    return store.add_dataset(**values | changes)


def result(number: int = 0, **changes: Any) -> RoundResult:
    values: dict[str, Any] = {
        "n_labelled": 50 + 50 * number,
        "test": EVALUATION,
        "validation": None,
        "batch": EVALUATION,
        "batch_classes": (3, 0, 7),
        "seconds": {"train": 0.25, "score": 0.5},
    }
    return RoundResult(number=number, **values | changes)


def arrays(n: int = 20, c: int = 3, seed: int = 0) -> RoundArrays:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(c), n).astype(np.float32)
    pool = rng.permutation(n).astype(np.int64)
    return RoundArrays(
        picks=pool[:5],
        picks_probabilities=probabilities[:5],
        worst=pool[:8],
        worst_probabilities=probabilities[:8],
        learnt=pool[10:13],
        learnt_probabilities=probabilities[10:13],
        quantiles=np.linspace(0, 1, 101),
        pool=pool,
        probabilities=probabilities,
    )


def event(
    position: int = 0, label: int | None = 1, round: int = 0, source: str = "oracle"
) -> LabelEvent:
    return LabelEvent(
        event_id=uuid4().hex,
        position=position,
        sample_id=f"sample-{position}",
        label=label,
        source=source,
        round=round,
    )


def assert_same_arrays(found: RoundArrays, expected: RoundArrays) -> None:
    for name, array in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), array, err_msg=name)
        assert getattr(found, name).dtype == array.dtype, name
