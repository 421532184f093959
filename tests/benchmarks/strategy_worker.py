"""One selection, timed, in a process of its own: ours, a literal reference, or scikit-activeml's.

Reads a job in JSON from its argument and prints seconds, memory and picks in JSON. Runs in the
peers' own Python too, so it imports what one side needs only.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np


def inputs(job, rows=None):
    """Pool embeddings, their probabilities, labelled embeddings; `rows` for a warm-up."""
    folder, dtype = Path(job["folder"]), np.dtype(job["dtype"])
    arrays = [np.load(folder / f"{name}.npy") for name in ("pool", "probabilities", "labelled")]
    return [array[:rows].astype(dtype, copy=False) for array in arrays]


def alcore(job, pool, probabilities, labelled):
    from alcore.options import build
    from alcore.strategies import Query, Request
    from alcore_diversity import alcore_strategies

    spec = next(spec for spec in alcore_strategies() if spec.name == job["strategy"])
    strategy = spec.create(build(spec.options, job["options"], where="options"))
    given = {"embeddings": pool, "probabilities": probabilities, "labelled_embeddings": labelled}
    query = Query(
        rank=np.arange(len(pool)), **{need: given[need] for need in given if need in spec.needs}
    )
    if job["clusters"]:
        give_clusters(job)
    if job["from_origin"]:
        start_from_origin()
    rows = np.arange(len(pool))
    if job["candidates"] and job["candidates"] < len(pool):
        rows = np.sort(np.random.default_rng(job["seed"]).choice(rows, job["candidates"], False))
        query = query.part(rows)
    rng = LegacyDraws(job, len(pool)) if job["legacy"] else np.random.default_rng(job["seed"])
    return rows[strategy.select(query, Request(n=job["n"]), rng).positions]


class LegacyDraws:
    """The numbers that scikit-activeml's BADGE draws from this seed."""

    def __init__(self, job, n):
        seed = np.random.RandomState(job["seed"]).randint(1, 2**31) * (n + 1) % 2**31
        self.random = np.random.RandomState(seed).random_sample


def give_clusters(job):
    """The same k-means result to both sides, so that the rest is compared."""
    from alcore_diversity import typiclust

    labels = np.load(Path(job["folder"]) / "clusters.npy")
    typiclust.clustered = lambda points, k, rng: labels[: len(points)] % k


def start_from_origin():
    """scikit-activeml's BADGE counts the origin as a centre that is there from the start."""
    from alcore_diversity.badge import _Gradients

    plain = _Gradients.squared_distances

    def nearest(gradients, pick):
        distances = np.minimum(plain(gradients, pick), gradients.squares)
        distances[pick] = 0
        return distances

    _Gradients.squared_distances = nearest


def scikit_activeml(job, pool, probabilities, labelled):
    from skactiveml import pool as peers
    from sklearn.preprocessing import normalize

    x, seed = np.concatenate([labelled, pool]), np.random.RandomState(job["seed"])
    y = np.full(len(x), np.nan)
    y[: len(labelled)] = 0
    more = {}
    if job["strategy"] == "badge":
        more = {"clf": given_classifier(probabilities), "fit_clf": False}
    if job["strategy"] in ("probcover", "typiclust"):
        x = normalize(x)  # they measure embeddings as they come
    clusters = {"cluster_algo": given_clusters(job)} if job["clusters"] else {}
    make = {
        "badge": lambda: peers.Badge(random_state=seed),
        "k_center": lambda: peers.CoreSet(random_state=seed),
        "max_herding": lambda: peers.MaxHerding(metric_dict={"gamma": 1.0}, random_state=seed),
        "probcover": lambda: peers.ProbCover(deltas=[job["options"]["radius"]], random_state=seed),
        "typiclust": lambda: peers.TypiClust(random_state=seed, **clusters),
    }
    query = make[job["strategy"]]().query
    return np.asarray(query(x, y, batch_size=job["n"], **more)) - len(labelled)


def given_classifier(probabilities):
    from skactiveml.base import SkactivemlClassifier

    class Given(SkactivemlClassifier):
        def fit(self, X, y, sample_weight=None):  # noqa: N803
            return self

        def predict_proba(self, X):  # noqa: N803
            return probabilities

    return Given(classes=range(probabilities.shape[1]))


