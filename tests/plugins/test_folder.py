"""Photos of one's own: ids, labels, broken files, links, and everything that can be wrong."""

import logging
import os
import shutil
import unicodedata
from collections.abc import Iterable
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from alcore.components import DatasetSpec
from alcore.datasets import ScalableImages
from alcore.errors import AlcoreError
from alcore.options import build, option
from alcore.plugins import Registry
from alcore.testing import check_dataset
from alcore_folder import FolderOptions
from alcore_folder.dataset import Folder, make

FOUR = ("roses/1.jpg", "roses/2.png", "tulips/1.jpg", "tulips/old/3.JPG")


def photos(root: Path, names: Iterable[str] = FOUR, *, broken: Iterable[str] = ()) -> Path:
    for shade, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), (20 * shade % 256, 99, 0)).save(root / name)
    for name in broken:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"\xff\xd8\xff\xe0 no more")
    return root


def folder(root: Path, **options: Any) -> Folder:
    return make(FolderOptions(path=str(root), **options))


def refusal(root: Path, **options: Any) -> str:
    with pytest.raises(AlcoreError) as caught:
        folder(root, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_sub_folder_is_a_class_and_ids_lie_below_the_folder(tmp_path: Path) -> None:
    made = folder(photos(tmp_path))
    assert made.ids == FOUR
    assert made.class_names == ("roses", "tulips")
    assert made.known_labels is not None and made.known_labels.tolist() == [0, 0, 1, 1]
    assert made.images(np.array([3, 0])).shape == (2, 224, 224, 3)
    assert isinstance(made, ScalableImages)
    small = made.images_of_size(np.array([3, 0]), 8)
    assert np.allclose(small[:, 0, 0, 0] * 255, [60, 0], atol=3)
    assert made.thumbnail(0).shape == (30, 40, 3)
    with pytest.raises(AlcoreError, match="no features"):
        made.features(np.array([0]))


def test_it_passes_the_checks_for_datasets(tmp_path: Path) -> None:
    photos(tmp_path)
    defaults = make_dataclass(
        "Defaults", [("path", str, option(str(tmp_path), help="the folder"))], frozen=True
    )

    def of_defaults(options: Any) -> Folder:
        return make(build(FolderOptions, {"path": options.path}, where="dataset"))

    check_dataset(
        DatasetSpec(
            name="folder",
            summary="",
            make=of_defaults,
            options=defaults,
            provides=frozenset({"images"}),
        )
    )


def test_images_beside_the_sub_folders_have_no_label(tmp_path: Path) -> None:
    made = folder(photos(tmp_path, (*FOUR, "zoo.jpg")))
    assert made.known_labels is not None
    assert dict(zip(made.ids, made.known_labels.tolist(), strict=True))["zoo.jpg"] == -1


def test_a_flat_folder_is_unlabelled(tmp_path: Path) -> None:
    made = folder(photos(tmp_path, ["b.jpg", "a.jpg"]))
    assert made.ids == ("a.jpg", "b.jpg")
    assert made.class_names is None and made.known_labels is None


def test_equal_file_names_in_two_classes_are_two_samples(tmp_path: Path) -> None:
    assert folder(photos(tmp_path, ["a/1.jpg", "b/1.jpg"])).ids == ("a/1.jpg", "b/1.jpg")


def test_hidden_and_other_files_are_counted_and_left_out(tmp_path: Path) -> None:
    photos(tmp_path, (*FOUR, ".hidden/1.jpg", "roses/.4.jpg"))
    (tmp_path / "LICENSE.txt").write_text("by")
    made = folder(tmp_path)
    assert made.ids == FOUR and made.ignored == 2


def test_a_csv_file_gives_labels_to_some(tmp_path: Path) -> None:
    photos(tmp_path / "all", ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "sub/e.jpg"])
    table = tmp_path / "labels.csv"
    table.write_text(
        '\ufeffwho,Path,label\nme,c.jpg,"cat, big"\nme,a.jpg, dog\n\nme,b.jpg,\nme,sub/e.jpg,dog\n',
        encoding="utf-8",
    )
    made = folder(tmp_path / "all", labels=str(table))
    assert made.class_names == ("cat, big", "dog")
    assert made.known_labels is not None and made.known_labels.tolist() == [1, -1, 0, -1, 1]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("path,label\na.jpg,x\nzzz.jpg,y\n", r"line 3: the folder has no image 'zzz.jpg'"),
        ("path,label\n../a.jpg,x\nb.jpg,y\n", r"line 2: the folder has no image '../a.jpg'"),
        ("path,label\na.jpg,x\na.jpg,y\n", r"line 3: 'a.jpg' already stands in line 2"),
        ("file,label\na.jpg,x\n", r"line 1: expected columns path and label, not file, label"),
        ("", r"line 1: expected columns path and label, not an empty line"),
        ("path,label\na.jpg\n", r"line 2: expected 2 cells, as in the header, not 1"),
        ("path,label\na.jpg,x\nb.jpg,x\n", r"'x' is the only class"),
        ("path,label\na.jpg,\n", r"no image has a label"),
        ('path,label\na.jpg,"x\n', r"expected a CSV file"),
    ],
)
def test_a_wrong_csv_file_is_refused(tmp_path: Path, text: str, wrong: str) -> None:
    photos(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(AlcoreError, match=wrong):
        folder(tmp_path, labels=str(tmp_path / "labels.csv"))


def test_a_csv_file_that_is_none_is_refused(tmp_path: Path) -> None:
    photos(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "binary.csv").write_bytes(b"path,label\n\xff\xfe,1\n")
    assert "expected a CSV file in UTF-8" in refusal(tmp_path, labels=str(tmp_path / "binary.csv"))
    assert "cannot read" in refusal(tmp_path, labels=str(tmp_path / "gone.csv"))


def test_broken_files_are_left_out_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photos(
        tmp_path, [f"{c}/{i}.png" for c in "ab" for i in range(4)], broken=["a/9.jpg", "b/9.jpg"]
    )
    with caplog.at_level(logging.WARNING):
        made = folder(tmp_path)
    assert len(made.ids) == 8 and set(made.skipped) == {"a/9.jpg", "b/9.jpg"}
    [record] = caplog.records
    assert "2 left out: 'a/9.jpg'" in record.getMessage()


def test_too_many_broken_files_are_one_sentence(tmp_path: Path) -> None:
    whole = [f"{c}/{i}.png" for c in "ab" for i in range(7)]
    photos(tmp_path, whole, broken=[f"a/broken{i}.jpg" for i in range(6)])
    said = refusal(tmp_path)
    assert "6 of 20 images cannot be read, more than the 20%" in said
    assert "'a/broken0.jpg'" in said and "and 3 more" in said and "broken_allowed" in said
    assert len(folder(tmp_path, broken_allowed=0.3).ids) == 14


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        ([], "holds no image"),
        (["notes.txt"], "holds no image.* it has 1 other files"),
        (["roses/1.jpg", "roses/2.jpg"], "'roses' is the only class; expected at least two"),
        (["a/x.jpg", "b/X.jpg", "b/x.jpg"], "'b/X.jpg' and 'b/x.jpg' differ in upper and lower"),
        (["Rose/1.jpg", "rose/2.jpg"], "'Rose' and 'rose' differ in upper and lower case only"),
    ],
)
def test_a_folder_that_cannot_be_learned_from(tmp_path: Path, names: list[str], wrong: str) -> None:
    photos(tmp_path, [name for name in names if not name.endswith(".txt")])
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(AlcoreError, match=wrong):
        folder(tmp_path)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    assert "is not a folder" in refusal(tmp_path / "gone")
    assert "is not a folder" in refusal(Path(__file__))
    with pytest.raises(AlcoreError, match="needs a path, such as folder:photos"):
        make(FolderOptions())


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    private = photos(tmp_path / "private", ["x.jpg"])
    root = photos(tmp_path / "root")
    (root / "roses/in.jpg").symlink_to(root / "roses/1.jpg")
    (root / "roses/out.jpg").symlink_to(private / "x.jpg")
    (root / "linked").symlink_to(private)
    made = folder(root)
    assert "roses/in.jpg" in made.ids and len(made.ids) == 5
    assert set(made.skipped) == {"roses/out.jpg", "linked"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(photos(tmp_path) / "roses/pipe.jpg")
    assert folder(tmp_path).skipped == {"roses/pipe.jpg": "not a file"}


def test_names_are_the_same_however_a_system_writes_accents(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "é")
    made = folder(photos(tmp_path, [f"{apart}/1.jpg", "z/1.jpg"]))
    assert made.ids == ("z/1.jpg", "é/1.jpg") and made.class_names == ("z", "é")
    assert made.images_of_size(np.array([1]), 8).shape == (1, 8, 8, 3)


def test_what_cannot_be_told_apart_or_read_is_counted(tmp_path: Path) -> None:
    photos(tmp_path, [*FOUR, "z/3.jfif.jpg"])
    (tmp_path / "z/3.jfif.jpg").rename(tmp_path / "z/3.jfif")
    (tmp_path / "z/4.HEIC").touch()
    names = ["z/é.png", unicodedata.normalize("NFD", "z/é.png")]
    photos(tmp_path, names)
    if len(list((tmp_path / "z").glob("*.png"))) < 2:
        pytest.skip("this file system tells them not apart")
    made = folder(tmp_path)
    assert made.ids == (*FOUR, "z/3.jfif", "z/é.png")
    assert sorted(made.skipped) == ["z/4.HEIC", "z/é.png"]
    assert "convert it" in made.skipped["z/4.HEIC"] and "accents" in made.skipped["z/é.png"]


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    photos(tmp_path)
    try:
        shutil.copy(tmp_path / FOUR[0], tmp_path / "roses" / os.fsdecode(b"\xff.jpg"))
    except OSError:
        pytest.skip("this file system has no such names")
    assert list(folder(tmp_path).skipped.values()) == ["its name is not valid Unicode"]


def test_the_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    def fingerprint(name: str) -> str:
        return folder(tmp_path / name).fingerprint

    photos(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    assert fingerprint("one") == fingerprint("copy")
    changed = tmp_path / "copy" / FOUR[0]
    before = changed.stat()
    Image.new("RGB", (40, 30), (200, 99, 0)).save(changed)
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert fingerprint("one") != fingerprint("copy")
    shutil.copytree(tmp_path / "one", tmp_path / "moved")
    (tmp_path / "moved/roses/1.jpg").rename(tmp_path / "moved/tulips/9.jpg")
    assert fingerprint("one") != fingerprint("moved")


def test_a_file_that_goes_away_later_is_named(tmp_path: Path) -> None:
    made = folder(photos(tmp_path))
    (tmp_path / FOUR[0]).unlink()
    with pytest.raises(AlcoreError, match="'roses/1.jpg' cannot be read: No such file"):
        made.images(np.array([0]))


def test_it_is_registered_with_its_argument() -> None:
    spec = Registry.load(built_in_only=True, block=(), strict=True).dataset("folder")
    assert spec.argument == "path" and spec.provides == {"images"}
