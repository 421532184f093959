"""The dataset `folder`."""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from alcore.errors import AlcoreError, UsageError
from alcore.images import check_image, read_images, thumbnail
from alcore.types import FloatArray, ImageArray, IntArray
from alcore_folder import FolderOptions
from alcore_folder.labels import encode, from_csv, from_folders
from alcore_folder.listing import Listing, check_case, list_images

_LOG = logging.getLogger(__name__)


class Folder:
    """Images of one folder, sorted by id.

    Attributes:
        skipped: Name -> why, for images that are left out.
        ignored: Number of hidden files and of files that are no image by their name.
    """

    def __init__(
        self,
        images: Mapping[str, Path],
        labelled: tuple[tuple[str, ...], IntArray] | None,
        *,
        fingerprint: str,
        size: int,
    ) -> None:
        self.ids = tuple(images)
        self._files = tuple(images.values())
        self._size = size
        self.class_names = labelled[0] if labelled else None
        self._labels = labelled[1] if labelled else None
        self.fingerprint = fingerprint
        self.skipped: Mapping[str, str] = {}
        self.ignored = 0

    @property
    def known_labels(self) -> IntArray | None:
        """Class index per image, -1 where unknown; None where no image has a class."""
        return None if self._labels is None else self._labels.copy()

    def features(self, positions: IntArray) -> FloatArray:
        """None: these are images."""
        raise AlcoreError("a folder of images has no features; choose a model with a backbone")

    def images(self, positions: IntArray) -> FloatArray:
        """Shape (m, image_size, image_size, 3), float32 in [0, 1]."""
        return self.images_of_size(positions, self._size)

    def images_of_size(self, positions: IntArray, size: int) -> FloatArray:
        """Shape (m, size, size, 3), float32 in [0, 1]."""
        files = [self._files[i] for i in positions]
        return read_images(files, size, names=[self.ids[i] for i in positions])

    def thumbnail(self, position: int) -> ImageArray:
        """In its own proportions, at most 256 pixels a side."""
        return thumbnail(self._files[position], name=self.ids[position])


def make(options: FolderOptions) -> Folder:
    """Look through the folder and read every file once.

    Raises:
        AlcoreError: No folder, no images, too many broken ones, one class only, wrong labels.
    """
    if not options.path:
        raise UsageError("the dataset folder needs a path, such as folder:photos")
    root = Path(options.path).expanduser()
    listing = list_images(root)
    digests, broken = _inspect(listing.images)
    _check_broken(root, listing, broken, options.broken_allowed)
    images = {name: path for name, path in listing.images.items() if name in digests}
    if not images:
        others = f"; it has {listing.ignored} other files" if listing.ignored else ""
        raise UsageError(f"{root} holds no image, expected .jpg, .png or the like{others}")
    labelled = _labels(root, options.labels, listing, list(images))
    content = json.dumps([digests, labelled and [labelled[0], labelled[1].tolist()]])
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    made = Folder(images, labelled, fingerprint=fingerprint, size=options.image_size)
    made.skipped, made.ignored = {**listing.refused, **broken}, listing.ignored
    if made.skipped:
        _LOG.warning("%s: %d left out: %s", root, len(made.skipped), _first(made.skipped))
    return made


def _inspect(images: Mapping[str, Path]) -> tuple[dict[str, str], dict[str, str]]:
    """SHA-256 of each whole image by id, and why the others are not whole."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = dict(zip(images, pool.map(check_image, images.values()), strict=True))
        whole = [name for name, fault in faults.items() if fault is None]
        digests = pool.map(lambda name: _sha256(name, images[name]), whole)
        found = dict(zip(whole, digests, strict=True))
    return found, {name: fault for name, fault in faults.items() if fault is not None}


def _sha256(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AlcoreError(f"the image {name!r} cannot be read: {error.strerror}") from error


def _check_broken(root: Path, listing: Listing, broken: Mapping[str, str], allowed: float) -> None:
    n = len(listing.images)
    if len(broken) > allowed * n:
        raise AlcoreError(
            f"{root}: {len(broken)} of {n} images cannot be read, more than the {allowed:.0%} "
            f"that broken_allowed lets pass: {_first(broken)}; repair or remove them, or raise "
            "broken_allowed"
        )


def _labels(
    root: Path, file: str, listing: Listing, ids: list[str]
) -> tuple[tuple[str, ...], IntArray] | None:
    if not file:
        folders = from_folders(ids)
        check_case(root, filter(None, folders))
        return encode(folders, f"{root} with a sub-folder per class")
    classes = from_csv(Path(file).expanduser(), listing.images)
    labelled = encode([classes.get(name) for name in ids], file)
    if labelled is None:
        raise UsageError(f"{file}: no image has a label; expected some in column label")
    return labelled


def _first(faults: Mapping[str, str]) -> str:
    shown = "; ".join(f"{name!r}: {fault}" for name, fault in islice(faults.items(), 3))
    return f"{shown}; and {len(faults) - 3} more" if len(faults) > 3 else shown
