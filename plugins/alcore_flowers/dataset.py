"""tf_flowers as TFDS builds it, with the names of the photos, which TFDS forgets."""

import tarfile
from pathlib import Path

import numpy as np

from alcore_tfds import PackedOptions
from alcore_tfds.dataset import PackedImages, open_source
from alcore_tfds.pack import Contents
from alcore_tfds.preparer import TfdsPreparer
from alcore_tfds.source import Source


def make(options: PackedOptions) -> PackedImages:
    """The photos in the builder's order; ids are ``roses/4504202784_db9e3d6c08.jpg``.

    Where TFDS prepared them elsewhere and its download is gone, ids are ``roses/0001``.
    """
    return open_source(_source(options), image_size=options.image_size)


def make_preparer(options: PackedOptions) -> TfdsPreparer:
    """Fetches the archive of photos, or takes one from a file."""
    return TfdsPreparer(_source(options))


def _source(options: PackedOptions) -> Source:
    return Source(name="tf_flowers", typed="tf_flowers", data_dir=options.data_dir, ids=photo_names)


def photo_names(downloads: Path, contents: Contents) -> list[str]:
    """An id per photo, class and file name; class and number without the right archive."""
    for archive in sorted(downloads.rglob("*.tgz")):
        names = _names_from(archive, contents)
        if names is not None:
            return names
    seen = dict.fromkeys(contents.class_names, 0)
    names = []
    for label in contents.labels:
        name = contents.class_names[label]
        seen[name] += 1
        names.append(f"{name}/{seen[name]:04d}")
    return names


def _names_from(archive: Path, contents: Contents) -> list[str] | None:
    """Names in the order of the photos; None where classes and sizes say it is another archive.

    The builder's order depends on nothing but the names.
    """
    from alcore_tfds.builder import in_builder_order

    try:
        with tarfile.open(archive) as files:
            sizes = {"/".join(Path(f.name).parts[-2:]): f.size for f in files}
    except (OSError, EOFError, tarfile.TarError):
        return None
    photos = in_builder_order((name for name in sizes if name.endswith(".jpg")), "train")
    found = [(name.partition("/")[0].lower(), sizes[name]) for name in photos]
    classes = [contents.class_names[label] for label in contents.labels]
    lengths = np.diff(contents.offsets).tolist()
    return photos if found == list(zip(classes, lengths, strict=True)) else None
