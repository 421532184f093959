"""Images through a backbone, batch by batch; the next ones are read while it works."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np

from alcore.datasets import Dataset, Samples
from alcore.errors import AlcoreError
from alcore.models import Backbone
from alcore.types import FloatArray, IntArray

BATCHES_AHEAD = 2


def embed(
    dataset: Dataset, backbone: Backbone, positions: IntArray
) -> Generator[FloatArray, None, None]:
    """Features of samples, one batch after the other.

    Args:
        dataset: With images; grey ones are repeated to three channels.
        backbone: Always called with whole batches: the last one is filled up with copies.
        positions: Which samples, shape (m,).

    Yields:
        Shape (backbone.batch, d), float32, finite; the last one may be shorter.

    Raises:
        AlcoreError: The images or the features have a wrong form.
    """
    chunks = (positions[i : i + backbone.batch] for i in range(0, len(positions), backbone.batch))
    for n, images in read_ahead(dataset, chunks, size=backbone.size, batch=backbone.batch):
        yield _checked(backbone.embed(images), backbone.batch)[:n].copy()


def read_ahead(
    dataset: Dataset, chunks: Iterable[IntArray], *, size: int, batch: int
) -> Generator[tuple[int, FloatArray], None, None]:
    """Images of chunk after chunk; the next ones are read in a thread of its own.

    Args:
        dataset: With images; grey ones are repeated to three channels.
        chunks: At most `batch` positions each, at least one.
        size: Height and width of an image.
        batch: Every chunk is filled up to as many with copies of its last image.

    Yields:
        How many are no copies, and images of shape (batch, size, size, 3), float32 in [0, 1].

    Raises:
        AlcoreError: The images have a wrong form.
    """
    left = iter(chunks)
    with ThreadPoolExecutor(1) as reader:

        def started(n: int) -> list[tuple[int, Future[FloatArray]]]:
            return [
                (len(chunk), reader.submit(_read, dataset, chunk, size, batch))
                for chunk in islice(left, n)
            ]

        ahead = deque(started(BATCHES_AHEAD))
        while ahead:
            n, images = ahead.popleft()
            whole = images.result()
            ahead.extend(started(1))
            yield n, whole


def _read(dataset: Dataset, positions: IntArray, size: int, batch: int) -> FloatArray:
    images = Samples(dataset=dataset, positions=positions).images(size)
    wanted = (len(positions), size, size)
    if images.ndim != 4 or images.shape[:3] != wanted or images.shape[3] not in (1, 3):
        raise AlcoreError(
            f"the dataset gave images of shape {images.shape} where {(*wanted, 3)} was asked for"
        )
    filled = np.concatenate([images, np.repeat(images[-1:], batch - len(positions), axis=0)])
    return np.repeat(filled, 3, axis=3) if images.shape[3] == 1 else filled


def _checked(features: FloatArray, batch: int) -> FloatArray:
    form = f"{type(features).__name__} of shape {np.shape(features)}"
    if isinstance(features, np.ndarray):
        form += f" and type {features.dtype}"
        right = features.ndim == 2 and len(features) == batch and features.shape[1] > 0
        if right and features.dtype == np.float32:
            if not np.isfinite(features).all():
                raise AlcoreError("the backbone gave features that are not finite (NaN or inf)")
            return features
    raise AlcoreError(f"the backbone gave {form}; features must be ({batch}, d) float32")
