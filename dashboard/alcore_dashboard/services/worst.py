"""The samples of which a round's model was least sure."""

from dataclasses import dataclass

from alcore.store import RunRecord, Store
from alcore_dashboard.services.naming import thumbnail_path

SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class WorstSample:
    """One sample as the model saw it.

    Attributes:
        id: Its id.
        probabilities: Class names with their probabilities, the largest first.
        truth: Name of its true class; None where unknown.
        picture: Path of its thumbnail; None where the store keeps none.
    """

    id: str
    probabilities: tuple[tuple[str, float], ...]
    truth: str | None
    picture: str | None

    @property
    def predicted(self) -> str:
        """The class the model would say."""
        return self.probabilities[0][0]

    @property
    def is_right(self) -> bool | None:
        """Whether the model is right; None where nobody knows."""
        return None if self.truth is None else self.truth == self.predicted


def worst_samples(
    store: Store, run: RunRecord, number: int, *, k: int = SHOWN
) -> tuple[WorstSample, ...]:
    """The k samples with the smallest top probability in a round's pool, the least sure first."""
    if run.dataset_id is None:
        return ()
    dataset = store.dataset(run.dataset_id)
    ids = store.dataset_ids(run.dataset_id)
    labels = store.dataset_labels(run.dataset_id)
    arrays = store.round_arrays(run.id, number)
    found = []
    for position, row in zip(arrays.worst[:k], arrays.worst_probabilities[:k], strict=True):
        label = -1 if labels is None else int(labels[position])
        has_picture = store.thumbnail(dataset.id, int(position)) is not None
        found.append(
            WorstSample(
                id=ids[position],
                probabilities=_sorted(dataset.class_names, row.tolist()),
                truth=None if label < 0 else dataset.class_names[label],
                picture=thumbnail_path(dataset, int(position)) if has_picture else None,
            )
        )
    return tuple(found)


def _sorted(names: tuple[str, ...], values: list[float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(zip(names, values, strict=True), key=lambda pair: -pair[1]))


def takeaway(samples: tuple[WorstSample, ...], number: int) -> str:
    """How sure and how right the model was on them."""
    top = samples[0].probabilities[0][1]
    known = [sample for sample in samples if sample.is_right is not None]
    wrong = sum(not sample.is_right for sample in known)
    about = f"In round {number} the least confident sample has a top probability of {top:.0%}"
    if not known:
        return f"{about}; nobody knows the true classes of these {len(samples)} yet."
    return f"{about}; the model is wrong on {wrong} of these {len(known)}."
