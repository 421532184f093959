"""What to do next: which strategy, whether to go on, and what the random share measured."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from alcore.advice import (
    Advice,
    Recommendation,
    Situation,
    Verdict,
    in_hindsight,
    recommend,
    stop_advice,
)
from alcore.plugins import Registry
from alcore.results import RANDOM, Rounds
from alcore.rounds import RoundResult
from alcore.strategies import Need
from alcore_dashboard.services.naming import title_of


def provides(registry: Registry, model: str, dataset: str) -> frozenset[Need]:
    """What strategies can have of these two; probabilities alone where a plugin is gone."""
    given: set[Need] = {"probabilities"}
    if model in registry.models and dataset in registry.datasets:
        spec = registry.models[model]
        features = "features" in registry.datasets[dataset].provides
        if features or spec.backbone is not None:
            given.add("embeddings")
    return frozenset(given)


def recommended(labels: Sequence[int], n_classes: int, given: frozenset[Need]) -> Recommendation:
    """What to choose the next labels with, after these of one run, the initial ones included."""
    counts = np.bincount(np.array(labels, dtype=np.int64), minlength=n_classes)
    return recommend(
        Situation(
            labels=len(labels),
            n_classes=n_classes,
            smallest=int(counts.min()),
            largest=int(counts.max()),
            provides=given,
        )
    )


def recommendation_text(found: Recommendation) -> str:
    """In one or two sentences."""
    balanced = ", balancing classes" if found.balance_classes else ""
    return (
        f"For the next labels: {title_of(found.strategy)}{balanced}. "
        f"{found.reason[0].upper()}{found.reason[1:]} ({found.source})."
    )


def stop_table(rounds: Rounds) -> pd.DataFrame:
    """One row per strategy: verdicts over its seeds, the reason for the commonest, hindsight."""
    rows = [
        {
            "strategy": title_of(strategy),
            "advice": _verdicts(advices),
            "why": _why(advices),
            "in hindsight": hindsight_text(list(runs.values())),
        }
        for strategy, runs in rounds.items()
        if (advices := _advices(rounds, strategy))
    ]
    return pd.DataFrame(rows, columns=["strategy", "advice", "why", "in hindsight"])


def _advices(rounds: Rounds, strategy: str) -> list[Advice]:
    random = rounds.get(RANDOM, {}) if strategy != RANDOM else {}
    return [stop_advice(run, random.get(seed, ())) for seed, run in rounds[strategy].items() if run]


def _verdicts(advices: Sequence[Advice]) -> str:
    counts = Counter(advice.verdict for advice in advices)
    if len(counts) == 1:
        return str(advices[0].verdict)
    told = [f"{verdict} {counts[verdict]}" for verdict in Verdict if counts[verdict]]
    return f"{', '.join(told)} of {len(advices)} seeds"


def _why(advices: Sequence[Advice]) -> str:
    commonest, _ = Counter(advice.verdict for advice in advices).most_common(1)[0]
    first = next(advice for advice in advices if advice.verdict == commonest)
    if len(advices) == 1:
        return " ".join(first.reasons)
    return f"In the first seed with this advice: {' '.join(first.reasons)}"


def hindsight_text(runs: Sequence[Sequence[RoundResult]]) -> str:
    """What following the advice would have kept and lost, over the runs that are finished."""
    done = [run for run in runs if run and run[-1].batch is None]
    if not done:
        return "No run has spent its budget yet."
    found = in_hindsight(done)
    if found.labels_kept is None or found.accuracy_lost is None:
        return f"It would have ended none of {found.runs} runs early."
    return (
        f"It would have ended {found.stopped} of {found.runs} runs early, with "
        f"{found.labels_kept:.0f} labels left that added {100 * found.accuracy_lost:+.1f} points "
        "(means)."
    )


def audit_text(rounds: Rounds) -> str:
    """The estimate of the newest round that drew a part of its batch at random; "" without."""
    told = []
    for strategy, runs in rounds.items():
        newest = [next((r.audit for r in reversed(run) if r.audit), None) for run in runs.values()]
        known = [audit for audit in newest if audit is not None]
        if known:
            n = sum(audit.n for audit in known)
            share = sum(audit.accuracy * audit.n for audit in known) / n
            low, high = wilson(share, n)
            told.append(
                f"{title_of(strategy)} {share:.1%} [{low:.1%}, {high:.1%}] of {n} in "
                f"{len(known)} runs"
            )
    if not told:
        return ""
    return (
        "Accuracy on the pool, estimated without bias from the part of the newest batches that "
        f"was drawn at random, 95 % interval: {'; '.join(told)}."
    )


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share of n (E. Wilson, JASA 1927)."""
    z = 1.959964
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    return middle - half, middle + half


def candidates_text(rounds: Rounds) -> str:
    """Which strategies looked at a part of the pool only; "" where all saw everything."""
    told = []
    for strategy, runs in rounds.items():
        seen = [r.candidates for run in runs.values() for r in run if r.candidates is not None]
        if seen:
            told.append(f"{title_of(strategy)} looked at {min(seen):,} samples")
    if not told:
        return ""
    return (
        f"Of a larger pool {'; '.join(told)} a round, drawn anew each time; the page Plugins says "
        "what is known of the loss."
    )
