"""Strategies that look at embeddings: a batch that is typical of the pool, or covers it."""

from dataclasses import dataclass

from alcore.components import Lazy, StrategySpec
from alcore.hookspecs import hookimpl
from alcore.options import option
from alcore.strategies import Need

_EMBEDDINGS: frozenset[Need] = frozenset({"embeddings"})
_BOTH: frozenset[Need] = frozenset({"embeddings", "labelled_embeddings"})
_SKLEARN = {"sklearn": "scikit-learn"}


@dataclass(frozen=True, kw_only=True)
class TypiClustOptions:
    """Options of TypiClust."""

    max_clusters: int = option(
        500, help="at most so many clusters; one per label and pick below that", minimum=1
    )
    neighbours: int = option(
        20, help="nearest neighbours that make a sample typical", minimum=1, maximum=1000
    )


@dataclass(frozen=True, kw_only=True)
class ProbCoverOptions:
    """Options of ProbCover."""

    radius: float = option(
        0.0,
        help="of the balls around unit vectors; 0 chooses it from the data",
        minimum=0.0,
        maximum=2.0,
    )
    purity: float = option(
        0.95,
        help="share of balls that must lie within one k-means cluster, where radius is 0",
        minimum=0.5,
        maximum=1.0,
    )
    n_classes: int = option(
        10,
        help="k of that k-means where the number of classes is unknown",
        minimum=2,
        maximum=1000,
    )


@dataclass(frozen=True, kw_only=True)
class MaxHerdingOptions:
    """Options of MaxHerding."""

    sigma: float = option(
        1.0, help="radius of the Gaussian kernel around unit vectors", minimum=0.01, maximum=10.0
    )


@hookimpl
def alcore_strategies() -> list[StrategySpec]:
    """All need a model or backbone that gives embeddings."""
    return [
        StrategySpec(
            name="k_means",
            summary="The sample in the middle of each k-means cluster; good with no labels at all.",
            make=Lazy(target="alcore_diversity.k_means:KMeansCentres"),
            requires=_SKLEARN,
            needs=_EMBEDDINGS,
            cost="O(n k d) per iteration and a copy of the embeddings; from 20,000 samples on "
            "in mini-batches",
        ),
        StrategySpec(
            name="k_center",
            summary="Again and again the sample farthest from all labels and picks (core-set).",
            make=Lazy(target="alcore_diversity.k_center:KCenter"),
            needs=_BOTH,
            cost="at most O(n (m + k) d), usually a tenth; O(n) memory",
        ),
        StrategySpec(
            name="typiclust",
            summary="The most typical sample of each cluster without a label; for few labels.",
            make=Lazy(target="alcore_diversity.typiclust:TypiClust"),
            options=TypiClustOptions,
            requires=_SKLEARN,
            needs=_BOTH,
            cost="k-means, then O(s^2 d) per cluster of s samples",
            exact_up_to=20_000,
        ),
        StrategySpec(
            name="probcover",
            summary="Balls around the picks cover as much of the pool as they can; for few labels.",
            make=Lazy(target="alcore_diversity.probcover:ProbCover"),
            options=ProbCoverOptions,
            requires=_SKLEARN,
            needs=_BOTH,
            cost="O(n^2 d / 2) time, n^2 / 8 bytes; seeing 20,000 of 40,000 samples lost 2.7 % of "
            "the samples covered",
            exact_up_to=20_000,
        ),
        StrategySpec(
            name="max_herding",
            summary="Picks that together look like the whole pool; for few labels or none.",
            make=Lazy(target="alcore_diversity.max_herding:MaxHerding"),
            options=MaxHerdingOptions,
            needs=_BOTH,
            cost="O(n (n / 2 + m) d), some times that with few labels; O(n d) memory and 3 KB a "
            "sample; seeing 20,000 of 40,000 samples lost 0.5 % of the objective",
            exact_up_to=20_000,
        ),
        StrategySpec(
            name="uherding",
            summary="Covers what the model is unsure of; for few labels and for many.",
            make=Lazy(target="alcore_diversity.uherding:UHerding"),
            needs=_BOTH | {"probabilities"},
            cost="like max_herding, and O(m^2 d) for its radius; seeing 20,000 of 40,000 samples "
            "lost 1.2 % of the objective",
            exact_up_to=20_000,
        ),
        StrategySpec(
            name="badge",
            summary="Unsure and diverse: k-means++ over the gradients of the last layer.",
            make=Lazy(target="alcore_diversity.badge:Badge"),
            needs=_EMBEDDINGS | {"probabilities"},
            cost="O(n (c + d)) per pick; O(n) memory",
        ),
    ]
