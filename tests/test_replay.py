"""Damaged arrays are named, and computed again where that gives what was stored."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from alcore.cli import cli
from alcore.errors import AlcoreError
from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.replay import rebuild
from alcore.store import Store, open_store
from carry_out import carry_out
from fakes import EXPERIMENT, NearestCentre, registry
from test_resume import assert_equal, story


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = registry()
    monkeypatch.setattr(Registry, "load", lambda **_: made)
    opened = open_store()
    queue_experiment(opened, parse_experiment(EXPERIMENT, made, overrides=["seeds=1"]), made)
    carry_out(opened, made)
    return opened


def torn(store: Store, name: str, seed: int) -> Path:
    """Cut a file of run 2 off somewhere, as a crash of a machine without an honest disk may."""
    path = store.folder / "runs" / "2" / name
    with path.open("r+b") as file:
        file.truncate(int(np.random.default_rng(seed).integers(path.stat().st_size)))
    return path


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "name",
    ["round-0001.npz", "round-0003.npz", "round-0003-pool.npy", "round-0003-probabilities.npy"],
)
def test_a_torn_file_is_named_and_computed_again(store: Store, name: str, seed: int) -> None:
    before = story(store, 2)
    path = torn(store, name, seed)
    found = CliRunner().invoke(cli, ["store", "check"])
    assert "damages: 1" in found.output and str(path) in found.output
    repaired = CliRunner().invoke(cli, ["store", "check", "--repair"])
    assert "all is well" in repaired.output, repaired.output
    assert_equal(before, story(store, 2))


def test_what_comes_out_differently_is_not_written(store: Store) -> None:
    path = torn(store, "round-0002.npz", 0)
    at = path.read_bytes()

    class Other(NearestCentre):
        def predict_proba(self, samples: object) -> object:  # type: ignore[override]
            return super().predict_proba(samples)[:, ::-1]  # type: ignore[arg-type]

    with pytest.raises(AlcoreError, match="round 0 of run 2 comes out differently"):
        rebuild(store, registry(lambda options: Other()), 2, {2})
    assert path.read_bytes() == at


def test_all_rounds_are_rebuilt_as_they_were(store: Store) -> None:
    before = story(store, 2)
    rebuild(store, registry(), 2, {0, 1, 2, 3})
    assert_equal(before, story(store, 2))
    assert not store.check()
