"""A run that was interrupted ends as if nothing had happened: every built-in model and strategy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import local_hub
from alcore.errors import AlcoreError, RunStopped
from alcore.execution import Step, perform
from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import RunRecord, RunState, Store, open_store
from carry_out import play
from fakes import EXPERIMENT, NearestCentre, Points, registry

BUILT_IN = Registry.load(built_in_only=True, block=(), strict=True)
TEXT = """
strategies = ["{strategy}"]
seeds = 1
[dataset]
name = "digits"
[model]
name = "{model}"
{options}
[splits]
initial = 40
validation = 60
test = 100
[budget]
samples = 60
batch = 20
"""
SMALL = "epochs = 2\n"
HUB = f"size = {local_hub.SIZE}\nfine_tune = true\nepochs = 2\ncontinue_training = true\n"
CASES = [
    ("logistic", "", "least_confidence"),
    ("logistic", "", "smallest_margin"),
    ("logistic", "", "entropy"),
    ("logistic", "", "random"),
    ("logistic", "", "bald"),
    ("logistic", "", "k_means"),
    ("logistic", "", "k_center"),
    ("logistic", "", "typiclust"),
    ("logistic", "", "probcover"),
    ("logistic", "", "max_herding"),
    ("logistic", "", "uherding"),
    ("logistic", "", "badge"),
    ("cnn", SMALL + "dropout = 0.5\n", "vote_entropy"),
    ("cnn", SMALL, "badge"),
    ("dense", SMALL, "entropy"),
    ("dense", SMALL + "continue_training = true\n", "entropy"),
    ("cnn", SMALL, "random"),
    ("cnn", SMALL + "continue_training = true\n", "smallest_margin"),
    ("hub:{folder}", HUB, "entropy"),
    ("hub:{folder}", HUB.replace("fine_tune = true", 'head = "dense"'), "entropy"),
    ("inception_v3:{folder}", f"size = {local_hub.SIZE}\nbatch = 20\n", "least_confidence"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("tensorflow")
    return local_hub.save_feature_vector(tmp_path_factory.mktemp("hub") / "tiny")


def claimed(store: Store) -> RunRecord:
    run = store.claim_run(process="test")
    assert run is not None
    return run


def until(store: Store, made: Registry, run: RunRecord, number: int) -> None:
    """Play a run until a step in the middle of a round, then lose it like a killed worker."""

    def report(step: Step) -> None:
        if step.round == number and step.step == "score":
            raise RunStopped("killed")

    assert perform(store, made, run, report).state is RunState.STOPPED
    store.interrupt(run.id, run.token, "killed")


def story(store: Store, run_id: int) -> dict[str, Any]:
    """All that a run left behind, without its times."""
    rounds = [{**vars(result), "seconds": None} for result in store.rounds(run_id)]
    events = [
        (event.position, event.sample_id, event.label, event.source, event.round)
        for event in store.label_events(run_id)
    ]
    kept = [vars(store.round_arrays(run_id, number)) for number in range(len(rounds))]
    # Copies: some are memory maps of files that a test may damage.
    arrays = [{name: np.array(array) for name, array in each.items()} for each in kept]
    return {"rounds": rounds, "events": events, "arrays": arrays}


def assert_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["rounds"] == other["rounds"]
    assert one["events"] == other["events"]
    for mine, theirs in zip(one["arrays"], other["arrays"], strict=True):
        for name in mine:
            np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)


def test_every_strategy_and_every_kind_of_model_is_among_the_cases() -> None:
    assert {name.partition("/")[2] for name in BUILT_IN.strategies} == {c[2] for c in CASES}
    backbones = {name for name, spec in BUILT_IN.models.items() if spec.backbone}
    heads = {name.partition("/")[2] for name in BUILT_IN.models if name not in backbones}
    assert heads <= {c[0].partition(":")[0] for c in CASES}


@pytest.mark.parametrize(("model", "options", "strategy"), CASES)
def test_a_resumed_run_equals_an_uninterrupted_one(
    tmp_path: Path, folder: Path, model: str, options: str, strategy: str
) -> None:
    text = TEXT.format(model=model.format(folder=folder), options=options, strategy=strategy)
    stores = [open_store(f"sqlite:///{tmp_path}/{name}.db") for name in ("whole", "cut")]
    for store in stores:
        queue_experiment(store, parse_experiment(text, BUILT_IN), BUILT_IN)
    whole, cut = stores
    assert play(whole, BUILT_IN, claimed(whole)) is RunState.DONE, whole.run(1).error
    for number in (1, 2):
        until(cut, BUILT_IN, claimed(cut), number)
        assert len(cut.rounds(1)) == number
    assert play(cut, BUILT_IN, claimed(cut)) is RunState.DONE, cut.run(1).error
    assert_equal(story(whole, 1), story(cut, 1))


class Counting(NearestCentre):
    """Remembers how many rounds it has learnt from, as a model that continues would."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds = 0

    def fit(self, *args: Any, previous: Any = None, **kwargs: Any) -> None:
        super().fit(*args, previous=previous, **kwargs)
        self.rounds = 1 + (previous.rounds if previous else 0)

    def predict_proba(self, samples: Any) -> Any:
        powers = super().predict_proba(samples) ** (1 + self.rounds / 10)
        return powers / powers.sum(axis=1, keepdims=True)

    def save(self, folder: Path) -> None:
        super().save(folder)
        (folder / "rounds").write_text(str(self.rounds))

    def load(self, folder: Path) -> None:
        super().load(folder)
        self.rounds = int((folder / "rounds").read_text())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/alcore.db")


