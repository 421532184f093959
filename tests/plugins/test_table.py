"""Tables of one's own: .npz and Parquet, labels in any form, and everything that can be wrong."""

import os
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alcore.components import DatasetSpec
from alcore.datasets import Ordered
from alcore.errors import AlcoreError, UsageError
from alcore.options import build, option
from alcore.plugins import Registry
from alcore.testing import check_dataset
from alcore_table import TableOptions
from alcore_table.dataset import Table, make
from alcore_table.files import read_npz

N = 6
FEATURES = np.arange(N * 3, dtype=np.float16).reshape(N, 3)
GOOD: dict[str, Any] = {
    "features": FEATURES,
    "ids": np.array([f"s{i}" for i in range(N)]),
    "labels": np.array([0, 1, 2, -1, 1, 0]),
    "class_names": np.array(["x", "y", "z"]),
}
ROWS = np.array([2, 0])


def table(path: Path, **options: Any) -> Table:
    return make(TableOptions(path=str(path), **options))


def npz(tmp_path: Path, *, without: str = "", **changes: Any) -> Path:
    arrays = {name: array for name, array in {**GOOD, **changes}.items() if name != without}
    np.savez(tmp_path / "table.npz", **arrays)
    return tmp_path / "table.npz"


def parquet(tmp_path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def labels(made: Table) -> list[int]:
    assert made.known_labels is not None
    return made.known_labels.tolist()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_gives_what_it_holds(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "a.npz", **GOOD, notes=np.array([{}], dtype=object))
    made = table(tmp_path / "a.npz")
    assert made.ids == tuple(f"s{i}" for i in range(N))
    assert made.class_names == ("x", "y", "z") and labels(made) == [0, 1, 2, -1, 1, 0]
    assert made.features(ROWS).dtype == np.float32
    np.testing.assert_array_equal(made.features(ROWS), FEATURES[ROWS])
    assert made.thumbnail(0) is None and not isinstance(made, Ordered)
    with pytest.raises(AlcoreError, match="no images"):
        made.images(ROWS)


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_uncompressed_arrays_are_mapped_not_loaded(tmp_path: Path, order: str) -> None:
    large = np.random.default_rng(1).normal(size=(3000, 200)).astype(np.float16, order=order)
    np.savez(tmp_path / "large.npz", labels=np.arange(3000) % 2, features=large)
    mapped = read_npz(tmp_path / "large.npz")["features"]
    assert isinstance(mapped, np.memmap) and not mapped.flags.writeable
    np.testing.assert_array_equal(mapped, large)
    np.savez_compressed(tmp_path / "small.npz", features=large)
    np.testing.assert_array_equal(read_npz(tmp_path / "small.npz")["features"], large)


def test_it_passes_the_checks_for_datasets(tmp_path: Path) -> None:
    path = str(npz(tmp_path))
    defaults = make_dataclass("Defaults", [("path", str, option(path, help="file"))], frozen=True)

    def of_defaults(options: Any) -> Table:
        return make(build(TableOptions, {"path": options.path}, where="dataset"))

    check_dataset(
        DatasetSpec(
            name="table",
            summary="",
            make=of_defaults,
            options=defaults,
            provides=frozenset({"features"}),
        )
    )


@pytest.mark.parametrize("name", ["order", "tfds_order"])
def test_the_order_of_the_source_is_known(tmp_path: Path, name: str) -> None:
    made = table(npz(tmp_path, **{name: np.arange(N, dtype=np.int32)[::-1]}))
    assert isinstance(made, Ordered)
    assert made.source_order.tolist() == [5, 4, 3, 2, 1, 0]
    assert made.source_order.dtype == np.int64


def test_ids_may_be_numbers_or_missing(tmp_path: Path) -> None:
    assert table(npz(tmp_path, ids=np.arange(10, 10 + N))).ids[0] == "10"
    assert table(npz(tmp_path, without="ids")).ids == ("0", "1", "2", "3", "4", "5")


def test_labels_may_be_texts_numbers_or_missing(tmp_path: Path) -> None:
    texts = np.array(["z", "x", "", "y", "y", "x"])
    made = table(npz(tmp_path, labels=texts))
    assert labels(made) == [2, 0, -1, 1, 1, 0]
    made = table(
        npz(tmp_path, labels=np.array(["b", "a", "", "b", "b", "a"]), without="class_names")
    )
    assert made.class_names == ("a", "b") and labels(made) == [1, 0, -1, 1, 1, 0]
    made = table(npz(tmp_path, without="class_names"))
    assert made.class_names == ("0", "1", "2") and labels(made) == [0, 1, 2, -1, 1, 0]
    made = table(npz(tmp_path, without="labels"))
    assert made.class_names == ("x", "y", "z") and made.known_labels is None


def test_parquet_with_a_column_of_lists(tmp_path: Path) -> None:
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(FEATURES.ravel()), 3)
    ids, classes = list("abcdef"), ["no", "yes", None, "yes", "no", "no"]
    other = (fixed.cast(kind(pa.float16())) for kind in (pa.list_, pa.large_list))
    for lists in (fixed, *other):
        made = table(parquet(tmp_path, id=ids, features=lists, label=classes, notes=ids))
        np.testing.assert_array_equal(made.features(ROWS), FEATURES[ROWS])
        assert made.ids == tuple(ids) and made.class_names == ("no", "yes")
        assert labels(made) == [0, 1, -1, 1, 0, 0]


