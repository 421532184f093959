"""How much k members of a committee disagree, from their probabilities (k, n, c).

O(k n c) time; memory O(n c), a block of samples at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from alcore.strategies import Query, Request, Selection
from alcore.topk import top_k
from alcore.types import FloatArray

_BLOCK = 4096
# What is below it is rounding: members who agree in everything must be equals, to the last bit.
_NOISE = 1e-12


@dataclass(frozen=True)
class Disagreement:
    """Takes the samples of highest disagreement, ties by rank."""

    measure: Callable[[FloatArray], FloatArray]

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        """The `request.n` samples of highest utility, and the utility of all."""
        values = np.concatenate([self.measure(block) for block in _blocks(query.members)])
        return Selection(positions=top_k(values, request.n, query.rank), utilities=values)


def make_bald(options: Any) -> Disagreement:
    """Mutual information."""
    return Disagreement(bald)


def make_vote_entropy(options: Any) -> Disagreement:
    """Entropy of the votes."""
    return Disagreement(vote_entropy)


def bald(members: FloatArray) -> FloatArray:
    """H(mean_k p_k) - mean_k H(p_k), in nats, 0 to ln c: what the answer would tell the members.

    N. Houlsby, F. Huszar, Z. Ghahramani & M. Lengyel, Bayesian Active Learning for
    Classification and Preference Learning, 2011, equation 2; with dropout Y. Gal, R. Islam &
    Z. Ghahramani, Deep Bayesian Active Learning with Image Data, ICML 2017.

    Args:
        members: Shape (k, n, c).

    Returns:
        Shape (n,), float64, not negative.
    """
    wide = members.astype(np.float64)
    told = _entropy(wide.mean(axis=0)) - _entropy(wide).mean(axis=0)
    return np.where(told > _NOISE, told, 0.0)


def vote_entropy(members: FloatArray) -> FloatArray:
    """-sum_y v_y ln v_y, v_y the share of members whose most probable class is y; 0 to ln c.

    S. Engelson & I. Dagan, Minimizing Manual Annotation Cost in Supervised Training from
    Corpora, ACL 1996 (there divided by the logarithm of the number of members).

    Args:
        members: Shape (k, n, c); of equally probable classes a member votes for the first.

    Returns:
        Shape (n,), float64.
    """
    k, n, c = members.shape
    votes = np.zeros((n, c))
    for member in members:
        votes[np.arange(n), member.argmax(axis=1)] += 1
    # In one order for any classes, so that equal spreads of votes are equal numbers.
    return _entropy(np.sort(votes, axis=1) / k)


def _entropy(p: FloatArray) -> FloatArray:
    terms = p * np.log(np.maximum(p, np.finfo(np.float64).smallest_subnormal))
    values: FloatArray = 0 - terms.sum(axis=-1)
    return values


def _blocks(members: FloatArray) -> Iterator[FloatArray]:
    for start in range(0, members.shape[1], _BLOCK):
        yield members[:, start : start + _BLOCK]
