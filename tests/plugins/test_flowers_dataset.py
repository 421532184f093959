"""tf_flowers through its genuine builder, from a small archive made here."""

import colorsys
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from alcore.components import DatasetSpec
from alcore.datasets import Ordered
from alcore.errors import AlcoreError, UsageError
from alcore.models import unwatched
from alcore.testing import check_dataset
from alcore_flowers import alcore_datasets
from alcore_flowers.dataset import make, make_preparer
from alcore_tfds import PackedOptions

CLASSES = ("dandelion", "daisy", "tulips", "sunflowers", "roses")
# One name in all classes, as one stands in two of the real ones.
PHOTOS = [f"{name}/{i}.jpg" for name in CLASSES for i in (7, 20, 300, 4000)]
SPEC: DatasetSpec = alcore_datasets()[0]
URL = "http://download.tensorflow.org/example_images/flower_photos.tgz"
OPTIONS = PackedOptions()


def colour(photo: str) -> tuple[int, int, int]:
    hue = PHOTOS.index(photo) / len(PHOTOS)
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, 1, 1))
    return red, green, blue


def write_archive(path: Path, photos: list[str]) -> Path:
    with tarfile.open(path, "w:gz") as files:
        for photo in photos:
            buffer = io.BytesIO()
            Image.new("RGB", (20, 16), colour(photo)).save(buffer, format="JPEG")
            member = tarfile.TarInfo(f"flower_photos/{photo}")
            member.size = len(buffer.getvalue())
            files.addfile(member, io.BytesIO(buffer.getvalue()))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "flower_photos.tgz", PHOTOS)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "usual"))
    return tmp_path / "cache" / "alcore" / "tfds"


def prepare(content: Path | None, *, unverified: bool = True) -> None:
    make_preparer(OPTIONS).prepare(archive=content, unverified=unverified, progress=unwatched)


def left(cache: Path) -> list[str]:
    """What a failed preparation leaves, besides the lock."""
    return [file.name for file in cache.glob("*") if file.suffix != ".lock"]


def test_ids_and_images_belong_together_in_the_builders_order(archive: Path) -> None:
    prepare(archive)
    dataset = make(OPTIONS)
    assert sorted(dataset.ids) == sorted(PHOTOS)
    assert dataset.class_names == CLASSES
    assert isinstance(dataset, Ordered) and dataset.source_order.tolist() == list(range(20))
    assert dataset.known_labels is not None
    for i, label in enumerate(dataset.known_labels):
        assert dataset.ids[i].startswith(CLASSES[label])
        pixel = dataset.images(np.array([i]))[0, 100, 100] * 255
        assert np.abs(pixel - colour(dataset.ids[i])).max() < 5
    check_dataset(SPEC)


def test_a_tfds_dataset_elsewhere_gives_the_same_with_its_download_and_numbers_without(
    archive: Path, tmp_path: Path, cache: Path
) -> None:
    prepare(archive)
    before = make(OPTIONS)
    shutil.rmtree(cache)
    builder = tfds.builder("tf_flowers", data_dir=tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        info = tfds.core.download.checksums.compute_url_info(archive)
        patch.setattr(type(builder), "url_infos", {URL: info})
        manual = tfds.download.DownloadConfig(manual_dir=tmp_path, try_download_gcs=False)
        builder.download_and_prepare(download_dir=tmp_path / "d", download_config=manual)
    prepare(tmp_path)
    assert set(make(OPTIONS).ids) == {f"{name}/{i:04d}" for name in CLASSES for i in (1, 2, 3, 4)}
    (tmp_path / "downloads").mkdir()
    archive.rename(tmp_path / "downloads" / "downl.tenso.org_flowe_photoK3.tgz")
    write_archive(tmp_path / "downloads" / "another.tgz", PHOTOS[:3])
    shutil.rmtree(cache)
    prepare(tmp_path)
    assert make(OPTIONS).ids == before.ids
    assert make(OPTIONS).fingerprint == before.fingerprint


def test_the_official_checksum_holds_again_afterwards(archive: Path) -> None:
    builder = tfds.builder_cls("tf_flowers")
    official = builder.url_infos
    prepare(archive)
    assert builder.url_infos == official and official[URL].size == 228_813_984


def test_another_archive_needs_the_flag(archive: Path, cache: Path) -> None:
    with pytest.raises(
        AlcoreError, match=r"not the official .* of 228,813,984 bytes.*--unverified"
    ):
        prepare(archive, unverified=False)
    assert left(cache) == []


def test_the_official_size_with_another_content(archive: Path) -> None:
    os.truncate(archive, 228_813_984)
    with pytest.raises(AlcoreError, match="another checksum"):
        prepare(archive, unverified=False)


@pytest.mark.parametrize("kind", ["half", "text", "no photos", "other classes"])
def test_a_broken_or_wrong_archive_leaves_nothing(archive: Path, cache: Path, kind: str) -> None:
    if kind == "half":
        os.truncate(archive, archive.stat().st_size // 2)
    elif kind == "text":
        archive.write_text("not found")
    else:
        with tarfile.open(archive, "w:gz") as files:
            name = "cats/1.jpg" if kind == "other classes" else "readme.txt"
            files.add(__file__, f"flower_photos/{name}")
    sentence = "is cut off or damaged" if kind == "half" else "cannot prepare"
    with pytest.raises(AlcoreError, match=sentence):
        prepare(archive)
    assert left(cache) == []
    with pytest.raises(AlcoreError, match="not prepared; 229 MB .* alcore data prepare tf_flowers"):
        make(OPTIONS)


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read .*nothing.tgz: No such file"):
        prepare(tmp_path / "nothing.tgz")


def test_a_folder_without_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(AlcoreError, match="no tf_flowers/VERSION/dataset_info.json"):
        prepare(tmp_path)


def test_a_crash_before_is_cleaned_up(archive: Path, cache: Path) -> None:
    (cache / "tf_flowers.part" / "pack").mkdir(parents=True)
    (cache / "tf_flowers.part" / "pack" / "images.bin").write_bytes(b"half")
    prepare(archive)
    assert left(cache) == ["tf_flowers"]
    with pytest.raises(UsageError, match="prepared already; remove .*tf_flowers"):
        prepare(archive)


def test_a_full_disk_is_said_before(
    archive: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    with pytest.raises(AlcoreError, match="has 0 MB free"):
        prepare(archive)
    assert left(cache) == []


@pytest.mark.skipif("ALCORE_TEST_DATA" not in os.environ, reason="needs the real photos")
def test_the_real_photos_come_in_the_order_of_the_article() -> None:
    data = Path(os.environ["ALCORE_TEST_DATA"])
    prepare(data / "flower_photos.tgz")
    known = np.load(data / "tf_flowers_inceptionv3.npz")
    dataset = make(OPTIONS)
    assert list(dataset.ids) == known["ids"][known["tfds_order"]].tolist()
    assert dataset.known_labels is not None
    names = [CLASSES[label] for label in dataset.known_labels]
    assert names == known["class_names"][known["labels"][known["tfds_order"]]].tolist()


def test_preparing_loads_no_tensorflow_where_it_fails_at_once() -> None:
    code = (
        "import sys; from alcore_flowers import *; from alcore_flowers.dataset import *\n"
        "preparer = make_preparer(PackedOptions()); preparer.missing()\n"
        "try: preparer.prepare(archive=None, unverified=False, progress=print)\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print({'tensorflow', 'tensorflow_datasets'} & set(sys.modules))"
    )
    offline = {**os.environ, "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=offline
    )
    assert done.stdout == "AlcoreError\nset()\n"
