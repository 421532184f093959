"""Random sampling: the baseline that every strategy has to beat."""

import numpy as np

from alcore.components import StrategySpec
from alcore.strategies import Query, Request, Selection


class RandomSampling:
    """Draws uniformly without replacement; looks at the ranks only, never at the model."""

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """`request.n` samples in random order; there is no utility."""
        by_rank = np.argsort(query.rank)
        drawn = rng.choice(len(by_rank), size=request.n, replace=False)
        return Selection(positions=by_rank[drawn])


random_spec = StrategySpec(
    name="random",
    summary="Draws uniformly without replacement; the baseline to beat.",
    make=lambda options: RandomSampling(),
    needs=frozenset(),
    cost="sorts the n ranks, O(n log n); the model is never asked",
)
