"""The contract of datasets that must be fetched before they can be made.

Nothing is downloaded behind a user's back: making such a dataset without its content raises,
and `alcore data prepare` is the one place that fetches it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from alcore.components import DatasetSpec
from alcore.errors import AlcoreError
from alcore.models import Progress


@dataclass(frozen=True, kw_only=True)
class Download:
    """What preparing would fetch.

    Attributes:
        dataset: What is typed to name the dataset, such as "tf_flowers" or "tfds:cifar100".
        url: Where from; the first address where there are several.
        bytes: How much, where known.
        folder: Where it will lie.
    """

    dataset: str
    url: str
    bytes: int | None
    folder: Path

    @property
    def size(self) -> str:
        """How much, for people."""
        return f"{self.bytes / 1e6:.0f} MB" if self.bytes else "an unknown size"


class Preparer(Protocol):
    """Fetches the content of one dataset."""

    def missing(self) -> Download | None:
        """What is to be fetched; None when the dataset can be made.

        Answers within a second and imports no framework.
        """

    def prepare(self, *, archive: Path | None, unverified: bool, progress: Progress) -> None:
        """Fetch, or read `archive`, and put the content into place, whole or not at all.

        Args:
            archive: A file got by other means, or a folder with content that is prepared
                already; None to download.
            unverified: Accept an archive that is not the official one.
            progress: Told of each step.

        Raises:
            AlcoreError: No network, a broken or a wrong archive, no space.
        """


def check_ready(spec: DatasetSpec, options: Any) -> None:
    """Refuse a dataset whose content must be fetched first; answers within a second.

    Raises:
        AlcoreError: It is not there; the sentence says how much is missing and what to run.
    """
    missing = spec.preparer(options).missing() if spec.preparer else None
    if missing is not None:
        raise not_ready(missing)


def not_ready(missing: Download) -> AlcoreError:
    """What a dataset says that was made before it was prepared."""
    return AlcoreError(
        f"dataset {missing.dataset!r} is not prepared; {missing.size} would be fetched from "
        f"{missing.url}; run: alcore data prepare {missing.dataset} (offline: with --archive FILE "
        "or --data-dir FOLDER)"
    )
