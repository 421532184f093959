"""What `alcore run` prints: the estimate before and the comparison after."""

from typing import Any

import numpy as np

from alcore.compare import Curve, LabelsSaved, labels_saved, learning_curve
from alcore.estimate import Estimate
from alcore.rounds import RoundResult
from alcore.store import RunState, Store

RANDOM = "uncertainty/random"


def estimate_line(estimate: Estimate) -> str:
    """One line: runs, rounds, time, disk."""
    time = "an unknown time" if estimate.seconds is None else f"about {_duration(estimate.seconds)}"
    return (
        f"{estimate.runs} runs x {estimate.rounds} rounds: {time} ({estimate.basis}), "
        f"about {estimate.disk_bytes / 1e6:.1f} MB"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def curves_of(store: Store, experiment_id: int) -> list[Curve]:
    """The learning curve of every strategy that finished a round, in the order of the runs."""
    rounds = store.rounds_of(experiment_id)
    grouped: dict[str, dict[int, list[RoundResult]]] = {}
    for run in store.runs(experiment_id):
        grouped.setdefault(run.strategy, {})[run.seed] = rounds.get(run.id, [])
    found = [learning_curve(strategy, runs) for strategy, runs in grouped.items()]
    return [curve for curve in found if curve is not None]


def result_rows(store: Store, experiment_id: int) -> list[dict[str, Any]]:
    """One row per strategy: accuracy at the end and labels saved against random."""
    curves = curves_of(store, experiment_id)
    random = next((curve for curve in curves if curve.strategy == RANDOM), None)
    return [_row(curve, random) for curve in curves]


def _row(curve: Curve, random: Curve | None) -> dict[str, Any]:
    saved = labels_saved(curve, random, np.random.default_rng(0)) if random else None
    final = curve.accuracy[:, -1]
    return {
        "strategy": curve.strategy,
        "seeds": len(curve.seeds),
        "labels": int(curve.labels[-1]),
        "accuracy": float(final.mean()),
        "accuracy_sd": float(final.std(ddof=1)) if len(final) > 1 else None,
        "labels_saved": saved.fraction if saved else None,
        "labels_saved_low": saved.low if saved else None,
        "labels_saved_high": saved.high if saved else None,
        "labels_saved_text": saved_text(curve, saved),
    }


def saved_text(curve: Curve, saved: LabelsSaved | None) -> str:
    """Labels saved in words: the baseline itself, a share with its interval, or never."""
    if curve.strategy == RANDOM:
        return "baseline"
    if saved is None:
        return "no random run to compare with"
    if saved.fraction is None:
        return "never reaches random"
    if saved.seeds == 1:
        return f"{saved.fraction:.0%} (1 seed: no interval)"
    low = "never" if saved.low is None else f"{saved.low:.0%}"
    high = "never" if saved.high is None else f"{saved.high:.0%}"
    return f"{saved.fraction:.0%} [{low}, {high}]"


def result_table(store: Store, experiment_id: int, rows: list[dict[str, Any]]) -> str:
    """The final table for people."""
    head = f"{'strategy':<32}{'seeds':>6}{'labels':>8}{'accuracy':>10}{'sd':>8}  labels saved"
    lines = [head, *map(_line, rows)]
    runs = store.runs(experiment_id)
    lines += [f"run {r.id} {r.state}: {r.error}" for r in runs if r.state is RunState.FAILED]
    return "\n".join([*lines, f"experiment {experiment_id} in {store.place}"])


def _line(row: dict[str, Any]) -> str:
    deviation = "-" if row["accuracy_sd"] is None else f"{row['accuracy_sd']:.1%}"
    return (
        f"{row['strategy']:<32}{row['seeds']:>6}{row['labels']:>8}{row['accuracy']:>10.1%}"
        f"{deviation:>8}  {row['labels_saved_text']}"
    )