def test_parquet_with_the_names_of_the_arrays(tmp_path: Path) -> None:
    """No label, id or order is lost, or taken for a feature."""
    made = table(
        parquet(tmp_path, ids=list("cab"), labels=list("xyx"), f=[0.0, 1, 2], order=[2, 0, 1])
    )
    assert made.ids == tuple("cab") and labels(made) == [0, 1, 0]
    assert made.features(np.arange(3)).tolist() == [[0.0], [1.0], [2.0]]
    assert made.source_order.tolist() == [2, 0, 1]


def test_parquet_with_a_column_for_each_number(tmp_path: Path) -> None:
    columns = {f"f{i}": FEATURES[:, i] for i in range(3)}
    kinds = pa.array(["no", "yes", None, "yes", "no", "no"]).dictionary_encode()
    made = table(parquet(tmp_path, **columns, label=kinds))
    np.testing.assert_array_equal(made.features(ROWS), FEATURES[ROWS])
    assert labels(made) == [0, 1, -1, 1, 0, 0] and made.ids[0] == "0"
    assert labels(table(parquet(tmp_path, **columns, label=[1, None, 0, 1, 2, 0])))[1] == -1


def test_probabilities_are_held_to_their_rules(tmp_path: Path) -> None:
    good = np.full((N, 3), 1 / 3)
    made = table(npz(tmp_path, probabilities=good, without="features"))
    np.testing.assert_allclose(made.features(ROWS), 1 / 3)
    wrong = good.copy()
    wrong[4, 1] = 0.9
    with pytest.raises(UsageError, match=r"sum to 1.*row 4 \(counted from 0\), id 's4'"):
        table(npz(tmp_path, probabilities=wrong, without="features"))
    with pytest.raises(UsageError, match="3 class_names for 2 columns"):
        table(npz(tmp_path, probabilities=np.full((N, 2), 0.5), without="features"))


