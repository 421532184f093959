"""Which images lie in a folder, by ids that are the same on every system."""

import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alcore.errors import UsageError

_SUFFIXES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".gif",
        ".bmp",
        ".webp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
    )
)
_UNREAD = frozenset((".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".cr2", ".nef", ".dng"))


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What lies in a folder and below, hidden folders left out.

    Attributes:
        images: Id -> file, sorted by id; the id is the path below the folder, with "/".
        refused: Name -> why, for images that are not read.
        ignored: Number of hidden files and of files that are no image by their name.
    """

    images: dict[str, Path]
    refused: dict[str, str]
    ignored: int


def list_images(root: Path) -> Listing:
    """Look through a folder. Links that leave it are refused, links to folders not followed.

    Raises:
        UsageError: It is no folder, cannot be read, or two names differ in case only.
    """
    if not root.is_dir():
        raise UsageError(f"{str(root)!r} is not a folder; expected a folder of images")
    inside = root.resolve()
    images: dict[str, Path] = {}
    refused: dict[str, str] = {}
    ignored = 0
    for path in _entries(root):
        name = identify(path.relative_to(root).as_posix())
        leads_out = path.is_symlink() and (
            path.is_dir() or not path.resolve().is_relative_to(inside)
        )
        hidden, suffix = path.name.startswith("."), path.suffix.lower()
        if leads_out:
            refused[_shown(name)] = "a link to a folder, or out of this one"
        elif hidden or suffix not in _SUFFIXES | _UNREAD:
            ignored += 1
        elif why := _refusal(path, name, images):
            refused[_shown(name)] = why
        else:
            images[name] = path
    check_case(root, images)
    return Listing(images=dict(sorted(images.items())), refused=refused, ignored=ignored)


def _refusal(path: Path, name: str, images: Collection[str]) -> str:
    """Why a file that is an image by its name is not read; "" where it is."""
    if path.suffix.lower() in _UNREAD:
        return f"{path.suffix} is not read, convert it to .jpg or .png"
    if not path.is_file():
        return "not a file"
    if _shown(name) != name:
        return "its name is not valid Unicode"
    return "two names differ only in how accents are written" if name in images else ""


def identify(path: str) -> str:
    """The id of a path below the folder: some systems take letters and accents apart."""
    return unicodedata.normalize("NFC", path)


def check_case(root: Path, names: Iterable[str]) -> None:
    """Refuse names that are one and the same on systems that do not tell cases apart."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise UsageError(
                f"{root}: {other!r} and {name!r} differ in upper and lower case only, which "
                "many systems take for one name; rename one of them"
            )


def _entries(root: Path) -> Iterator[Path]:
    """All files below, and links to folders."""
    for folder, folders, files in os.walk(root, onerror=_cannot_read):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in (*links, *files))


def _cannot_read(error: OSError) -> None:
    raise UsageError(f"cannot read {error.filename}: {error.strerror}") from error


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
