"""Who is labelled at the start, who validates, who tests, who is in the pool."""

from dataclasses import dataclass

import numpy as np

from alcore.errors import UsageError
from alcore.seeding import generator
from alcore.types import IntArray


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Positions in the dataset, ascending, each sample in exactly one split."""

    initial: IntArray
    validation: IntArray
    test: IntArray
    pool: IntArray


def draw_splits(
    n: int,
    *,
    initial: int,
    validation: int,
    test: int,
    seed: int,
    order: IntArray | None = None,
    groups: IntArray | None = None,
) -> Splits:
    """Draw the splits of one seed; they are the same for every strategy.

    All are drawn uniformly. Stratifying by class would use labels that nobody has paid for.

    Args:
        n: Samples in the dataset.
        initial: Size of the first labelled set, at least 1.
        validation: Size of the validation split, at least 0.
        test: Size of the test split, at least 1.
        seed: Seed of the run.
        order: Every position once, shape (n,): the splits are cut from it one after the other,
            whatever the seed. None: drawn with the seed.
        groups: A number per sample, shape (n,): samples with the same number go into the same
            split, the next that has room for all of them. None: every sample for itself.

    Raises:
        UsageError: The dataset is too small, or a size is.
    """
    sizes = [initial, validation, test]
    _check_sizes(n, initial=initial, validation=validation, test=test)
    if order is None:
        order = generator(seed, "splits").permutation(n)
    cut = np.split(order, np.cumsum(sizes)) if groups is None else _cut(order, sizes, groups)
    parts = [np.sort(part).astype(np.int64) for part in cut]
    return Splits(initial=parts[0], validation=parts[1], test=parts[2], pool=parts[3])


def _cut(order: IntArray, sizes: list[int], groups: IntArray) -> list[IntArray]:
    members: dict[int, list[int]] = {}
    for position in order.tolist():
        members.setdefault(int(groups[position]), []).append(position)
    parts: list[list[int]] = [[], [], [], []]
    room = [*sizes, len(order)]
    for group in members.values():
        split = next(i for i, left in enumerate(room) if left >= len(group))
        parts[split] += group
        room[split] -= len(group)
    if any(room[:3]):
        raise UsageError(
            f"{sum(room[:3])} samples are missing in the splits: near-identical samples, kept "
            "together, do not fit; make the splits smaller"
        )
    return [np.array(part, dtype=np.int64) for part in parts]


def _check_sizes(n: int, *, initial: int, validation: int, test: int) -> None:
    for name, size, least in (
        ("initial", initial, 1),
        ("validation", validation, 0),
        ("test", test, 1),
    ):
        if size < least:
            raise UsageError(f"splits.{name} must be at least {least}, not {size}")
    taken = initial + validation + test
    if taken >= n:
        raise UsageError(
            f"splits take {taken} samples (initial {initial}, validation {validation}, "
            f"test {test}) but the dataset has {n}, which leaves no pool; make them smaller"
        )
