"""Small pictures as PNG bytes."""

import io

from alcore.types import ImageArray

LARGEST_SIDE = 256


def png_bytes(image: ImageArray) -> bytes:
    """Encode a picture, (h, w) or (h, w, 3) uint8, shrunk to at most 256 pixels a side."""
    from PIL import Image

    picture = Image.fromarray(image)
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()
