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
    labels: IntArray | None = None,
    imbalance: float = 1.0,
) -> Splits:
    """Draw the splits of one seed; they are the same for every strategy.

    All are drawn uniformly. Stratifying by class would use labels that nobody has paid for.

    Args:
        n: Samples in the dataset.
        initial: Size of the first labelled set, at least 0.
        validation: Size of the validation split, at least 0.
        test: Size of the test split, at least 1.
        seed: Seed of the run.
        order: Every position once, shape (n,): the splits are cut from it one after the other,
            whatever the seed. None: drawn with the seed.
        groups: A number per sample, shape (n,): samples with the same number go into the same
            split, the next that has room for all of them. None: every sample for itself.
        labels: Class per sample, shape (n,), all known; read where `imbalance` is above 1.
        imbalance: How many times as many samples of the most frequent class the initial set and
            the pool have as of the rarest; `long_tail` says which are left out. 1: all stay.

    Raises:
        UsageError: The dataset is too small, or a size is.
    """
    sizes = [initial, validation, test]
    _check_sizes(n, initial=initial, validation=validation, test=test)
    if order is None:
        order = generator(seed, "splits").permutation(n)
    cut = np.split(order, np.cumsum(sizes)) if groups is None else _cut(order, sizes, groups)
    if labels is not None and imbalance > 1:
        kept = long_tail(np.concatenate([cut[0], cut[3]]), labels, imbalance, seed=seed)
        cut[0], cut[3] = kept[:initial], kept[initial:]
        if not len(cut[3]):
            raise UsageError(
                f"splits.imbalance leaves {len(kept)} samples, of which the initial set takes "
                f"{initial}; take fewer, or make the imbalance smaller"
            )
    parts = [np.sort(part).astype(np.int64) for part in cut]
    return Splits(initial=parts[0], validation=parts[1], test=parts[2], pool=parts[3])


def long_tail(order: IntArray, labels: IntArray, imbalance: float, *, seed: int) -> IntArray:
    """Leave samples out so that the classes fall off exponentially; which is rare, the seed draws.

    With m samples in the rarest class of `order`, class number k of c keeps its first
    m * `imbalance` ** (-k / (c - 1)), at least one (Cui, Jia, Lin, Song & Belongie, Class-Balanced
    Loss, CVPR 2019, section 5.1).

    Returns:
        The positions kept, in their order.
    """
    classes = generator(seed, "long tail").permutation(np.unique(labels[order]))
    most = min(int((labels[order] == k).sum()) for k in classes)
    kept = np.zeros(len(order), dtype=np.bool_)
    for place, k in enumerate(classes):
        share = imbalance ** (-place / max(len(classes) - 1, 1))
        own = np.flatnonzero(labels[order] == k)
        kept[own[: max(1, round(most * share))]] = True
    return order[kept]


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
        ("initial", initial, 0),
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
