"""The three classic criteria. In all of them p are the class probabilities of one sample x."""

import numpy as np

from alcore.scoring import top_k_values
from alcore.strategies import criterion
from alcore.types import FloatArray


@criterion(direction="min")
def least_confidence(probabilities: FloatArray) -> FloatArray:
    """How sure the model is of its own answer; low means uncertain.

    max_y p(y | x), from 1/c to 1.

    D. Lewis and W. Gale, A Sequential Algorithm for Training Text Classifiers, SIGIR 1994.
    """
    return top_k_values(probabilities, 1)[:, 0]


@criterion(direction="min")
def smallest_margin(probabilities: FloatArray) -> FloatArray:
    """How far the best class is ahead of the second; small means undecided between the two.

    p(y1 | x) - p(y2 | x), where y1 and y2 are the most and second most probable classes;
    from 0 to 1.

    T. Scheffer, C. Decomain and S. Wrobel, Active Hidden Markov Models for Information
    Extraction, IDA 2001.
    """
    best = top_k_values(probabilities, 2)
    return best[:, 0] - best[:, 1]


@criterion(direction="max")
def entropy(probabilities: FloatArray) -> FloatArray:
    """How widely the model spreads its belief over all classes; high means uncertain.

    -sum_y p(y | x) ln p(y | x), in nats, with 0 ln 0 = 0; from 0 to ln c.

    C. Shannon, A Mathematical Theory of Communication, Bell System Technical Journal, 1948.
    """
    # The smallest positive number stands in for 0 in the logarithm only, so 0 ln 0 is 0.
    terms = np.maximum(probabilities, np.finfo(probabilities.dtype).smallest_subnormal)
    np.log(terms, out=terms)
    terms *= probabilities
    values: FloatArray = 0 - terms.sum(axis=1)
    return values