def given_clusters(job):
    from sklearn.base import BaseEstimator, ClusterMixin

    labels = np.load(Path(job["folder"]) / "clusters.npy")

    class Given(ClusterMixin, BaseEstimator):
        def __init__(self, n_clusters=8):
            self.n_clusters = n_clusters

        def fit_predict(self, X, y=None):  # noqa: N803
            return labels[: len(X)] % self.n_clusters

    return Given


def literal(job, pool, probabilities, labelled):
    """The definition on whole matrices, in float64; ties go to the first."""
    if job["strategy"] == "badge":
        return literal_badge(job, pool, probabilities)
    x, m = np.concatenate([labelled, pool]).astype(float), len(labelled)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    squares = np.maximum(2 - 2 * x @ x.T, 0)
    if job["strategy"] == "typiclust":
        return literal_typiclust(job, np.sqrt(squares), m)
    if job["strategy"] == "max_herding":
        kernel = np.exp(-squares)
    else:
        kernel = (squares <= job["options"]["radius"] ** 2).astype(float)
    covered = kernel[:m].max(axis=0, initial=0)
    picks = list(range(m))
    for _ in range(job["n"]):
        gains = np.maximum(kernel - covered, 0).sum(axis=1)
        gains[picks] = -1
        picks.append(int(np.argmax(gains > gains.max() - 1e-9)))
        covered = np.maximum(covered, kernel[picks[-1]])
    return np.array(picks[m:]) - m


def literal_typiclust(job, distances, m):
    k = m + job["n"]
    labels = np.load(Path(job["folder"]) / "clusters.npy")[: len(distances)] % k
    clusters = [np.flatnonzero(labels == label) for label in range(k)]
    free = [rows for rows in clusters if len(rows) and rows[0] >= m]
    free.sort(key=lambda rows: (len(rows) < 5, -len(rows), rows[0]))
    picks = []
    for rows in free[: job["n"]]:
        near = np.sort(distances[np.ix_(rows, rows)], axis=1)
        means = near[:, 1 : job["options"]["neighbours"] + 1].mean(axis=1)
        picks.append(rows[np.argmax(means < means.min() + 1e-10)] - m)
    return np.array(picks)


def literal_badge(job, pool, probabilities):
    a = probabilities.astype(float)
    a[np.arange(len(a)), a.argmax(axis=1)] -= 1
    gradients = (a[:, :, None] * pool[:, None]).reshape(len(a), -1)
    rng, picks = np.random.default_rng(job["seed"]), [(gradients**2).sum(axis=1).argmax()]
    nearest = np.inf
    while len(picks) < job["n"]:
        nearest = np.minimum(nearest, ((gradients - gradients[picks[-1]]) ** 2).sum(axis=1))
        picks.append(rng.choice(len(a), p=nearest / nearest.sum()))
    return np.array(picks)


def objective(job, picks):
    """What the picks reach on the whole pool; None where there is no such number."""
    pool, probabilities, labelled = inputs(job)
    x, centres = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (pool, labelled))
    weights, sigma = np.ones(len(pool)), 1.0
    if job["strategy"] == "uherding":
        from alcore_diversity.uherding import radius, uncertainty

        weights, sigma = uncertainty(probabilities), radius(centres)
    squares = np.full(len(pool), np.inf)
    for centre in np.concatenate([centres, x[picks]]):
        squares = np.minimum(squares, np.maximum(2 - 2 * (x @ centre), 0))
    if job["strategy"] == "probcover":
        return float((squares <= job["options"]["radius"] ** 2).mean())
    return float(np.average(np.exp(-squares / sigma**2), weights=weights))


def megabytes(name):
    return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) / 1024


SIDES = {"alcore": alcore, "scikit-activeml": scikit_activeml, "literal": literal}


def main():
    """Warm up on 300 rows, then measure; the peak of resident memory is reset in between."""
    warnings.simplefilter("ignore")
    job = json.loads(sys.argv[1])
    side = SIDES[job["side"]]
    side(job | {"n": 5}, *inputs(job, 300))
    arrays = inputs(job)
    Path("/proc/self/clear_refs").write_text("5")
    before = megabytes("VmRSS")
    start = time.perf_counter()
    picks = side(job, *arrays)
    answer = {
        "seconds": time.perf_counter() - start,
        "extra": megabytes("VmHWM") - before,
        "picks": np.asarray(picks).tolist(),
    }
    del arrays
    if job["objective"]:
        answer["objective"] = objective(job, picks)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
