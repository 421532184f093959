"""What `alcore run` prints: the estimate before and the comparison after."""

from typing import Any

from alcore.estimate import Estimate
from alcore.results import Outcome, curves, duplicates_text, left_out_text, outcomes, saved_text
from alcore.store import RunState, Store


def estimate_line(estimate: Estimate) -> str:
    """One line: runs, rounds, time, disk."""
    time = "an unknown time" if estimate.seconds is None else f"about {_duration(estimate.seconds)}"
    runs = "1 run" if estimate.runs == 1 else f"{estimate.runs} runs"
    disk = "" if estimate.disk_bytes is None else f", about {estimate.disk_bytes / 1e6:.1f} MB"
    return f"{runs} x {estimate.rounds} rounds: {time} ({estimate.basis}){disk}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def result_rows(store: Store, experiment_id: int) -> list[dict[str, Any]]:
    """One row per strategy: accuracy at the end and labels saved against random."""
    return [_row(outcome) for outcome in outcomes(curves(store, experiment_id))]


def _row(outcome: Outcome) -> dict[str, Any]:
    curve, saved = outcome.curve, outcome.saved
    final = curve.values[:, -1]
    return {
        "strategy": curve.strategy,
        "seeds": len(curve.seeds),
        "labels": int(curve.labels[-1]),
        "accuracy": float(final.mean()),
        "accuracy_sd": float(final.std(ddof=1)) if len(final) > 1 else None,
        "labels_saved": saved.fraction if saved else None,
        "labels_saved_low": saved.low if saved else None,
        "labels_saved_high": saved.high if saved else None,
        "labels_saved_text": saved_text(outcome),
    }


def result_table(store: Store, experiment_id: int, rows: list[dict[str, Any]]) -> str:
    """The final table for people."""
    head = f"{'strategy':<32}{'seeds':>6}{'labels':>8}{'accuracy':>10}{'sd':>8}  labels saved"
    lines = [head, *map(_line, rows)]
    runs = store.runs(experiment_id)
    lines += [f"run {r.id} {r.state}: {r.error}" for r in runs if r.state is RunState.FAILED]
    lines += filter(None, (left_out_text(runs), duplicates_text(runs)))
    return "\n".join([*lines, f"experiment {experiment_id} in {store.place}"])


def _line(row: dict[str, Any]) -> str:
    deviation = "-" if row["accuracy_sd"] is None else f"{row['accuracy_sd']:.1%}"
    return (
        f"{row['strategy']:<32}{row['seeds']:>6}{row['labels']:>8}{row['accuracy']:>10.1%}"
        f"{deviation:>8}  {row['labels_saved_text']}"
    )
