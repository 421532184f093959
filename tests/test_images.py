"""Any format, mode and size in, one kind of array out; whatever else is refused by name."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alcore.errors import AlcoreError
from alcore.images import check_image, read_images, resized, thumbnail

ORIENTATION = 0x0112


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(1)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def red_above_blue() -> Image.Image:
    image = Image.new("RGB", (40, 80), "red")
    image.paste("blue", (0, 40, 40, 80))
    return image


def one(source: Path | bytes, size: int = 16) -> np.ndarray:
    return read_images([source], size, names=["one"])[0]


def declared(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be as large as that."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


HALF_RED = Image.new("RGBA", (9, 7), (255, 0, 0, 128))
DEEP = Image.fromarray(np.full((7, 9), 0x8000, dtype=np.uint16))


@pytest.mark.parametrize(
    ("content", "colour"),
    [
        (encoded(Image.new("L", (9, 7), 100), "PNG"), (100, 100, 100)),
        (encoded(Image.new("L", (9, 7), 100), "JPEG"), (100, 100, 100)),
        (encoded(Image.new("1", (9, 7), 1), "PNG"), (255, 255, 255)),
        (encoded(Image.new("RGB", (9, 7), "lime").quantize(4), "GIF"), (0, 255, 0)),
        (encoded(Image.new("CMYK", (9, 7), (0, 255, 255, 0)), "JPEG", quality=95), (255, 0, 0)),
        (encoded(Image.new("CMYK", (9, 7), (0, 255, 255, 0)), "TIFF"), (255, 0, 0)),
        (encoded(HALF_RED, "PNG"), (255, 127, 127)),
        (encoded(HALF_RED, "WEBP", lossless=True), (255, 127, 127)),
        (encoded(Image.new("LA", (9, 7), (0, 0)), "PNG"), (255, 255, 255)),
        (encoded(Image.new("P", (9, 7), 0), "PNG", transparency=b"\x00"), (255, 255, 255)),
        (encoded(DEEP, "PNG"), (128, 128, 128)),
        (encoded(DEEP, "TIFF"), (128, 128, 128)),
        (b"P5 9 7 65535\n" + b"\x80\x00" * 63, (128, 128, 128)),
    ],
)
def test_every_mode_becomes_rgb(content: bytes, colour: tuple[int, int, int]) -> None:
    assert check_image(content) is None
    image = one(content)
    assert image.shape == (16, 16, 3) and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1
    assert np.abs(255 * image - colour).max() <= 3


def test_a_png_whose_pixels_end_early_is_damaged_though_its_checksums_are_right() -> None:
    assert check_image(declared(300, 300)) is not None


def test_files_and_their_content_give_the_same_in_the_order_asked(tmp_path: Path) -> None:
    contents = [encoded(noise(30 + i, 50), "PNG") for i in range(7)]
    paths = [tmp_path / f"{i}.png" for i in range(7)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    together = read_images(paths, 20, names=list("abcdefg"))
    np.testing.assert_array_equal(together, [one(content, 20) for content in contents])
    assert read_images([], 20, names=[]).shape == (0, 20, 20, 3)


def test_a_large_photo_shrinks_as_if_decoded_whole() -> None:
    smooth = noise(24, 12).resize((1600, 800), Image.Resampling.BICUBIC)
    quick = one(encoded(smooth, "JPEG", quality=98), 64)
    whole = np.asarray(smooth.resize((64, 64), Image.Resampling.BILINEAR)) / 255
    assert np.abs(quick - whole).mean() < 0.01


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_rotation_noted_by_the_camera_is_applied(kind: str) -> None:
    notes = Image.Exif()
    notes[ORIENTATION] = 6  # to be seen upright it must be turned clockwise by 90 degrees
    turned = encoded(red_above_blue().rotate(90, expand=True), kind, exif=notes)
    upright = np.asarray(red_above_blue().resize((16, 16))) / 255
    assert np.abs(one(turned) - upright).mean() < 0.05
    assert thumbnail(turned, name="one").shape == (80, 40, 3)


def test_damaged_notes_of_the_camera_do_no_harm() -> None:
    content = encoded(red_above_blue(), "JPEG", exif=b"Exif\0\0not a note")
    assert check_image(content) is None
    assert one(content)[0, 0, 0] > 0.9


def test_an_animation_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert one(content)[8, 8].tolist() == [1, 0, 0]


def test_thumbnails_keep_their_proportions() -> None:
    large = thumbnail(encoded(noise(1024, 512), "JPEG"), name="one")
    assert large.shape == (128, 256, 3) and large.dtype == np.uint8
    assert thumbnail(encoded(noise(30, 20), "PNG"), name="one").shape == (20, 30, 3)


WHOLE = encoded(noise(200, 100), "JPEG")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no JPEG, PNG, GIF"),
        (b"a text", "no JPEG, PNG, GIF"),
        (WHOLE[: len(WHOLE) // 2], "truncated"),
        (encoded(noise(200, 100), "PNG")[:5000], "."),
        (declared(9000, 9000), "9000 x 9000 pixels, more than 80,000,000"),
        (declared(20_000, 20_000), "400000000 pixels"),
        (declared(200, 200), "truncated|incomplete|not processed"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no JPEG, PNG, GIF"),
        (encoded(Image.new("F", (9, 7)), "TIFF"), "more than 16 bits"),
    ],
)
def test_what_is_no_whole_image_is_refused_by_name(content: bytes, reason: str) -> None:
    with pytest.raises(AlcoreError, match=f"the image 'b/2.jpg' cannot be read: .*({reason})"):
        read_images([WHOLE, content], 16, names=["a/1.jpg", "b/2.jpg"])
    with pytest.raises(AlcoreError, match=f"the image 'b/2.jpg' cannot be read: .*({reason})"):
        thumbnail(content, name="b/2.jpg")


def test_the_check_finds_what_reading_would(tmp_path: Path) -> None:
    png = encoded(noise(200, 100), "PNG")
    flipped = png[:900] + bytes([png[900] ^ 1]) + png[901:]
    for content in (b"", b"text", WHOLE[:900], png[:5000], flipped, declared(9000, 9000)):
        assert check_image(content)
    assert check_image(tmp_path / "gone.jpg") == "No such file or directory"
    assert check_image(WHOLE) is None and check_image(png) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_resized_smooths_as_it_shrinks(channels: int) -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2
    images = np.repeat(board[None, :, :, None], channels, axis=3).astype(np.float32)
    small = resized(images, 8)
    assert small.shape == (1, 8, 8, channels) and small.dtype == np.float32
    assert np.abs(small - 0.5).max() < 0.05
    assert resized(images, 64) is images
    larger = resized(images, 100)
    assert larger.shape == (1, 100, 100, channels)
    assert larger.min() >= 0 and larger.max() <= 1
    assert resized(images[:0], 8).shape == (0, 8, 8, channels)
