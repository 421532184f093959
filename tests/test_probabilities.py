import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore import UsageError
from alcore.probabilities import check_probabilities, read_probabilities

GOOD = np.array([[0.2, 0.3, 0.5], [1, 0, 0], [0.25, 0.25, 0.5]])


def changed(row: int, column: int, value: float, n: int = 3) -> np.ndarray:
    table = np.tile(GOOD, (n // 3, 1))
    table[row, column] = value
    return table


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize("order", "CF")
def test_probabilities_pass(dtype: str, order: str) -> None:
    check_probabilities(np.asarray(GOOD, dtype=dtype, order=order), ["a", "b", "c"])
    check_probabilities(GOOD.tolist())
    check_probabilities(np.eye(100, dtype=np.int64))


@given(st.integers(1, 60), st.integers(2, 60), st.integers(0, 999))
def test_random_probabilities_pass_and_are_not_changed(n: int, c: int, seed: int) -> None:
    table = np.random.default_rng(seed).dirichlet(np.ones(c), n).astype(np.float32)
    before = table.copy()
    check_probabilities(table)
    np.testing.assert_array_equal(table, before)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([0.5, 0.5], r"expected a table of shape \(samples, classes\), not shape \(2,\)"),
        (np.ones((2, 2, 2)), "expected a table"),
        (np.empty((0, 3)), "there are no rows"),
        (np.ones((3, 1)), "at least 2 classes, not 1; for two classes give both"),
        ([["0.5", "0.5"]], "expected numbers, not values of type <U3"),
        (np.array([[0.5, "x"]], dtype=object), "expected numbers, not values of type object"),
        (np.full((2, 2), 0.5 + 0j), "expected numbers, not values of type complex128"),
        (changed(1, 2, np.nan), r"number from 0 to 1, not nan for column 2 in row 1 \(counted"),
        (changed(1, 0, np.inf), "not inf for column 0 in row 1"),
        (changed(1, 0, -np.inf), "not -inf for column 0 in row 1"),
        ([[1.5, -0.5]], "not -0.5 for column 1 in row 0"),
        ([[0.5, 0.5], [0.5, 0.502]], "sum to 1 .*, not to 1.002; .* in row 1"),
        ([[0.5, 0.498]], "not to 0.998"),
        ([[3.0, -1.0, 0.5]], "not -1 for column 1"),
        (changed(29_999, 1, np.nan, n=30_000), "in row 29999"),
        (changed(0, 1, 0.4, n=30_000), "not to 1.1; .* in row 0 "),
    ],
)
def test_what_are_no_probabilities(table, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        check_probabilities(table)
    assert "\n" not in str(caught.value)


def test_sums_are_held_to_a_thousandth() -> None:
    check_probabilities([[0.5, 0.5009], [0.4991, 0.5]])


@pytest.mark.parametrize("c", [2, 100])
@pytest.mark.parametrize("order", "CF")
def test_faults_are_named_by_row_class_and_id(c: int, order: str) -> None:
    table = np.full((40_000, c), 1 / c, dtype=np.float32, order=order)
    table[31_234, 1] = -0.1
    ids = [f"photo {i}" for i in range(len(table))]
    names = [f"class {i}" for i in range(c)]
    with pytest.raises(
        UsageError, match=r"not -0.1 for class 'class 1' in row 31234 .*'photo 31234"
    ):
        check_probabilities(table, ids, class_names=names)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["a", "b"], "2 ids for 3 rows"),
        (["a", "b", "a"], "id 'a' in row 2 .* already that of row 0"),
        (["a", "", "c"], "the id '' in row 1 .* is not a text"),
        ([1, 2, 3], "the id 1 in row 0 .* is not a text"),
    ],
)
def test_ids_are_different_texts(ids, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_probabilities(GOOD, ids)


def write(path: Path, table: np.ndarray, ids: list[str] | None = None) -> Path:
    frame = pd.DataFrame(table, columns=["rose", "daisy", "tulip"])
    if ids is not None:
        frame.insert(0, "name", ids)
    if path.suffix == ".npy":
        np.save(path, table)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".parquet", ".CSV"])
