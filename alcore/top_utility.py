"""The strategy every criterion becomes: take the samples of highest utility."""

from dataclasses import dataclass

import numpy as np

from alcore.components import StrategySpec
from alcore.scoring import utilities
from alcore.strategies import Criterion, Query, Request, Selection
from alcore.topk import top_k


@dataclass(frozen=True)
class TopUtility:
    """Scores the pool by a criterion and takes the best, ties by rank; draws nothing at random."""

    criterion: Criterion

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """The `request.n` samples of highest utility, and the utility of all."""
        values = utilities(self.criterion, query.probabilities)
        return Selection(positions=top_k(values, request.n, query.rank), utilities=values)


def criterion_spec(criterion: Criterion) -> StrategySpec:
    """The strategy of a criterion, under its name."""
    return StrategySpec(
        name=criterion.name,
        summary=criterion.summary,
        make=lambda options: TopUtility(criterion),
        criterion=criterion,
        cost="one pass over the n x c probabilities in blocks, then the best of n without a sort",
    )
