"""What a run has learnt so far: its newest model, and everything that a round asks of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from alcore.calibration import untempered
from alcore.datasets import Dataset, Labelled, Samples
from alcore.errors import AlcoreError
from alcore.models import Embeds, HasMembers, Model, Progress, Tempered
from alcore.seeding import derived_seed, generator
from alcore.types import FloatArray, IntArray

PREDICTED_AT_ONCE = 500
"""Samples per call of `predict_proba`: bounds the images in memory and the time to a stop."""


class Learner:
    """Trains a model a round; before the first one, every class is as likely.

    Args:
        dataset: Where the samples come from.
        make_model: Makes an untrained model.
        n_classes: Number of classes of the project.
        seed: Of the run.
        progress: Told of each step; may raise RunStopped.
    """

    def __init__(
        self,
        *,
        dataset: Dataset,
        make_model: Callable[[], Model],
        n_classes: int,
        seed: int,
        progress: Progress,
    ) -> None:
        self._dataset = dataset
        self._make_model = make_model
        self._n_classes = n_classes
        self._seed = seed
        self._progress = progress
        self._model: Model | None = None

    @property
    def has_model(self) -> bool:
        """Whether anything was learnt."""
        return self._model is not None

    def save(self, folder: Path) -> None:
        """Write the newest model, if there is one, into an empty folder."""
        if self._model is not None:
            self._model.save(folder)

    def load(self, read: Callable[[Model], bool]) -> bool:
        """Whether `read` could make an untrained model the newest one."""
        model = self._make_model()
        if not read(model):
            return False
        self._model = model
        return True

    def train(self, labelled: Labelled, validation: Labelled, *, number: int) -> None:
        """Make the model of a round; without labels there is none."""
        if len(labelled.labels):
            seed = derived_seed(self._seed, "model", number)
            self._model = self._fitted(labelled, validation, seed, self._model)

    def _fitted(
        self, labelled: Labelled, validation: Labelled, seed: int, previous: Model | None = None
    ) -> Model:
        model = self._make_model()
        model.fit(labelled, validation, seed=seed, progress=self._progress, previous=previous)
        return model

    def predict(self, positions: IntArray, step: str, model: Model | None = None) -> FloatArray:
        """Class probabilities (m, n_classes) by the newest model or another one.

        Raises:
            AlcoreError: The model gives what `check_prediction` refuses.
        """
        model, c = model or self._model, self._n_classes
        if model is None or not len(positions):
            return np.full((len(positions), c), 1 / c, dtype=np.float32)
        parts = []
        for part in self._parts(positions, step):
            parts.append(model.predict_proba(part))
            check_prediction(parts[-1], (len(part), c))
        return np.concatenate(parts)

    def _parts(self, positions: IntArray, step: str) -> Iterator[Samples]:
        for first in range(0, len(positions), PREDICTED_AT_ONCE):
            self._progress(step, first / len(positions))
            part = positions[first : first + PREDICTED_AT_ONCE]
            yield Samples(dataset=self._dataset, positions=part)

    def before_tempering(self, probabilities: FloatArray) -> FloatArray | None:
        """What its predictions would be at temperature 1; None where they are."""
        model: object = self._model
        if not isinstance(model, Tempered) or model.temperature == 1:
            return None
        return untempered(probabilities, model.temperature)

    def embed(self, positions: IntArray) -> FloatArray:
        """By the model where it can, else the features of the dataset; shape (m, d)."""
        model: object = self._model
        if not isinstance(model, Embeds):
            return self._dataset.features(positions)
        return np.concatenate([model.embed(part) for part in self._parts(positions, "select")])

    def members(
        self, pool: IntArray, labelled: Labelled, validation: Labelled, *, k: int, number: int
    ) -> FloatArray:
        """What each of k members says of the pool, shape (k, n, n_classes).

        By the model where it can, else by models trained on resamples of the labels: N. Abe &
        H. Mamitsuka, Query Learning Strategies Using Boosting and Bagging, ICML 1998.
        """
        model: object = self._model
        if isinstance(model, HasMembers) and model.has_members:
            seed = derived_seed(self._seed, "members", number)
            parts = self._parts(pool, "select")
            return np.concatenate([model.predict_members(p, k, seed) for p in parts], axis=1)
        rng = generator(self._seed, "members", number)
        members = []
        for _ in range(k):
            drawn = labelled.part(rng.choice(len(labelled.labels), size=len(labelled.labels)))
            member = self._fitted(drawn, validation, int(rng.integers(2**31)))
            members.append(self.predict(pool, "select", member))
        return np.stack(members)


def check_prediction(probabilities: FloatArray, shape: tuple[int, int]) -> None:
    """Refuse what a model must not return.

    Raises:
        AlcoreError: Wrong shape, a value that is not finite or negative, a row whose sum
            is further than 1e-3 from 1.
    """
    if probabilities.shape != shape:
        raise AlcoreError(
            f"the model gave probabilities of shape {probabilities.shape}, not {shape}"
        )
    if not np.isfinite(probabilities).all() or (probabilities < 0).any():
        raise AlcoreError(
            "the model gave probabilities that are negative, infinite or not a number"
        )
    worst = float(np.abs(probabilities.sum(axis=1, dtype=np.float64) - 1).max(initial=0))
    if worst > 1e-3:
        raise AlcoreError(f"the model gave probabilities whose sum is {worst:.3g} away from 1")
