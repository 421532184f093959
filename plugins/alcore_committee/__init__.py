"""Asking a committee: label where its members disagree.

Members are networks that differ by dropout where the model has it, else models trained on
resamples of the labels: as many as the run's option `selection.committee`.
"""

from alcore.components import Lazy, StrategySpec
from alcore.hookspecs import hookimpl


@hookimpl
def alcore_strategies() -> list[StrategySpec]:
    """BALD and vote entropy."""
    cost = "one pass over the k x n x c probabilities of k members, who must be made first"
    return [
        StrategySpec(
            name="bald",
            summary="where the members are each sure of something else",
            make=Lazy(target="alcore_committee.disagreement:make_bald"),
            needs=frozenset({"members"}),
            cost=cost,
        ),
        StrategySpec(
            name="vote_entropy",
            summary="where the votes of the members are spread over the classes",
            make=Lazy(target="alcore_committee.disagreement:make_vote_entropy"),
            needs=frozenset({"members"}),
            cost=cost,
        ),
    ]
