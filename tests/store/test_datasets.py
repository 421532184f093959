"""Datasets as runs used them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from alcore.errors import AlcoreError
from alcore.store import DatasetRecord, Store
from store.examples import add_dataset, arrays, result, running


def test_a_dataset_comes_back(store: Store) -> None:
    dataset = add_dataset(store)
    assert store.dataset(dataset) == DatasetRecord(
        id=dataset,
        name="digits/digits",
        options={"size": 8},
        fingerprint="f" * 64,
        n=3,
        class_names=("zero", "one"),
    )
    assert store.dataset_ids(dataset) == ["a", "b/é", "c"]
    labels = store.dataset_labels(dataset)
    assert labels is not None
    assert labels.tolist() == [0, -1, 1]


def test_a_dataset_without_labels_has_none(store: Store) -> None:
    assert store.dataset_labels(add_dataset(store, known_labels=None)) is None


def test_the_same_content_is_the_same_dataset(store: Store) -> None:
    first = add_dataset(store)
    assert add_dataset(store, options={"size": 9}) == first
    assert add_dataset(store, fingerprint="g") != first
    assert add_dataset(store, name="other/digits") != first


def test_threads_that_add_the_same_dataset_get_the_same_id(store: Store) -> None:
    def add(_: int) -> int:
        return add_dataset(store, ids=[f"{i}" for i in range(1000)], known_labels=np.arange(1000))

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(add, range(4)))
    assert len(found) == 1
    assert len(store.dataset_ids(found.pop())) == 1000
    assert len(list((store.folder / "datasets").iterdir())) == 1


def test_a_missing_file_is_one_sentence(store: Store) -> None:
    dataset = add_dataset(store)
    for path in (store.folder / "datasets" / str(dataset)).iterdir():
        path.unlink()
    for read in (store.dataset_ids, store.dataset_labels):
        with pytest.raises(AlcoreError, match="missing: No such file"):
            read(dataset)


def test_an_unknown_dataset_is_named(store: Store) -> None:
    reads = (
        store.dataset,
        store.dataset_ids,
        store.dataset_labels,
        store.thumbnail_positions,
    )
    for read in reads:
        with pytest.raises(AlcoreError, match="dataset 4 does not exist"):
            read(4)
    assert store.thumbnail(4, 0) is None


def test_the_positions_of_pictures_are_those_of_one_dataset(store: Store) -> None:
    run, dataset = running(store), add_dataset(store)
    assert store.thumbnail_positions(dataset) == frozenset()
    store.attach_dataset(run, dataset, token=1)
    store.commit_round(run, result(), arrays(), [], {2: b"png", 0: b"png"}, token=1)
    assert store.thumbnail_positions(dataset) == {0, 2}
    store.commit_round(run, result(1), arrays(), [], {1: b"png", 2: b"other"}, token=1)
    assert store.thumbnail_positions(dataset) == {0, 1, 2}
    assert store.thumbnail_positions(add_dataset(store, fingerprint="g")) == frozenset()
