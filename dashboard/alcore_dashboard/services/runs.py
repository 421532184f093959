"""Runs for people: a table, how one stands and why it ended, what it printed, how some compare."""

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from alcore.results import RANDOM
from alcore.rounds import RoundResult
from alcore.store import MAX_RESUMES, ExperimentRecord, RunRecord, RunState
from alcore_dashboard.services.naming import duration, experiment_label, run_label, title_of

STATES: Mapping[RunState, str] = {
    RunState.QUEUED: "○ waiting",
    RunState.RUNNING: "▶ running",
    RunState.STOPPING: "◧ stopping",
    RunState.AWAITING_LABELS: "✎ awaiting labels",
    RunState.INTERRUPTED: "⚠ interrupted",
    RunState.FAILED: "✗ failed",
    RunState.STOPPED: "◼ stopped",
    RunState.DONE: "✓ done",
    RunState.CREATED: "· created",
}
"""How each state is shown: a sign and a word, no colour."""
MOVING = (RunState.QUEUED, RunState.RUNNING, RunState.STOPPING, RunState.INTERRUPTED)
"""The states that change by themselves."""
LOG_LINES, LOG_BYTES = 100, 64_000
_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\].*?(\x07|\x1b\\)|.)")

Rounds = Sequence[RoundResult]


def counts(experiments: Sequence[ExperimentRecord]) -> dict[RunState, int]:
    """How many runs of these experiments are in each state; states without a run are absent."""
    found = {state: sum(one.states.get(state, 0) for one in experiments) for state in STATES}
    return {state: n for state, n in found.items() if n}


def moves(found: Mapping[RunState, int]) -> bool:
    """Whether anything will change by itself."""
    return not found.keys().isdisjoint(MOVING)


def are_ids(text: str) -> bool:
    """Whether this is an id, or several between commas."""
    return all(each.isascii() and each.isdecimal() and len(each) < 10 for each in text.split(","))


def takeaway(found: Mapping[RunState, int]) -> str:
    """``"▶ 1 running, ✓ 3 done"``."""
    return ", ".join("{0} {2:,} {1}".format(*STATES[s].split(" ", 1), n) for s, n in found.items())


def run_table(
    runs: Sequence[RunRecord], experiments: Mapping[int, ExperimentRecord], now: datetime
) -> pd.DataFrame:
    """One row per run, for people."""
    return pd.DataFrame([_row(run, experiments.get(run.experiment_id), now) for run in runs])


def _row(run: RunRecord, experiment: ExperimentRecord | None, now: datetime) -> dict[str, object]:
    return {
        "run": str(run.id),
        "state": STATES[run.state],
        "experiment": experiment_label(experiment) if experiment else str(run.experiment_id),
        "strategy": title_of(run.strategy),
        "model": title_of(run.model),
        "seed": run.seed,
        "round": round_text(run, experiment),
        "progress": 1.0 if run.state is RunState.DONE else run.fraction,
        "time left": time_left(run),
        "best accuracy": None if run.best_accuracy is None else 100 * run.best_accuracy,
        "labels": run.n_labelled,
        "duration": took(run, now),
        "title": run.title,
        "tags": list(run.tags),
    }


def round_text(run: RunRecord, experiment: ExperimentRecord | None) -> str:
    """``"3 of 6"``; rounds are counted from 0."""
    if run.round is None:
        return "–"
    last = _last_round(experiment.config) if experiment else None
    return str(run.round) if last is None or run.round > last else f"{run.round} of {last}"


