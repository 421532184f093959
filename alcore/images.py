"""Photos as arrays: any format, mode and size in, one kind of array out.

Colours become RGB, transparency becomes white, 16 bits become 8, a rotation noted by the camera
is applied, and of an animation the first frame is taken. Colour profiles are ignored.
"""

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from alcore.errors import AlcoreError
from alcore.thumbnails import LARGEST_SIDE
from alcore.types import FloatArray, ImageArray

Source: TypeAlias = Path | bytes
"""A file, or its content."""

# Not all that Pillow reads: for EPS it would start another program.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
_MOST_PIXELS = 80_000_000


def read_images(sources: Sequence[Source], size: int, *, names: Sequence[str]) -> FloatArray:
    """Decode images in parallel and squash each to a square, smoothing as it shrinks.

    Args:
        sources: The m images.
        size: Height and width wanted, in pixels.
        names: What errors call each of them, such as the ids of the samples.

    Returns:
        Shape (m, size, size, 3), float32 in [0, 1].

    Raises:
        AlcoreError: One of them is missing, damaged or no image.
    """
    images = np.empty((len(sources), size, size, 3), dtype=np.float32)

    def read(index: int) -> None:
        try:
            with _opened(sources[index], size) as image:
                square = _rgb(image).resize((size, size), Image.Resampling.BILINEAR)
        except Exception as error:
            raise _unreadable(names[index], error) from error
        np.divide(np.asarray(square), np.float32(255), out=images[index])

    # Pillow lets other threads run while it decodes.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(read, range(len(sources))):
            pass
    return images


def thumbnail(source: Source, *, name: str) -> ImageArray:
    """A picture in its own proportions, at most 256 pixels a side, (h, w, 3) uint8.

    Raises:
        AlcoreError: It is missing, damaged or no image; `name` is what the error calls it.
    """
    try:
        with _opened(source, LARGEST_SIDE) as image:
            picture = _rgb(image)
    except Exception as error:
        raise _unreadable(name, error) from error
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return np.array(picture)


def check_image(source: Source) -> str | None:
    """Why an image cannot be read, as the end of a sentence; None if it can.

    Reads all of it, but decodes no more than it takes to find a damage.
    """
    try:
        with _opened(source, 1) as image:
            if image.format == "PNG":
                image.verify()  # the checksums, which `load` passes over
        with _opened(source, 1) as image:
            image.load()
    except Exception as error:
        return _reason(error)
    return None


def resized(images: FloatArray, size: int) -> FloatArray:
    """Images of another size, smoothed where they shrink.

    Args:
        images: Shape (m, h, w, c), float32 in [0, 1].
        size: Height and width wanted, in pixels.

    Returns:
        Shape (m, size, size, c), float32 in [0, 1]; the input itself where it has that size.
    """
    if images.shape[1:3] == (size, size):
        return images
    result = np.empty((len(images), size, size, images.shape[3]), dtype=np.float32)
    for image, target in zip(images, result, strict=True):
        for channel in range(images.shape[3]):
            plane = Image.fromarray(np.ascontiguousarray(image[..., channel], dtype=np.float32))
            smaller = plane.resize((size, size), Image.Resampling.BILINEAR)
            target[..., channel] = np.asarray(smaller)
    return np.clip(result, 0, 1, out=result)


@contextmanager
def _opened(source: Source, side: int) -> Iterator[Image.Image]:
    """An image whose header is acceptable; a JPEG will be decoded to no more than it needs."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with Image.open(file, formats=_FORMATS) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels, more than {_MOST_PIXELS:,}")
        # Pillow has no smaller mode for the 16 bits of a PGM.
        if image.mode == "F" or (image.mode == "I" and image.format != "PPM"):
            raise ValueError("more than 16 bits a channel")
        image.draft(None, (side, side))
        yield image


def _rgb(image: Image.Image) -> Image.Image:
    image.load()
    with suppress(Exception):  # where the camera's notes are damaged the photo is still good
        ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def _unreadable(name: str, error: Exception) -> AlcoreError:
    return AlcoreError(f"the image {name!r} cannot be read: {_reason(error)}")


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no JPEG, PNG, GIF, BMP, WebP, TIFF or PPM image"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
