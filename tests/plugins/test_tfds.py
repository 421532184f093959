"""Datasets of TFDS, built by small builders of our own and packed."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from alcore.components import DatasetSpec
from alcore.errors import AlcoreError, UsageError
from alcore.preparation import check_ready
from alcore.testing import check_dataset
from alcore_tfds import TfdsOptions, alcore_datasets
from alcore_tfds.dataset import PackedImages, make
from alcore_tfds.preparer import TfdsPreparer, _checked
from alcore_tfds.source import Record, Source

SPEC: DatasetSpec = alcore_datasets()[0]
SIZES = {"train": 12, "test": 5}


def grey(value: int) -> bytes:
    """A picture of one colour, encoded."""
    buffer = io.BytesIO()
    Image.new("RGB", (9, 7), (value, value, value)).save(buffer, format="PNG")
    return buffer.getvalue()


class Greys(tfds.core.GeneratorBasedBuilder):
    """Twelve pictures with labels and five without."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> Any:
        features = {
            "image": tfds.features.Image(),
            "label": tfds.features.ClassLabel(names=["dark", "light"]),
            "note": tfds.features.Text(),
        }
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager: object) -> Any:
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for i in range(SIZES[split]):
            label = i % 2 if split == "train" else -1
            yield i, {"image": io.BytesIO(grey(20 * i)), "label": label, "note": "x"}