@functools.lru_cache(maxsize=512)
def _last_round(config: str) -> int | None:
    budget = tomllib.loads(config).get("budget", {})
    samples, batch = budget.get("samples", 0), budget.get("batch", 0)
    return -(-samples // batch) if batch else None


def time_left(run: RunRecord) -> str:
    """Time left, where somebody works and knows."""
    is_known = run.state is RunState.RUNNING and run.eta_seconds is not None
    return duration(run.eta_seconds or 0.0) if is_known else ""


def took(run: RunRecord, now: datetime) -> str:
    """From its first start to its end, or until now; "" where neither is known."""
    at_work = run.state in (RunState.RUNNING, RunState.STOPPING)
    end = now if at_work else run.finished_at
    if run.started_at is None or end is None:
        return ""
    return duration((end - run.started_at).total_seconds())


def standing(run: RunRecord) -> str:
    """How a run stands, why, and what to do, as one line."""
    error = (run.error or "for an unknown reason").rstrip(".")
    sentences = {
        RunState.CREATED: "It is not queued.",
        RunState.QUEUED: "It waits for a worker.",
        RunState.RUNNING: f"At work in {run.process}; it goes on when this page is closed.",
        RunState.STOPPING: "It was asked to stop: it ends after the batch at hand, and what is "
        "finished stays.",
        RunState.AWAITING_LABELS: "It waits for somebody to label its batch.",
        RunState.INTERRUPTED: f"Interrupted: {error}. A worker takes it up by itself where its "
        f"rounds end ({run.attempts} of {MAX_RESUMES} times since its newest round).",
        RunState.FAILED: f"Failed: {error}.",
        RunState.STOPPED: "Stopped on request. Resume it, and it goes on where its rounds end.",
        RunState.DONE: "All its rounds are done.",
    }
    return "It ends at once." if run.stop_now and not run.state.is_over else sentences[run.state]


def log_tail(path: Path) -> str:
    """The last lines of a log as plain text, without colours and control characters."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - LOG_BYTES, 0))
            text = file.read(LOG_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(_plain(line) for line in text.rstrip().split("\n")[-LOG_LINES:])


def _plain(line: str) -> str:
    """What a terminal shows at last: a progress bar writes over itself."""
    last = _ESCAPE.sub("", line).rstrip("\r").rpartition("\r")[2]
    return "".join(c for c in last if c.isprintable() or c == "\t")


def baselines(runs: Sequence[RunRecord], siblings: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs of random beside these: same experiment, same seed.

    Args:
        runs: To be compared.
        siblings: Every run of their experiments.
    """
    wanted = {(run.experiment_id, run.seed) for run in runs if run.strategy != RANDOM}
    given = {run.id for run in runs}
    return [
        run
        for run in siblings
        if run.strategy == RANDOM
        and (run.experiment_id, run.seed) in wanted
        and run.id not in given
    ]


def curves(found: Sequence[tuple[RunRecord, Rounds]]) -> pd.DataFrame:
    """The test accuracy of every run, as `figures.learning.learning_curves` draws it."""
    rows = [
        {
            "strategy": run_label(run),
            "rounds": one.number,
            "labels": one.n_labelled,
            **dict.fromkeys(("mean", "low", "high"), one.test.accuracy),
            "seeds": 1,
            "random": run.strategy == RANDOM,
        }
        for run, rounds in found
        for one in rounds
    ]
    return pd.DataFrame(rows)


def comparison(found: Sequence[tuple[RunRecord, Rounds]]) -> pd.DataFrame:
    """The numbers of every run that finished a round, held against random where that is there."""
    random = {
        (run.experiment_id, run.seed): rounds for run, rounds in found if run.strategy == RANDOM
    }
    return pd.DataFrame(
        {
            "run": run_label(run),
            "experiment": run.experiment_id,
            "rounds": len(rounds),
            "labels": rounds[-1].n_labelled,
            "last accuracy": 100 * rounds[-1].test.accuracy,
            "best accuracy": 100 * max(one.test.accuracy for one in rounds),
            "against random": _against(run, rounds, random.get((run.experiment_id, run.seed))),
            "duration": took(run, datetime.now(UTC)),
        }
        for run, rounds in found
    )


def _against(run: RunRecord, rounds: Rounds, base: Rounds | None) -> str:
    if run.strategy == RANDOM or base is None:
        return "baseline" if run.strategy == RANDOM else "no random run"
    ours, theirs = list(zip(rounds, base, strict=False))[-1]
    gain = 100 * (ours.test.accuracy - theirs.test.accuracy)
    return f"{gain:+.1f} points at {ours.n_labelled:,} labels"


def compared_in_words(found: Sequence[tuple[RunRecord, Rounds]]) -> str:
    """Who ends highest; one run each is no proof."""
    run, rounds = max(found, key=lambda one: one[1][-1].test.accuracy)
    last = rounds[-1]
    return (
        f"Run {run_label(run)} ends highest: {last.test.accuracy:.1%} with {last.n_labelled:,} "
        "labels. One run of each may differ by chance."
    )


def compared_subtitle(found: Sequence[tuple[RunRecord, Rounds]]) -> str:
    """What n and seeds are."""
    tests = sorted({rounds[0].test.n for _, rounds in found})
    n = f"{tests[0]:,}" if len(tests) == 1 else f"{tests[0]:,} to {tests[-1]:,}"
    seeds = sorted({run.seed for run, _ in found})
    which = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return f"n = {n} test samples; {len(found)} run{'s' * (len(found) > 1)}, {which}"
