"""Models broken on purpose: the broken one, the same without its fault, the check meant for it."""

from typing import Any

import numpy as np

from alcore.types import FloatArray
from fakes import NearestCentre


class Unnormalised(NearestCentre):
    def predict_proba(self, samples: Any) -> Any:
        return 2 * super().predict_proba(samples)


class Forgetful(NearestCentre):
    def load(self, folder: Any) -> None:
        self.centres = np.zeros((3, 64))


class Silent(NearestCentre):
    def fit(
        self, labelled: Any, validation: Any, *, seed: int, progress: Any, previous: Any = None
    ) -> None:
        super().fit(labelled, validation, seed=seed, progress=lambda *_: None, previous=previous)


class Wandering(NearestCentre):
    def predict_proba(self, samples: Any) -> Any:
        noise = np.random.default_rng().dirichlet(np.ones(3), size=len(samples))
        return (0.9 * super().predict_proba(samples) + 0.1 * noise).astype(np.float32)


class Embedding(NearestCentre):
    """Its embeddings are the distances to the centres."""

    def embed(self, samples: Any) -> Any:
        offsets = samples.features()[:, None, :] - self.centres
        return np.sqrt((offsets**2).sum(axis=2)).astype(np.float32)


class EmbeddingBatches(Embedding):
    """Normalised by the mean of whatever samples come together."""

    def embed(self, samples: Any) -> Any:
        rows = super().embed(samples)
        return rows - rows.mean(axis=0)


class Committee(NearestCentre):
    """Each member blurs the probabilities by a weight of its own."""

    has_members = True

    def predict_members(self, samples: Any, m: int, seed: int) -> FloatArray:
        return self.blurred(samples, np.random.default_rng(seed).uniform(0, 0.9, size=(m, 1, 1)))

    def blurred(self, samples: Any, weights: FloatArray) -> FloatArray:
        probabilities = self.predict_proba(samples)
        return ((1 - weights) * probabilities + weights / 3).astype(np.float32)


class CommitteeOfBatches(Committee):
    """Draws anew for each sample, as dropout does that is left on: no member is one model."""

    def predict_members(self, samples: Any, m: int, seed: int) -> FloatArray:
        rng = np.random.default_rng(seed)
        return self.blurred(samples, rng.uniform(0, 0.9, size=(m, len(samples), 1)))


MODELS = (
    (Unnormalised, NearestCentre, "check_probabilities_are_valid"),
    (Forgetful, NearestCentre, "check_saved_and_loaded_is_equal"),
    (Silent, NearestCentre, "check_stop_passes_through"),
    (Wandering, NearestCentre, "check_seed_is_honoured"),
    (EmbeddingBatches, Embedding, "check_embeddings"),
    (CommitteeOfBatches, Committee, "check_members"),
)