def bad(array: np.ndarray, row: int, value: float) -> np.ndarray:
    array = array.astype(np.float64)
    array[row, 1] = value
    return array


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"without": "features"}, "expected either features or probabilities, found neither; it"),
        ({"probabilities": FEATURES}, "either features or probabilities, found both"),
        ({"features": FEATURES[0]}, r"not float16 of shape \(3,\)"),
        ({"features": FEATURES[:0]}, r"at least one of each, not float16 of shape \(0, 3\)"),
        ({"features": FEATURES.astype(str)}, "expected numbers of shape"),
        ({"features": bad(FEATURES, 3, np.nan)}, r"finite numbers, not nan in column 1 of row 3"),
        ({"features": bad(FEATURES, 5, 1e300)}, r"finite numbers, not 1e\+300 in column 1 of row"),
        ({"features": FEATURES.astype(object)}, "'features' holds Python objects"),
        ({"ids": GOOD["ids"].astype(object)}, "'ids' holds Python objects.*array.astype"),
        ({"ids": GOOD["ids"][:4]}, "4 ids for 6 rows"),
        ({"ids": np.array(["a"] * N)}, r"the id 'a' in row 1 \(counted from 0\) is already that"),
        ({"ids": np.array(["a", "", *"cdef"])}, "the id '' in row 1"),
        ({"ids": np.arange(N) / 2}, "expected ids to be a list of texts or whole numbers"),
        ({"labels": np.arange(5)}, r"a label for each of 6 rows, not labels of shape \(5,\)"),
        ({"labels": np.full(N, 3)}, "the label 3 in row 0 .* is none of the 3 classes"),
        ({"labels": np.full(N, -2)}, "the label -2 in row 0"),
        ({"labels": np.zeros(N)}, "the label 0.0 in row 0"),
        ({"labels": np.array(["x", "w", *"xyzx"])}, "the label 'w' in row 1"),
        ({"labels": np.full(N, 10**12), "without": "class_names"}, "class 1000000000000 for 6"),
        ({"labels": np.zeros(N, dtype=int), "without": "class_names"}, "two classes, not 1"),
        ({"labels": np.array(["x"] * N), "without": "class_names"}, "two classes, not 1"),
        ({"class_names": np.array(["x", "x", "y"])}, "at least two different texts"),
        ({"class_names": np.array(["x"])}, "at least two different texts"),
        ({"order": np.zeros(N, dtype=int)}, "order: expected each of the 6 row numbers"),
        ({"tfds_order": np.arange(5)}, "tfds_order: expected each of the 6 row numbers"),
    ],
)
def test_a_wrong_npz_is_refused_in_one_sentence(
    tmp_path: Path, changes: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(UsageError, match=wrong) as caught:
        table(npz(tmp_path, **changes))
    assert "table.npz" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        ({"id": list("ab"), "label": list("xy")}, "found neither"),
        ({"features": [[1.0, 2.0], [1.0]]}, "lists of one length in column 'features', not 2, 1"),
        ({"features": [[1.0, 2.0], None]}, "lists of one length"),
        ({"features": [[1.0, None], [1.0, 2.0]]}, "not nan in column 1 of row 0"),
        ({"features": [1.0, 2.0]}, "expected lists of numbers in column 'features', not double"),
        ({"features": [["a"], ["b"]]}, "expected numbers"),
        ({"f": [1.0, 2.0], "name": list("xy")}, "expected numbers in column 'name', not string"),
        ({"f": [1.0, None]}, "not nan in column 0 of row 1"),
        ({"id": ["a", None], "f": [1.0, 2.0]}, "ids"),
        ({"id": [[1], [1, 2]], "f": [1.0, 2.0]}, "texts or whole numbers in column 'id', not list"),
        ({"label": [0.0, 1.0], "f": [1.0, 2.0]}, "label"),
        ({"label": [0, 1], "f": [1.0, 2.0], "labels": [0, 1]}, "label, labels mean the same twice"),
        ({"f": [1.0, 2.0], "class_names": list("ab")}, "class names in column 'label'"),
    ],
)
def test_a_wrong_parquet_file_is_refused_in_one_sentence(
    tmp_path: Path, columns: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(UsageError, match=wrong) as caught:
        table(parquet(tmp_path, **columns))
    assert "table.parquet" in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    for name in ("a.npz", "a.parquet"):
        with pytest.raises(UsageError, match="cannot read .*: No such file"):
            table(tmp_path / name)
        (tmp_path / name).write_bytes(b"text")
        with pytest.raises(UsageError, match="expected a whole"):
            table(tmp_path / name)
    with pytest.raises(UsageError, match=r"must end in .npz or .parquet"):
        table(tmp_path / "a.csv")
    with pytest.raises(UsageError, match=r"needs a path, such as table:features.npz"):
        make(TableOptions())


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_damaged_npz_is_refused(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "a.npz", **GOOD)
    whole = (tmp_path / "a.npz").read_bytes()
    at = whole.index(b"features.npy") + (140 if save is np.savez else 40)
    for damaged in (whole[: len(whole) // 2], whole[:at] + b"\xff\xff\xff" + whole[at + 3 :]):
        (tmp_path / "a.npz").write_bytes(damaged)
        with pytest.raises(UsageError, match="expected a whole .npz file"):
            table(tmp_path / "a.npz")


def test_a_damaged_parquet_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    whole = parquet(tmp_path, id=list("abcd"), f=[1.0, 2.0, 3.0, 4.0]).read_bytes()
    sentences = []
    for at in range(4, len(whole), 3):
        (tmp_path / "a.parquet").write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
        try:
            table(tmp_path / "a.parquet")
        except UsageError as error:
            sentences.append(str(error))
    assert len(sentences) > 50 and "\n" not in "".join(sentences)


def test_a_shape_that_the_file_does_not_hold_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"(6, 3)", b"(9, 9)"))
    with pytest.raises(UsageError, match="expected a whole .npz file"):
        table(path)


def test_the_fingerprint_follows_content_and_clusters(tmp_path: Path) -> None:
    before = table(npz(tmp_path)).fingerprint
    clustered = table(npz(tmp_path), clusters=2).fingerprint
    changed = table(npz(tmp_path, labels=np.zeros(N, dtype=int))).fingerprint
    assert len({before, clustered, changed}) == 3


def test_clusters_become_classes(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    group = np.arange(600) % 60
    points = 50 * np.eye(60)[group] + rng.normal(size=(600, 60))
    np.savez(tmp_path / "points.npz", features=points, ids=np.arange(600))
    made, again = (table(tmp_path / "points.npz", clusters=60) for _ in range(2))
    assert made.class_names is not None and len(set(made.class_names)) == 60
    assert sorted(set(labels(made))) == list(range(60)) and labels(made) == labels(again)
    for clusters in (1, 601):
        with pytest.raises(UsageError, match=f"from 2 to 600 clusters, not {clusters}"):
            table(tmp_path / "points.npz", clusters=clusters)
    np.savez(tmp_path / "same.npz", features=np.zeros((9, 2)))
    with pytest.raises(UsageError, match="only 1 of 3 clusters have a sample; ask for fewer"):
        table(tmp_path / "same.npz", clusters=3)


def test_the_flowers_as_provided() -> None:
    folder = os.environ.get("ALCORE_TEST_DATA")
    if not folder:
        pytest.skip("ALCORE_TEST_DATA names no folder")
    made = table(Path(folder) / "tf_flowers_inceptionv3.npz")
    assert len(made.ids) == 3670 and made.features(ROWS).shape == (2, 2048)
    assert isinstance(made, Ordered) and made.source_order[:3].tolist() == [3371, 2255, 2518]
    assert set(labels(made)) == set(range(5))


def test_it_is_registered_with_its_argument() -> None:
    spec = Registry.load(built_in_only=True, block=(), strict=True).dataset("table")
    assert spec.argument == "path" and spec.provides == {"features"}


def test_costs_of_labels_are_known_where_the_file_has_them(tmp_path: Path) -> None:
    assert not hasattr(table(npz(tmp_path)), "costs")
    made = table(npz(tmp_path, costs=np.arange(1, N + 1)))
    assert made.costs.tolist() == [1, 2, 3, 4, 5, 6] and made.costs.dtype == np.float64
    columns = {"cost": [0.5] * N, "a": np.arange(N)}
    assert table(parquet(tmp_path, **columns)).costs.tolist() == [0.5] * N
    with pytest.raises(UsageError, match="costs: expected numbers above 0, not 0.0 in row 0"):
        table(npz(tmp_path, costs=np.arange(N)))
    with pytest.raises(UsageError, match="costs: expected one number per row, 6 of them"):
        table(npz(tmp_path, costs=np.arange(1, N)))
