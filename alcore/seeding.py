"""Random generators derived from (seed, purpose, round), so that nothing depends on order."""

import zlib

import numpy as np


def generator(seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """A generator of its own for one purpose and round of a run.

    A resumed run draws the same numbers as an uninterrupted one, and strategies with the
    same seed share everything that is not theirs.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), number])


def derived_seed(seed: int, purpose: str, number: int = 0) -> int:
    """An integer seed, 0 to 2**31 - 1, for libraries that want one."""
    return int(generator(seed, purpose, number).integers(2**31))