class Notes(tfds.core.GeneratorBasedBuilder):
    """Text alone."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> Any:
        features = tfds.features.FeaturesDict({"text": tfds.features.Text()})
        return self.dataset_info_from_configs(features=features)

    def _split_generators(self, dl_manager: object) -> Any:
        return {"train": self._generate_examples()}

    def _generate_examples(self) -> Iterator[tuple[int, dict[str, Any]]]:
        yield 0, {"text": "x"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tfds")
    for builder in (Greys, Notes):
        builder(data_dir=folder).download_and_prepare()
    return folder


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "usual"))


def greys(data_dir: Path, split: str = "") -> PackedImages:
    return make(TfdsOptions(name="greys", data_dir=str(data_dir), split=split))


def packs(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("alcore/tfds/*/"))


def test_it_conforms(data_dir: Path) -> None:
    options = TfdsOptions(name="greys", data_dir=str(data_dir))
    check_dataset(replace(SPEC, make=lambda _: make(options)))


def test_images_labels_and_order_are_the_builders(data_dir: Path) -> None:
    dataset = greys(data_dir)
    builder = tfds.builder_from_directory(data_dir / "greys" / "1.0.0")
    told = [e for split in SIZES for e in tfds.as_numpy(builder.as_dataset(split=split))]
    images = dataset.images_of_size(dataset.source_order, 8)
    assert images.shape == (17, 8, 8, 3)
    assert np.allclose(images[:, 0, 0, 0] * 255, [e["image"][0, 0, 0] for e in told])
    assert dataset.known_labels is not None
    assert dataset.known_labels.tolist() == [int(e["label"]) for e in told]
    assert dataset.class_names == ("dark", "light")
    assert [dataset.ids[i] for i in (0, 11, 12, 16)] == [
        "train/00", "train/11", "test/0", "test/4",
    ]  # fmt: skip


def test_one_split_alone(data_dir: Path) -> None:
    whole, train, test = greys(data_dir), greys(data_dir, "train"), greys(data_dir, "test")
    last = np.array([4])
    assert np.array_equal(test.images(last), whole.images(last + 12))
    assert (train.ids + test.ids) == whole.ids
    assert train.known_labels is not None and test.known_labels is None
    assert len({whole.fingerprint, train.fingerprint, test.fingerprint}) == 3
    with pytest.raises(UsageError, match="no split 'valid'; known: train, test"):
        greys(data_dir, "valid")


def test_a_packed_dataset_needs_no_tfds(data_dir: Path, tmp_path: Path) -> None:
    greys(data_dir)
    code = (
        "import sys; from alcore_tfds import *; from alcore_tfds.dataset import make;"
        f"d = make(TfdsOptions(name='greys', data_dir={str(data_dir)!r}));"
        "print(len(d.ids), {'tensorflow', 'tensorflow_datasets'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "17 set()\n"


def test_many_at_once_pack_once(data_dir: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(greys, [data_dir] * 4))
    assert len({dataset.fingerprint for dataset in made}) == 1
    assert len(packs(tmp_path)) == 1


def test_what_tfds_prepared_again_is_packed_again(data_dir: Path, tmp_path: Path) -> None:
    before = greys(data_dir).fingerprint
    (data_dir / "greys" / "1.0.0" / "dataset_info.json").touch()
    assert greys(data_dir).fingerprint == before
    assert len(packs(tmp_path)) == 2


def test_the_usual_folder_of_tfds_is_found(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFDS_DATA_DIR", str(data_dir))
    options = TfdsOptions(name="greys")
    check_ready(SPEC, options)
    assert len(make(options).ids) == 17


@pytest.mark.parametrize("file", ["images.bin", "index.npz"])
def test_a_damaged_pack_is_named(data_dir: Path, tmp_path: Path, file: str) -> None:
    greys(data_dir)
    damaged = packs(tmp_path)[0] / file
    damaged.write_bytes(damaged.read_bytes()[:-30])
    with pytest.raises(AlcoreError, match="damaged .* remove that folder"):
        greys(data_dir)


def test_text_is_no_image(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(AlcoreError, match="no image with a class label; its features are text"):
        make(TfdsOptions(name="notes", data_dir=str(data_dir)))
    assert packs(tmp_path) == []


def test_broken_data_of_tfds_leave_nothing(data_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for file in (data_dir / "greys" / "1.0.0").iterdir():
        target = copy / "greys" / "1.0.0" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        content = file.read_bytes()
        target.write_bytes(content[:-200] if "tfrecord" in file.name else content)
    with pytest.raises(AlcoreError, match="cannot prepare .*greys"):
        greys(copy)
    assert packs(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "say it like tfds:cifar100"),
        ("../secret", "no name of TensorFlow Datasets"),
        ("cifar1000", "did you mean cifar100 or"),
        ("zzzzz", "no download on record for 'zzzzz'; name a data_dir"),
        ("cifar100", "169 MB would be fetched .* alcore data prepare tfds:cifar100"),
    ],
)
def test_a_dataset_that_is_not_here(name: str, sentence: str) -> None:
    with pytest.raises(AlcoreError, match=sentence):
        check_ready(SPEC, TfdsOptions(name=name))
    with pytest.raises(AlcoreError, match=sentence):
        make(TfdsOptions(name=name))


def test_a_data_dir_without_it(tmp_path: Path) -> None:
    source = Source(name="greys", typed="tfds:greys", data_dir=str(tmp_path))
    source.own.mkdir(parents=True)  # alcore's own pack is another one
    for open_it in (lambda: greys(tmp_path), TfdsPreparer(source).missing):
        with pytest.raises(AlcoreError, match="no greys/VERSION/dataset_info.json"):
            open_it()


def test_an_archive_may_be_one_of_several_and_some_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AlcoreError, match="has to be downloaded by hand"):
        make(TfdsOptions(name="resisc45"))
    (tmp_path / "one.zip").write_bytes(b"one")
    digest = hashlib.sha256(b"one").hexdigest()
    records = [
        Record(url=f"http://x/{name}", size=size, sha256=digest, filename=name)
        for name, size in (("two.zip", 4), ("one.zip", 3))
    ]
    assert _checked(tmp_path / "one.zip", records, unverified=False) == records[1]
    (tmp_path / "one.zip").write_bytes(b"two")
    with pytest.raises(AlcoreError, match="is none of the 2 files"):
        _checked(tmp_path / "one.zip", records, unverified=True)


def test_the_newest_version_counts(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "draft"):
        (tmp_path / "greys" / version).mkdir(parents=True)
        (tmp_path / "greys" / version / "dataset_info.json").touch()
    prepared = Source(name="greys", typed="tfds:greys", data_dir=str(tmp_path)).prepared()
    assert prepared == tmp_path / "greys" / "1.10.0"


@pytest.mark.parametrize("name", ["tf_flowers", "mnist", "imagenet2012", "stanford_dogs"])
def test_records_agree_with_tfds(name: str) -> None:
    ours = {r.url: (r.size, r.sha256) for r in Source(name=name, typed=name).records()}
    theirs = tfds.builder_cls(name).url_infos
    assert ours == {url: (int(info.size), info.checksum) for url, info in theirs.items()}
