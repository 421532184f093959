"""What is known of a dataset without TFDS: where it lies, and what TFDS would fetch for it."""

import difflib
import hashlib
import importlib.util
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_cache_path

from alcore.errors import AlcoreError, UsageError
from alcore_tfds import TfdsOptions
from alcore_tfds.pack import Contents

_NAME = re.compile(r"[a-z][a-z0-9_]*(/[A-Za-z0-9][\w.\-]*)?")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, kw_only=True)
class Record:
    """A file that TFDS fetches, with the size and SHA-256 that TFDS has on record."""

    url: str
    size: int
    sha256: str
    filename: str


def numbered(downloads: Path, contents: Contents) -> list[str]:
    """Ids where the source has none: ``train/00042``, the split and the number in it."""
    return [
        f"{split}/{number:0{len(str(stop - start - 1))}d}"
        for split, (start, stop) in contents.splits.items()
        for number in range(stop - start)
    ]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One dataset of TFDS.

    Attributes:
        name: As TFDS calls it, or name/config.
        typed: What a person types for it: "tf_flowers", "tfds:cifar100".
        data_dir: Where TFDS has prepared it; "" for TFDS's own folder or alcore's.
        ids: From the folder with the files TFDS has read (it may be missing) and the contents
            to one id per image.
    """

    name: str
    typed: str
    data_dir: str = ""
    ids: Callable[[Path, Contents], Sequence[str]] = numbered

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                f"{self.name!r} is no name of TensorFlow Datasets; say it like tfds:cifar100 or "
                "tfds:eurosat/rgb"
            )

    @classmethod
    def of(cls, options: TfdsOptions) -> "Source":
        """The dataset that these options mean."""
        return cls(name=options.name, typed=f"tfds:{options.name}", data_dir=options.data_dir)

    @property
    def root(self) -> Path:
        """The folder in which TFDS may have prepared it."""
        usual = os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
        return Path(self.data_dir or usual).expanduser()

    def prepared(self) -> Path | None:
        """The folder of the newest version that TFDS has prepared, if it has."""
        infos = (self.root / self.name).glob("*/dataset_info.json")
        versions = [info.parent for info in infos if _VERSION.fullmatch(info.parent.name)]
        return max(versions, key=lambda f: [int(n) for n in f.name.split(".")], default=None)

    @property
    def own(self) -> Path:
        """Where its pack lies, if alcore fetched it."""
        return user_cache_path("alcore") / "tfds" / re.sub("[:/]", "-", self.typed)

    def pack(self) -> Path:
        """Where its pack is or will be.

        The name of one that is made from what TFDS had prepared tells from what, so that it is
        made anew when TFDS prepares it again.

        Raises:
            AlcoreError: A folder was named, and TFDS has not prepared it there.
        """
        prepared = self.prepared()
        if prepared is None and self.data_dir:
            raise self.not_there()
        if prepared is None or (not self.data_dir and self.own.exists()):
            return self.own
        when = (prepared / "dataset_info.json").stat().st_mtime_ns
        key = hashlib.sha256(f"{prepared.resolve()} {when}".encode()).hexdigest()[:12]
        return self.own.with_name(f"{self.own.name}+{key}")

    def not_there(self) -> AlcoreError:
        """What to say where TFDS has not prepared it."""
        return AlcoreError(
            f"TFDS has not prepared {self.name!r} in {self.root}: there is no "
            f"{self.name}/VERSION/dataset_info.json"
        )

    def installation(self) -> Path:
        """The folder of the TFDS that is installed, found without importing it.

        Raises:
            AlcoreError: There is none.
        """
        found = importlib.util.find_spec("tensorflow_datasets")
        if found is None or found.origin is None:
            raise AlcoreError(
                f"preparing {self.typed!r} needs alcore[tensorflow]; "
                'pip install "alcore[tensorflow]"'
            )
        return Path(found.origin).parent

    def records(self) -> tuple[Record, ...]:
        """The files that the installed TFDS would fetch for it.

        Raises:
            AlcoreError: TFDS is not installed, or has no record of such a dataset.
        """
        folder = self.installation()
        files = {file.stem: file for file in (folder / "url_checksums").glob("*.txt")}
        files |= {file.parent.name: file for file in folder.glob("*/*/checksums.tsv")}
        dataset = self.name.partition("/")[0]
        if dataset not in files:
            near = " or ".join(difflib.get_close_matches(dataset, files, n=3))
            raise UsageError(
                f"TensorFlow Datasets has no download on record for {dataset!r}; "
                + (f"did you mean {near}?" if near else "name a data_dir where it is prepared")
            )
        lines = files[dataset].read_text(encoding="utf-8").splitlines()
        records = tuple(_record(line) for line in lines if line.strip())
        if not records:
            raise UsageError(
                f"TensorFlow Datasets cannot fetch {dataset!r}, it has to be downloaded by hand; "
                "prepare it with TFDS and name its folder as data_dir"
            )
        return records


def _record(line: str) -> Record:
    parts = line.split("\t") if "\t" in line else line.rsplit(" ", 2)
    url, size, sha256, *name = parts
    usual = urlsplit(url).path.rpartition("/")[2] or "file"
    return Record(
        url=url, size=int(size), sha256=sha256, filename=name[0] if name and name[0] else usual
    )
