"""All that is asked of TFDS itself; the only module here that imports it."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path

import tensorflow_datasets as tfds
from absl import logging
from tensorflow_datasets.core.download import checksums
from tensorflow_datasets.core.hashing import Hasher

from alcore.errors import AlcoreError

# Bars and deprecation warnings of its own would go through ours.
tfds.disable_progress_bar()
logging.set_verbosity(logging.ERROR)


def build(name: str, files: Mapping[str, Path], folder: Path) -> Path:
    """Have the genuine builder of TFDS prepare a dataset from files that are already here.

    Args:
        name: Of the dataset, or name/config.
        files: Address -> the file that TFDS would fetch from there, all in one folder.
        folder: Where it may write.

    Returns:
        The folder of the prepared dataset, below `folder`.

    Raises:
        Exception: Of many kinds: the files are broken, or others than it takes.
    """
    builder = tfds.builder(name, data_dir=folder)
    builder_type = type(builder)
    # Their checksums were compared before, or the user wants them as they are.
    builder_type.url_infos = {url: checksums.compute_url_info(file) for url, file in files.items()}
    settings = tfds.download.DownloadConfig(
        manual_dir=next(iter(files.values())).parent,
        try_download_gcs=False,
        force_checksums_validation=True,  # else it would download what is not in `files`
    )
    try:
        with redirect_stdout(io.StringIO()):
            builder.download_and_prepare(download_dir=folder, download_config=settings)
    finally:
        del builder_type.url_infos
    return Path(builder.data_dir)


def check_classifies_images(name: str) -> None:
    """Refuse a dataset that is something else, before anything is downloaded.

    Raises:
        AlcoreError: It has no image with a label.
    """
    _class_names(tfds.builder(name))


class Prepared:
    """A dataset that TFDS has prepared in a folder, read in the order of its files."""

    def __init__(self, folder: Path) -> None:
        self._builder = tfds.builder_from_directory(folder)
        self.class_names: list[str] = _class_names(self._builder)
        self.sizes: dict[str, int] = {
            name: split.num_examples for name, split in self._builder.info.splits.items()
        }

    def examples(self, split: str) -> Iterator[tuple[bytes, int]]:
        """Encoded images with their labels."""
        images = self._builder.as_dataset(
            split=split,
            decoders=tfds.decode.PartialDecoding(
                {"image": True, "label": True}, decoders={"image": tfds.decode.SkipDecoding()}
            ),
            # More than one file at a time would mix their order.
            read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
        )
        for example in images.as_numpy_iterator():
            yield example["image"], int(example["label"])


def in_builder_order(keys: Iterable[str], split: str) -> list[str]:
    """Keys in the order in which a builder that shuffles, as most do, writes their examples."""
    return sorted(keys, key=Hasher(split).hash_key)


def _class_names(builder: "tfds.core.DatasetBuilder") -> list[str]:
    features = dict(builder.info.features.items())
    image, label = features.get("image"), features.get("label")
    if not isinstance(image, tfds.features.Image) or not isinstance(
        label, tfds.features.ClassLabel
    ):
        raise AlcoreError(
            f"{builder.name!r} of TensorFlow Datasets has no image with a class label; "
            f"its features are {', '.join(features)}"
        )
    return list(label.names)
