"""A folder as one file and back: a saved model lies in the store like any other array."""

import shutil
import zipfile
from pathlib import Path
from typing import BinaryIO


def pack(folder: Path, file: BinaryIO) -> None:
    """Write every file of a folder, uncompressed: weights hardly shrink."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            # Without a time of day the same files make the same archive.
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)


def unpack(packed: Path, folder: Path) -> None:
    """Write the files of an archive of `pack`, whose checksum was found right, into a folder."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
