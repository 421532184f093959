"""What the store weighs and what may go."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from alcore.cli import cli
from alcore.errors import AlcoreError
from alcore.features.locks import locked
from alcore.store import RunState, Store, files
from store.examples import add_dataset, arrays, assert_same_arrays, event, result, running

AT_ONCE = timedelta(0)


def committed(store: Store, dataset: int | None = None, end: RunState | None = None) -> int:
    run = running(store)
    if dataset is not None:
        store.attach_dataset(run, dataset, token=1)
    pictures = {0: os.urandom(200_000)} if dataset is not None else {}
    store.commit_round(run, result(), arrays(1000), [event()], pictures, token=1)
    if end is not None:
        store.finish(run, end, token=1)
    return run


def test_the_size_counts_what_is_there(sqlite_store: Store, tmp_path: Path) -> None:
    empty = sqlite_store.size()
    assert (empty.array_bytes, empty.thumbnails, empty.runs) == (0, 0, 0)
    committed(sqlite_store, add_dataset(sqlite_store))
    committed(sqlite_store)
    size = sqlite_store.size()
    assert (size.thumbnails, size.runs) == (1, 2)
    assert size.database_bytes == (tmp_path / "alcore.db").stat().st_size > 200_000
    files = [path for path in sqlite_store.folder.rglob("*") if path.is_file()]
    assert size.array_bytes == sum(path.stat().st_size for path in files)


def test_prune_removes_full_arrays_of_runs_that_are_over(store: Store) -> None:
    ended = [committed(store, end=state) for state in RunState if state.is_over]
    active = committed(store)
    assert store.prune(keep_probabilities=True) == 0
    before = store.size()
    freed = store.prune()
    assert freed == before.array_bytes - store.size().array_bytes > len(ended) * 1000 * (8 + 12)
    for run in ended:
        found = store.round_arrays(run, 0)
        assert (found.pool.shape, found.probabilities.shape) == ((0,), (0, 3))
        assert found.picks.tolist() == arrays(1000).picks.tolist()
        assert len(store.labels(run)) == 1
    assert_same_arrays(store.round_arrays(active, 0), arrays(1000))
    assert store.prune() == 0


def test_prune_removes_datasets_without_a_run(sqlite_store: Store) -> None:
    used, unused = add_dataset(sqlite_store), add_dataset(sqlite_store, fingerprint="unused")
    committed(sqlite_store, used)
    assert sqlite_store.prune() == 0  # it was used less than an hour ago
    assert sqlite_store.prune(older_than=AT_ONCE) > 0
    assert sqlite_store.thumbnail(used, 0) is not None
    assert sqlite_store.dataset_ids(used) == ["a", "b/é", "c"]
    assert [path.name for path in (sqlite_store.folder / "datasets").iterdir()] == [str(used)]
    with pytest.raises(AlcoreError, match=f"dataset {unused} does not exist"):
        sqlite_store.dataset(unused)


def test_prune_leaves_alone_what_is_not_of_the_store(store: Store) -> None:
    mine = store.folder / "mine" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("years of work")
    assert store.prune(older_than=AT_ONCE) == 0
    assert mine.read_text() == "years of work"


def test_prune_removes_old_leftovers_and_their_folders(store: Store) -> None:
    run = committed(store)
    leftovers = [
        store.folder / "tmp-abc" / "ids.json",
        store.folder / "runs" / "99" / "round-0000.npz",
        store.folder / "runs" / str(run) / "round-0001-pool.npy",
        store.folder / "datasets" / "5" / "ids.json",
    ]
    for path in leftovers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 100)
    assert store.prune() == 0
    long_ago = time.time() - 3700
    for path in leftovers:
        os.utime(path, (long_ago, long_ago))
        os.utime(path.parent, (long_ago, long_ago))
    assert store.prune() == 400
    assert [path.name for path in store.folder.iterdir() if path.name != "datasets"] == ["runs"]
    assert [path.name for path in (store.folder / "runs").iterdir()] == [str(run)]
    assert_same_arrays(store.round_arrays(run, 0), arrays(1000))


def test_features_are_counted_and_go_only_when_asked(store: Store) -> None:
    place = files.features_folder(store.folder) / "key"
    with locked(place, waiting=lambda: None):
        (place / "shard-0000-x.npy").write_bytes(b"x" * 1000)
    (place / "tmp-old").mkdir()
    (place / "tmp-old" / "left.npy").write_bytes(b"x" * 100)
    assert (store.size().feature_bytes, store.size().array_bytes) == (1100, 0)
    assert store.prune() == 0
    assert store.prune(older_than=AT_ONCE) == 100
    with locked(place, waiting=lambda: None):
        assert store.prune(features=True) == 0
    assert store.prune(features=True) == 1000
    assert store.size().feature_bytes == 0 and not place.exists()


def test_the_command_line_shows_and_prunes_features(sqlite_store: Store) -> None:
    place = files.features_folder(sqlite_store.folder) / "key"
    with locked(place, waiting=lambda: None):
        (place / "shard-0000-x.npy").write_bytes(b"x" * 1_500_000)

    def said(*arguments: str) -> str:
        return CliRunner().invoke(cli, ["store", "--store", sqlite_store.url, *arguments]).output

    assert "features  1.5 MB" in said()
    assert "freed 0.0 MB" in said("prune")
    assert "freed 1.5 MB" in said("prune", "--features")
    assert "features  0.0 MB" in said()
