"""Arrays of rounds in files."""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.store import Store
from alcore.store import arrays as array_files
from store.examples import arrays, assert_same_arrays, result, running


@pytest.fixture
def run(store: Store) -> int:
    number = running(store)
    store.commit_round(number, result(), arrays(), [], {}, token=1)
    return number


def file(store: Store, run: int, name: str) -> Path:
    return store.folder / "runs" / str(run) / name


def test_arrays_come_back_and_probabilities_are_mapped(store: Store, run: int) -> None:
    found = store.round_arrays(run, 0)
    assert_same_arrays(found, arrays())
    assert isinstance(found.probabilities, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        found.probabilities[0, 0] = 1


def test_the_last_round_of_an_exhausted_pool_is_empty(store: Store) -> None:
    run, empty = running(store), arrays(0)
    store.commit_round(run, result(), empty, [], {}, token=1)
    assert_same_arrays(store.round_arrays(run, 0), empty)


def test_rows_hold_size_and_hash_of_each_file(store: Store, run: int) -> None:
    with store._database.read() as connection:
        rows = connection.execute(sa.text("SELECT kind, bytes, sha256 FROM arrays")).all()
    names = {
        "round": "round-0000.npz",
        "pool": "round-0000-pool.npy",
        "probabilities": "round-0000-probabilities.npy",
    }
    contents = {kind: file(store, run, name).read_bytes() for kind, name in names.items()}
    assert {tuple(row) for row in rows} == {
        (kind, len(content), hashlib.sha256(content).hexdigest())
        for kind, content in contents.items()
    }


@pytest.mark.parametrize(
    "name", ["round-0000.npz", "round-0000-pool.npy", "round-0000-probabilities.npy"]
)
def test_a_damaged_or_missing_file_is_one_sentence(store: Store, run: int, name: str) -> None:
    path = file(store, run, name)
    size = path.stat().st_size
    path.write_bytes(b"x" * size)
    with pytest.raises(AlcoreError, match=f"{name} .* damaged or missing"):
        store.round_arrays(run, 0)
    path.write_bytes(b"short")
    with pytest.raises(AlcoreError, match=f"it has 5 bytes instead of {size}"):
        store.round_arrays(run, 0)
    path.unlink()
    with pytest.raises(AlcoreError, match="missing: No such file"):
        store.round_arrays(run, 0)


def test_objects_are_never_unpickled(store: Store) -> None:
    run = running(store)
    objects = np.array([{"a": 1}], dtype=object)
    bad = dataclasses.replace(arrays(), quantiles=objects)
    with pytest.raises(AlcoreError, match="quantiles .*object"):
        store.commit_round(run, result(), bad, [], {}, token=1)


def test_a_round_that_loses_its_pool_while_it_is_read(
    store: Store, run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = array_files._sizes(store._database, run, 0)
    store.commit_round(run, result(1), arrays(seed=1), [], {}, token=1)
    answers = iter([read, array_files._sizes(store._database, run, 0)])
    monkeypatch.setattr(array_files, "_sizes", lambda *_: next(answers))
    assert store.round_arrays(run, 0).probabilities.shape == (0, 3)


def test_an_unknown_round_is_named(store: Store, run: int) -> None:
    with pytest.raises(AlcoreError, match=f"run {run} has no round 1"):
        store.round_arrays(run, 1)