def test_each_format_is_read_exactly(tmp_path: Path, suffix: str) -> None:
    table = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    read = read_probabilities(
        write(tmp_path / f"p{suffix.lower()}", table).rename(tmp_path / f"p{suffix}")
    )
    np.testing.assert_array_equal(read.probabilities, table)
    assert read.ids is None
    assert read.class_names == (("0", "1", "2") if suffix == ".npy" else ("rose", "daisy", "tulip"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_first_column_of_text_has_the_ids(tmp_path: Path, suffix: str) -> None:
    read = read_probabilities(write(tmp_path / f"p{suffix}", GOOD, ["x7", "NA", "1e5"]))
    assert read.ids == ("x7", "NA", "1e5")
    assert read.class_names == ("rose", "daisy", "tulip")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_first_column_called_id_may_hold_numbers(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"ID": [3, 1], "a": [0.5, 0.2], "b": [0.5, 0.8]})
    path = tmp_path / f"p{suffix}"
    if suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    assert read_probabilities(path).ids == ("3", "1")


def test_npy_is_a_memory_map_and_parquet_keeps_float32(tmp_path: Path) -> None:
    read = read_probabilities(write(tmp_path / "p.npy", GOOD))
    assert isinstance(read.probabilities.base, np.memmap)
    assert not read.probabilities.flags.writeable
    path = tmp_path / "p.parquet"
    pd.DataFrame(GOOD.astype(np.float32), columns=list("abc")).to_parquet(path)
    assert read_probabilities(path).probabilities.dtype == np.float32


CSV = {
    "text": ("a,b\n0.5,0.5\n0.5,much\n", "line 3: expected a number for class 'b', not 'much'"),
    "ids that look like numbers": (
        "name,a,b\n007,0.5,0.5\nx,0.5,0.5\n",
        "line 3: .* 'name', not 'x'; a first column of ids must be called id",
    ),
    "comma": ("a;b\n0,5;0,5\n", "line 2: expected 1 cells, as in the header, not 3"),
    "empty cell": ("id,a,b\nx,0.5,0.5\n\ny,,0.5\n", "line 4: .* class 'a', but the cell is empty$"),
    "nan": ("a,b\n0.5,0.5\nnan,0.5\n", "0 to 1, not nan for class 'a' in line 3"),
    "negative": ("id,a,b\nx,0.5,0.5\ny,1.5,-0.5\n", "not -0.5 for class 'b' in line 3, id 'y'"),
    "sum": ("a,b\n0.5,0.5\n\n0.5,0.6\n", "not to 1.1; .* in line 4"),
    "quoted lines": ('id,a,b\n"two\nlines",0.5,0.5\ny,0.5,0.6\n', "in line 4, id 'y'"),
    "short line": ("a,b\n0.5,0.5\n0.5\n", "line 3: expected 2 cells, as in the header, not 1"),
    "long line": ("a,b\n0.5,0.5,0\n", "line 2: expected 2 cells, as in the header, not 3"),
    "empty": ("", "line 1 is empty; expected a header"),
    "empty header": ("\n0.5,0.5\n", "line 1 is empty; expected a header"),
    "header only": ("a,b\n", "there are no rows"),
    "no header": ("0.25,0.75\n0.5,0.5\n", "line 1 holds numbers; expected a header"),
    "one column": ("a\n1\n", "at least 2 classes, not 1"),
    "ids only": ("id\nx\n", "at least 2 classes, not 0"),
    "same class": ("a,b,a\n0.2,0.3,0.5\n", "the class name 'a' stands twice"),
    "unnamed": ("a,\n0.5,0.5\n", "has no name"),
    "same id": ("id,a,b\nx,0.5,0.5\nx,0.5,0.5\n", "the id 'x' in line 3 is already that of line 2"),
    "no id": ("id,a,b\n,0.5,0.5\n", "the id '' in line 2"),
    "open quote": ('id,a,b\n"x,0.5,0.5\n', "expected a CSV file"),
}


@pytest.mark.parametrize("case", CSV)
def test_bad_csv_is_refused_at_its_line(tmp_path: Path, case: str) -> None:
    text, message = CSV[case]
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        read_probabilities(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["\ufeffid,a,b\r\nx,0.5,0.5\r\n", "id,a,b\nx,0.5,0.5\n\n\n"])
def test_what_spreadsheets_write_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.csv").write_bytes(text.encode())
    assert read_probabilities(tmp_path / "p.csv").ids == ("x",)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "p.csv").write_bytes("id,a,b\nrosé,0.5,0.5\n".encode(encoding))
    with pytest.raises(UsageError, match="expected UTF-8 text; save it as CSV in UTF-8"):
        read_probabilities(tmp_path / "p.csv")


