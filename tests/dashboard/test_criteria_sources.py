"""Probabilities from outside: uploads, files in open folders, rounds of stored runs."""

import os
from pathlib import Path

import numpy as np
import pytest

from alcore.errors import UsageError
from alcore.probabilities import ProbabilityTable
from alcore.rounds import WORST_KEPT
from alcore.store import Store
from alcore_dashboard.services import criteria_sources as sources

CSV = b"id,cat,dog\na,0.5,0.5\nb,0.9,0.1\n"


def sent(name: str, content: bytes) -> ProbabilityTable:
    return sources.read_upload(name, memoryview(content))


def npy(path: Path, table: object) -> bytes:
    np.save(path, np.asarray(table))
    return path.read_bytes()


def test_an_upload_is_read_as_by_the_command_line_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    table = sent("../Flowers.CSV", CSV)
    assert table.ids == ("a", "b")
    assert table.class_names == ("cat", "dog")
    content = npy(tmp_path / "p.npy", [[0.5, 0.5], [1, 0]])
    (tmp_path / "p.npy").unlink()
    assert sent("p.npy", content).probabilities.tolist() == [
        [0.5, 0.5],
        [1, 0],
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("p.csv", b"id,cat,dog\na,0.5,0.6\n", "sum to 1"),
        ("p.csv", b"", "line 1 is empty"),
        ("p.csv", b"\xff\xfe\x00", "UTF-8"),
        ("p.npy", b"not numpy", "whole .npy file"),
        ("p.parquet", b"PAR1", "whole Parquet file"),
        ("p.exe", b"MZ", "must end in one of"),
    ],
)
def test_a_bad_upload_is_one_sentence_with_its_own_name(
    name: str, content: bytes, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        sent(f"folder/{name}", content)
    said = str(refused.value)
    assert name in said
    assert "\n" not in said
    assert "alcore-" not in said


def test_pickled_arrays_are_never_loaded(tmp_path: Path) -> None:
    content = npy(tmp_path / "p.npy", np.array([{}, []], dtype=object))
    with pytest.raises(UsageError, match=r"\.npy file of numbers"):
        sent("p.npy", content)


def test_what_unpacks_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"cat": [0.5] * 40, "dog": [0.5] * 40}), path)
    monkeypatch.setattr(sources, "UPLOAD_ROWS", 20)
    monkeypatch.setattr(sources, "read_probabilities", None)
    with pytest.raises(UsageError, match=r"p\.parquet: 40 rows of 2 columns are too many"):
        sent("p.parquet", path.read_bytes())
    with pytest.raises(UsageError, match=r"p\.csv: 30 rows of 2 columns"):
        sent("p.csv", b"cat,dog\n" + b"1,0\n" * 30)


def test_samples_without_ids_are_called_by_their_row() -> None:
    table = ProbabilityTable(ids=None, probabilities=np.eye(3), class_names=("a", "b", "c"))
    source = sources.from_table(table, key=("x",), name="p.npy")
    assert source.names(np.array([2, 0])) == ("row 2", "row 0")
    assert source.pictures(np.array([2, 0])) == [None, None]
    assert "n = 3 samples of p.npy" in source.subtitle


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "open"
    (folder / "deep").mkdir(parents=True)
    (folder / "p.csv").write_bytes(CSV)
    (folder / "deep" / "q.csv").write_bytes(CSV)
    (folder / "notes.txt").write_text("no probabilities")
    (tmp_path / "secret.csv").write_bytes(CSV)
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "circle.csv").symlink_to(folder / "circle.csv")
    return folder.resolve()


def test_folders_are_separated_as_in_path(tmp_path: Path) -> None:
    text = f"{tmp_path}{os.pathsep} {os.pathsep}{tmp_path / 'x'}"
    assert sources.allowed_folders(text) == (tmp_path.resolve(), (tmp_path / "x").resolve())
    assert sources.allowed_folders(None) == ()


@pytest.mark.parametrize("text", ["p.csv", "./deep/../p.csv", "deep/q.csv"])
def test_files_in_an_open_folder_are_found(text: str, open_folder: Path) -> None:
    elsewhere = open_folder.parent / "nowhere"
    assert sources.allowed_file(text, (elsewhere, open_folder)).read_bytes() == CSV
    assert sources.allowed_file(str(open_folder / text), (open_folder,)).read_bytes() == CSV


@pytest.mark.parametrize(
    "text", ["../secret.csv", "/etc/passwd", "link.csv", "deep/../../secret.csv"]
)
def test_files_outside_are_refused_whether_they_exist_or_not(text: str, open_folder: Path) -> None:
    with pytest.raises(UsageError, match="outside the folders"):
        sources.allowed_file(text, (open_folder,))
    with pytest.raises(UsageError, match="outside the folders"):
        sources.allowed_file("../missing.csv", (open_folder,))


@pytest.mark.parametrize("text", ["missing.csv", "deep", "circle.csv", "x" * 5000, "a\0b"])
def test_what_is_no_file_is_one_sentence(text: str, open_folder: Path) -> None:
    with pytest.raises(UsageError) as refused:
        sources.allowed_file(text, (open_folder,))
    assert "\n" not in str(refused.value)


def test_without_an_open_folder_nothing_is_read() -> None:
    with pytest.raises(UsageError, match="ALCORE_DATA_DIRS"):
        sources.allowed_file("p.csv", ())


def test_only_files_of_probabilities_are_listed(open_folder: Path) -> None:
    listed = sources.listed_files((open_folder, open_folder / "gone"))
    assert listed == ["circle.csv", "link.csv", "p.csv"]


def test_the_newest_round_has_its_whole_pool_and_pictures(played: Store) -> None:
    run = played.runs()[1]
    newest = played.rounds(run.id)[-1].number
    source = sources.from_round(played, run, newest)
    assert source is not None
    arrays = played.round_arrays(run.id, newest)
    assert len(source) == len(arrays.pool)
    assert source.note == ""
    ids = played.dataset_ids(source.dataset.id if source.dataset else 0)
    assert source.names(np.array([3])) == (ids[arrays.pool[3]],)
    pictured = played.thumbnail_positions(1)
    shown = source.pictures(np.arange(len(source)))
    assert [path is not None for path in shown] == [int(p) in pictured for p in arrays.pool]
    assert any(shown)


def test_an_older_round_says_that_only_the_worst_are_kept(played: Store) -> None:
    run = played.runs()[1]
    source = sources.from_round(played, run, 0)
    assert source is not None
    assert len(source) == len(played.round_arrays(run.id, 0).worst)
    assert f"only the {WORST_KEPT} samples" in source.note