def interrupted(store: Store, made: Registry) -> RunRecord:
    queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=["seeds=1"]), made)
    until(store, made, claimed(store), 2)
    return store.run(1)


def test_a_torn_model_is_named_and_trained_again(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = open_store(f"sqlite:///{tmp_path}/whole.db")
    made = registry(lambda options: Counting())
    queue_experiment(whole, parse_experiment(EXPERIMENT, made, overrides=["seeds=1"]), made)
    play(whole, made, claimed(whole))
    interrupted(store, made)
    (model,) = store.folder.glob("runs/1/*-model.zip")
    with model.open("r+b") as file:
        file.truncate(model.stat().st_size // 2)
    assert play(store, made, claimed(store)) is RunState.DONE
    assert f"{model} of the store is damaged" in caplog.text
    assert_equal(story(whole, 1), story(store, 1))


def test_only_the_model_of_the_newest_round_is_kept_and_none_at_the_end(store: Store) -> None:
    made = registry()
    interrupted(store, made)
    assert [path.name for path in store.folder.glob("runs/1/*.zip")] == ["round-0001-model.zip"]
    play(store, made, claimed(store))
    assert not list(store.folder.glob("runs/1/*.zip"))


def test_a_dataset_that_changed_in_between_is_refused(store: Store) -> None:
    made = registry()
    interrupted(store, made)
    changed = Points()
    changed.fingerprint = "other"
    object.__setattr__(made.dataset("points"), "make", lambda options: changed)
    assert play(store, made, claimed(store)) is RunState.FAILED
    assert "has changed since run 1 began" in str(store.run(1).error)


def test_splits_that_are_drawn_differently_are_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry()
    interrupted(store, made)
    monkeypatch.setattr("alcore.splits.generator", lambda *_: np.random.default_rng(99))
    assert play(store, made, claimed(store)) is RunState.FAILED
    assert "drawn differently" in str(store.run(1).error)


def test_a_run_that_was_over_but_not_yet_said_so_has_nothing_left_to_do(store: Store) -> None:
    made = registry()
    queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=["seeds=1"]), made)
    run = claimed(store)
    assert perform(store, made, run, lambda step: None).state is RunState.DONE
    store.interrupt(run.id, run.token, "killed before it could say that it was done")
    before = story(store, 1)
    assert play(store, made, claimed(store)) is RunState.DONE
    assert_equal(before, story(store, 1))


def test_batches_in_another_order_than_rounds_are_refused_by_the_engine(store: Store) -> None:
    made = registry()
    interrupted(store, made)
    assert [event.round for event in store.label_events(1)] == [0] * 16 + [1] * 10
    run, result, arrays = claimed(store), store.rounds(1)[0], store.round_arrays(1, 0)
    with pytest.raises(AlcoreError, match="next round is 2"):
        store.commit_round(run.id, result, arrays, [], {}, token=run.token)


def test_other_versions_than_it_began_with_are_told(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry()
    run = interrupted(store, made)
    monkeypatch.setattr("alcore.queueing.metadata.version", lambda _: "9.9")
    play(store, made, claimed(store))
    (told,) = [one.getMessage() for one in caplog.records if "other versions" in one.message]
    assert f"numpy {run.versions['numpy']}, now 9.9" in told


def test_other_threads_than_it_began_with_are_told(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    made = registry()
    with threadpool_limits(1):
        run = interrupted(store, made)
    assert store.run(run.id).began_with.endswith(", 1 thread")
    with threadpool_limits(2):
        play(store, made, claimed(store))
    assert "threads 1, now 2" in caplog.text
    assert store.run(run.id).facts["threads"] == 1