def npy_bytes(tmp_path: Path) -> bytes:
    return write(tmp_path / "whole.npy", GOOD).read_bytes()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda whole: whole[:-8], "expected a whole .npy file"),
        (lambda whole: whole[:40], "expected a whole .npy file"),
        (lambda whole: b"", "expected a whole .npy file"),
        (lambda whole: whole * 2, "more bytes than its one array needs"),
        (lambda whole: pickle.dumps(GOOD), "expected a whole .npy file"),
        (lambda whole: whole.replace(b"(3, 3)", b"(9,-1)"), "expected a whole .npy file"),
        (lambda whole: whole.replace(b"(3, 3), ", b"(9**9,9)"), "expected a whole .npy file"),
    ],
)
def test_damaged_npy_is_refused(tmp_path: Path, damage, message: str) -> None:
    path = tmp_path / "p.npy"
    path.write_bytes(damage(npy_bytes(tmp_path)))
    with pytest.raises(UsageError, match=message) as caught:
        read_probabilities(path)
    assert str(path) in str(caught.value)


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_pickled_objects_in_npy_are_never_loaded(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("p.npy", np.array([[Bomb()]], dtype=object), allow_pickle=True)
    with pytest.raises(UsageError, match="Python objects"):
        read_probabilities(Path("p.npy"))
    assert not Path("exploded").exists()


@pytest.mark.parametrize("dtype", ["U3", [("a", "f4")], "M8[s]"])
def test_npy_of_other_types_is_refused(tmp_path: Path, dtype) -> None:
    np.save(tmp_path / "p.npy", np.zeros((2, 2), dtype=dtype))
    with pytest.raises(UsageError, match="expected numbers"):
        read_probabilities(tmp_path / "p.npy")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"a": [0.5], "b": ["x"]}, "expected numbers in column 'b', not .*string"),
        ({"a": [0.5, None], "b": [0.5, 0.5]}, "not nan for class 'a' in row 1"),
        ({"id": ["x", None], "a": [0.5, 0.5], "b": [0.5, 0.5]}, "the id '' in row 1"),
        ({"id": ["x"], "a": [1.0]}, "at least 2 classes, not 1"),
        ({"a": [], "b": []}, "there are no rows"),
        ({}, "at least 2 classes|no rows"),
    ],
)
def test_bad_parquet_is_refused(tmp_path: Path, frame, message: str) -> None:
    path = tmp_path / "p.parquet"
    pd.DataFrame(frame, dtype=None if frame.get("a") != [] else float).to_parquet(path)
    with pytest.raises(UsageError, match=message):
        read_probabilities(path)


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.parquet", GOOD).read_bytes()
    path = tmp_path / "p.parquet"
    for damaged in (b"", whole[:-20], b"not parquet at all", whole[:50] + whole[60:]):
        path.write_bytes(damaged)
        with pytest.raises(UsageError, match="p.parquet"):
            read_probabilities(path)


@pytest.mark.parametrize("name", ["p.npy", "p.csv", "p.parquet"])
def test_a_missing_file_or_a_folder_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"cannot read .*{name}: No such file"):
        read_probabilities(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match=f"cannot read .*{name}: "):
        read_probabilities(tmp_path / name)


@pytest.mark.parametrize("name", ["p.txt", "p", "p.npz", "p.pkl"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(UsageError, match="must end in one of .npy, .parquet, .csv"):
        read_probabilities(tmp_path / name)
