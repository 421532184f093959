"""Runs in the peers' own Python: one timed query per line of input, answered in JSON.

Each library is called through its documented functions, with a classifier that returns the
given probabilities at once, and picks the best 500 by its own top-k. scikit-activeml's
`simple_batch` would need 4 GB for 500 of a million, so argpartition stands in for it.
"""

import json
import sys
import time
import warnings

import numpy as np


class Given:
    """A classifier that was asked before: its probabilities are there."""

    def __init__(self, probabilities):
        self._probabilities = probabilities

    def predict_proba(self, dataset):
        return self._probabilities


def modal(criterion, table, k):
    from modAL.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling

    query = {
        "least_confidence": uncertainty_sampling,
        "smallest_margin": margin_sampling,
        "entropy": entropy_sampling,
    }[criterion]
    return query(Given(table), table, n_instances=k)[0]


def scikit_activeml(criterion, table, k):
    from skactiveml.pool import uncertainty_scores

    method = {
        "least_confidence": "least_confident",
        "smallest_margin": "margin_sampling",
        "entropy": "entropy",
    }[criterion]
    scores = uncertainty_scores(table, method=method)
    return np.argpartition(-scores, k - 1)[:k]


def small_text(criterion, table, k):
    from small_text.query_strategies import strategies

    name = {
        "least_confidence": "LeastConfidence",
        "smallest_margin": "BreakingTies",
        "entropy": "PredictionEntropy",
    }[criterion]
    strategy = getattr(strategies, name)()
    none = np.empty(0, dtype=np.int64)
    return strategy.query(Given(table), table, np.arange(len(table)), none, none, n=k)


LIBRARIES = {"modAL": modal, "scikit-activeml": scikit_activeml, "small-text": small_text}


def main():
    """Read ``{"library", "criterion", "file", "rows", "k"}`` lines until the input ends."""
    warnings.simplefilter("ignore")
    tables = {}
    for line in sys.stdin:
        ask = json.loads(line)
        file = ask["file"]
        if file not in tables:
            tables = {file: np.load(file)}
        query = LIBRARIES[ask["library"]]
        table = tables[file][: ask["rows"]]
        query(ask["criterion"], table[:1000], 10)  # imports are not timed
        start = time.perf_counter()
        picks = query(ask["criterion"], table, ask["k"])
        answer = {"seconds": time.perf_counter() - start, "picks": np.asarray(picks).tolist()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
