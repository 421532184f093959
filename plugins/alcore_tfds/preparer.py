"""Fetching a dataset of TFDS and packing it: whole or not at all."""

import hashlib
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from filelock import FileLock

from alcore.download import check_reachable, fetch
from alcore.errors import AlcoreError, UsageError, sentence
from alcore.models import Progress
from alcore.preparation import Download
from alcore_tfds import TfdsOptions
from alcore_tfds.pack import write_pack
from alcore_tfds.source import Record, Source

# The download, what TFDS makes of it, and the pack.
_COPIES = 3


def make(options: TfdsOptions) -> "TfdsPreparer":
    """The preparer of the dataset that these options mean."""
    return TfdsPreparer(Source.of(options))


class TfdsPreparer:
    """Works in a folder beside the pack's place; the finished pack is moved there at the end."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def missing(self) -> Download | None:
        """What TFDS would fetch, from its own records; None where TFDS or alcore has it."""
        source = self._source
        if source.pack().exists() or source.prepared():
            return None
        records = source.records()
        return Download(
            dataset=source.typed,
            url=records[0].url,
            bytes=sum(record.size for record in records),
            folder=source.own,
        )

    def prepare(self, *, archive: Path | None, unverified: bool, progress: Progress) -> None:
        """See `Preparer`; what TFDS has prepared already is only packed."""
        source = self._source
        if archive is None and self.missing() is None:
            self.pack_prepared(progress)
            return
        if source.data_dir:
            raise UsageError("give an archive or the option data_dir, not both")
        if source.own.exists():
            raise UsageError(
                f"{source.typed!r} is prepared already; remove {source.own} to prepare it anew"
            )
        if archive is not None and archive.is_dir():
            self._pack_from(replace(source, data_dir=str(archive)), source.own, progress)
            return
        records = source.records()
        if archive is None:
            check_reachable(records[0].url)
        else:
            records = (_checked(archive, records, unverified=unverified),)
        progress("load TensorFlow Datasets", 0.0)
        from alcore_tfds.builder import build, check_classifies_images

        with _making(source.own) as part:
            if source.own.exists():
                return
            check_classifies_images(source.name)
            files = _files(records, archive, part, progress)
            progress("prepare with TensorFlow Datasets", 0.0)
            prepared = build(source.name, files, part / "tfds")
            self._pack(prepared, part / "downloads", part / "pack", progress)

    def pack_prepared(self, progress: Progress) -> None:
        """Pack what TFDS has prepared, unless that is done."""
        if not self._source.pack().exists():
            self._pack_from(self._source, self._source.pack(), progress)

    def _pack_from(self, source: Source, pack: Path, progress: Progress) -> None:
        prepared = source.prepared()
        if prepared is None:
            raise source.not_there()
        source.installation()
        with _making(pack) as part:
            if not pack.exists():
                self._pack(prepared, source.root / "downloads", part / "pack", progress)

    def _pack(self, prepared: Path, downloads: Path, folder: Path, progress: Progress) -> None:
        from alcore_tfds.builder import Prepared

        opened = Prepared(prepared)
        total = sum(opened.sizes.values())
        folder.mkdir()
        write_pack(
            folder,
            {split: opened.examples(split) for split in opened.sizes},
            opened.class_names,
            partial(self._source.ids, downloads),
            lambda done: progress("pack", done / total),
        )


@contextmanager
def _making(pack: Path) -> Iterator[Path]:
    """A folder to work in; a `pack` in it goes to its place unless something went wrong.

    Other processes wait meanwhile, and find it done.
    """
    part = pack.with_name(f"{pack.name}.part")
    try:
        pack.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{pack}.lock"):
            shutil.rmtree(part, ignore_errors=True)  # left by a crash
            part.mkdir()
            try:
                yield part
                if not pack.exists():
                    (part / "pack").rename(pack)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except AlcoreError:
        raise
    except Exception as error:  # TFDS raises whatever its readers do
        raise AlcoreError(f"cannot prepare {pack}: {sentence(error)}") from error


def _checked(archive: Path, records: Sequence[Record], *, unverified: bool) -> Record:
    """Which of the files the archive is, or stands for."""
    try:
        with archive.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            alike = [record for record in records if record.size == size]
            digest = hashlib.file_digest(file, "sha256").hexdigest() if alike else ""
    except OSError as error:
        raise UsageError(f"cannot read {archive}: {error.strerror}") from error
    if official := next((record for record in alike if record.sha256 == digest), None):
        return official
    if len(records) > 1:
        raise UsageError(
            f"{archive} is none of the {len(records)} files that this dataset comes in; prepare it "
            "with TFDS and name its folder as data_dir"
        )
    official = records[0]
    if not unverified:
        differs = "another checksum" if size == official.size else f"{size:,} bytes"
        raise AlcoreError(
            f"{archive} is not the official {official.filename} of {official.size:,} bytes: it "
            f"has {differs}; get {official.url}, or accept it as it is with --unverified"
        )
    if tarfile.is_tarfile(archive):
        _check_whole(archive)
    return official


def _check_whole(archive: Path) -> None:
    """Read an archive without a known checksum to its end, before anything is made of it."""
    try:
        with tarfile.open(archive) as files:
            files.getmembers()
    except (EOFError, OSError, tarfile.TarError, zlib.error) as error:
        raise AlcoreError(f"{archive} is cut off or damaged ({error}); get it again") from error


def _files(
    records: Sequence[Record], archive: Path | None, part: Path, progress: Progress
) -> dict[str, Path]:
    """Address -> the file, downloaded or copied."""
    total = archive.stat().st_size if archive else sum(record.size for record in records)
    if (free := shutil.disk_usage(part).free) < _COPIES * total:
        raise AlcoreError(
            f"{part.parent} has {free / 1e6:.0f} MB free; preparing takes up to "
            f"{_COPIES * total / 1e6:.0f} MB"
        )
    files = {}
    for number, record in enumerate(records):
        file = files[record.url] = part / "downloads" / f"{number}-{record.filename}"
        file.parent.mkdir(exist_ok=True)
        if archive:
            shutil.copyfile(archive, file)
        else:
            fetch(record.url, file, size=record.size, sha256=record.sha256, progress=progress)
    return files
