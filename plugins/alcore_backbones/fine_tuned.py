"""A dense head on a backbone, then both trained together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from alcore.calibration import fit_temperature, softmax
from alcore.datasets import Labelled, Samples
from alcore.models import Progress
from alcore.types import FloatArray, IntArray
from alcore_backbones import TunableOptions

if TYPE_CHECKING:
    from alcore_backbones.tuned_network import Tunable, TunedNetwork

# A training step costs as much as four forward passes; only the progress shown depends on it.
_STEP_COST = 4


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What is trained how long.

    Attributes:
        head: Passes over the labelled samples while the backbone is frozen.
        fine: Passes after them, backbone and head together; none where it stays frozen.
        after: Passes of a later round, from the weights of the last one; None: each round anew.
        head_rate: Step size of Adam, backbone frozen.
        fine_rate: Step size of Adam, both together.
        batch: Samples per gradient step.
        mirror: Half of the images, while both are trained.
        calibrate: Fit a temperature to the validation split.
    """

    head: int
    fine: int
    after: int | None
    head_rate: float
    fine_rate: float
    batch: int
    mirror: bool = False
    calibrate: bool = False


class FineTuned:
    """Learns the head, then head and backbone together.

    Args:
        schedule: How long.
        backbone: Trained too. None: it is frozen, and `Samples.features` are what it gives.
    """

    def __init__(self, schedule: Schedule, backbone: "Tunable | None") -> None:
        self._schedule = schedule
        self._backbone = backbone
        # The backbone's trainable weights, none where it is frozen; kernel and bias of the head.
        self._weights: list[FloatArray] = []
        self.temperature = 1.0

    @classmethod
    def of(cls, options: TunableOptions, backbone: "Tunable") -> Self:
        """The untrained model that these options mean."""
        schedule = Schedule(
            head=options.epochs,
            fine=options.epochs_fine,
            after=options.epochs_fine if options.continue_training else None,
            head_rate=options.learning_rate,
            fine_rate=options.learning_rate_fine,
            batch=options.batch_size,
            calibrate=options.calibrate,
        )
        return cls(schedule, backbone)

    def fit(
        self,
        labelled: Labelled,
        validation: Labelled,
        *,
        seed: int,
        progress: Progress,
        previous: Self | None = None,
    ) -> None:
        """Train; the head's first weights and the order of samples are drawn from the seed."""
        schedule, rng = self._schedule, np.random.default_rng(seed)
        before = previous._weights if previous is not None and schedule.after is not None else None
        if self._backbone is None:
            epochs = schedule.head if before is None else schedule.after or 0
            self._fit_frozen(labelled, epochs, seed, rng, progress, before)
        elif before is None:
            self._fit_tuned(labelled, seed, rng, progress)
        else:
            self._tune(before, labelled, schedule.after or 0, rng, progress)
        if schedule.calibrate and len(validation.samples):
            logits = self._logits(validation.samples)
            self.temperature = fit_temperature(logits, validation.labels)

    def _fit_frozen(
        self,
        labelled: Labelled,
        epochs: int,
        seed: int,
        rng: np.random.Generator,
        progress: Progress,
        start: list[FloatArray] | None,
    ) -> None:
        features, done = labelled.samples.features(), _told(progress, "head", epochs)
        self._weights = self._head(features, labelled, epochs, seed, rng, done, start)

    def _fit_tuned(
        self, labelled: Labelled, seed: int, rng: np.random.Generator, progress: Progress
    ) -> None:
        schedule, network = self._schedule, self._network(labelled.n_classes)
        head_ends = 1 / (1 + _STEP_COST * schedule.fine)
        features = network.features(
            network.original,
            labelled.samples,
            lambda done: progress("features of the labelled samples", head_ends * done),
        )
        done = _told(progress, "head", schedule.head, begin=head_ends, end=head_ends)
        head = self._head(features, labelled, schedule.head, seed, rng, done)
        weights = [*network.original, *head]
        self._tune(weights, labelled, schedule.fine, rng, progress, begin=head_ends)

    def _network(self, n_classes: int) -> "TunedNetwork":
        from alcore_backbones.tuned_network import tuned_network

        assert self._backbone is not None
        return tuned_network(self._backbone, n_classes, self._schedule.fine_rate)

    def _head(
        self,
        features: FloatArray,
        labelled: Labelled,
        epochs: int,
        seed: int,
        rng: np.random.Generator,
        done: Callable[[float], None],
        start: list[FloatArray] | None = None,
    ) -> list[FloatArray]:
        from alcore_backbones.dense import layers
        from alcore_backbones.network import network

        rate = self._schedule.head_rate
        compiled = network(layers, features.shape[1:], labelled.n_classes, rate)
        batches = _batches(len(features), epochs, self._schedule.batch, rng)

        def told() -> Iterator[tuple[FloatArray, IntArray]]:
            for place, rows in enumerate(batches):
                done(place / len(batches))
                yield features[rows], labelled.labels[rows]

        return compiled.train(start or compiled.first_weights(seed), told())

    def _tune(
        self,
        weights: list[FloatArray],
        labelled: Labelled,
        epochs: int,
        rng: np.random.Generator,
        progress: Progress,
        *,
        begin: float = 0.0,
    ) -> None:
        batches = _batches(len(labelled.labels), epochs, self._schedule.batch, rng)
        done = _told(progress, "fine-tuning", epochs, begin=begin)
        network = self._network(labelled.n_classes)
        mirror = rng if self._schedule.mirror else None
        self._weights = network.train(weights, labelled, batches, done, mirror)

    def embed(self, samples: Samples) -> FloatArray:
        """What the last layer reads, (m, d) float32."""
        *backbone, _, bias = self._weights
        if not backbone:
            return samples.features()
        return self._network(len(bias)).features(backbone, samples, lambda done: None)

    def _logits(self, samples: Samples) -> FloatArray:
        kernel, bias = self._weights[-2:]
        logits: FloatArray = self.embed(samples).astype(np.float64) @ kernel + bias
        return logits

    def predict_proba(self, samples: Samples) -> FloatArray:
        """Softmax of the logits, (m, n_classes) float32."""
        return softmax(self._logits(samples), self.temperature)

    def save(self, folder: Path) -> None:
        """Write the trained weights and the temperature; what is never trained is not written."""
        np.savez(folder / "weights.npz", *self._weights, temperature=np.array(self.temperature))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            self.temperature = float(stored["temperature"])
            self._weights = [stored[f"arr_{i}"] for i in range(len(stored.files) - 1)]


def _batches(n: int, epochs: int, batch: int, rng: np.random.Generator) -> list[IntArray]:
    orders = [rng.permutation(n) for _ in range(epochs)]
    return [order[first : first + batch] for order in orders for first in range(0, n, batch)]


def _told(
    progress: Progress, phase: str, epochs: int, *, begin: float = 0.0, end: float = 1.0
) -> Callable[[float], None]:
    """Progress of one phase, from its fraction done."""

    def done(fraction: float) -> None:
        epoch = min(epochs, int(fraction * epochs + 1e-9) + 1)
        progress(f"epoch {epoch} of {epochs}, {phase}", begin + (end - begin) * fraction)

    return done
