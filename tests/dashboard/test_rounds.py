"""Progress, curves, labels saved, and what is said about them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alcore.compare import Curve, LabelsSaved
from alcore.results import RANDOM, Outcome, curves, outcomes
from alcore.store import RunRecord, RunState, Store
from alcore_dashboard.services import rounds

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RUN = RunRecord(
    id=1, experiment_id=1, dataset_id=1, strategy="u/entropy", strategy_options={}, model="m/m",
    model_options={}, seed=0, versions={}, state=RunState.QUEUED, error=None, round=None, step="",
    fraction=0.0, eta_seconds=None, stop_requested=False, process=None, created_at=NOON,
    started_at=None, finished_at=None,
)  # fmt: skip
DONE = replace(
    RUN,
    state=RunState.DONE,
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=10),
    fraction=1.0,
)
RUNNING = replace(RUN, state=RunState.RUNNING, fraction=0.5, eta_seconds=4.0)


def curve(strategy: str, *rows: list[float]) -> Curve:
    return Curve(
        strategy=strategy,
        labels=np.arange(1, len(rows[0]) + 1) * 10,
        seeds=tuple(range(len(rows))),
        accuracy=np.array(rows),
    )


def saved(fraction: float | None, low: float | None, seeds: int = 10) -> LabelsSaved:
    return LabelsSaved(fraction=fraction, low=low, high=0.5, target=0.9, labels=100, seeds=seeds)


def saving(strategy: str, one: LabelsSaved | None) -> Outcome:
    return Outcome(curve=curve(strategy, [0.8, 0.9]), saved=one)


BASELINE = saving(RANDOM, None)


def test_progress_adds_up_the_runs() -> None:
    state = rounds.progress([DONE, RUNNING, RUN])
    assert (state.over, state.total, state.is_over) == (1, 3, False)
    assert state.fraction == pytest.approx(0.5)
    assert state.eta_seconds == pytest.approx(4 + 10)
    assert state.active == (RUNNING,)


def test_without_a_finished_run_the_time_left_is_unknown() -> None:
    assert rounds.progress([RUNNING, RUN]).eta_seconds is None
    assert rounds.progress([replace(RUNNING, eta_seconds=None)]).eta_seconds is None


def test_a_run_that_does_not_know_its_time_takes_as_long_as_the_finished_ones() -> None:
    unknown = replace(RUNNING, eta_seconds=None)
    assert rounds.progress([DONE, unknown, RUN]).eta_seconds == pytest.approx(5 + 10)


def test_failed_and_stopped_runs_are_over() -> None:
    failed = replace(RUN, state=RunState.FAILED, error="no")
    state = rounds.progress([failed, replace(RUN, state=RunState.STOPPED)])
    assert state.is_over
    assert state.failed == (failed,)
    assert not state.all_done
    assert rounds.progress([DONE, DONE]).all_done


def test_states_are_counted_in_words() -> None:
    counts = {RunState.DONE: 3, RunState.AWAITING_LABELS: 1}
    assert rounds.state_counts(counts) == "3 done, 1 awaiting labels"


def test_curves_of_a_real_run_have_random_first(played: Store) -> None:
    found = curves(played, 1)
    assert [one.strategy for one in found] == ["uncertainty/random", "uncertainty/smallest_margin"]
    table = rounds.curve_table(found)
    assert table["labels"].unique().tolist() == [6, 16, 26, 31]
    assert table.groupby("strategy")["random"].first().to_dict() == {
        "random": True,
        "smallest margin": False,
    }
    assert rounds.subtitle(played, 1, found).startswith("n = 30 test samples, 2 seeds")


def test_the_band_is_one_standard_deviation() -> None:
    table = rounds.curve_table([curve("u/entropy", [0.5, 0.6], [0.7, 0.6])])
    assert table["mean"].tolist() == pytest.approx([0.6, 0.6])
    spread = np.std([0.5, 0.7], ddof=1)
    assert table["high"].tolist() == pytest.approx([0.6 + spread, 0.6])
    alone = rounds.curve_table([curve("u/entropy", [0.5, 0.6])])
    assert alone["low"].tolist() == alone["high"].tolist() == [0.5, 0.6]


def test_a_clear_gain_is_told_with_interval_and_seeds() -> None:
    found = [saving("u/entropy", saved(0.2, 0.1)), saving("u/margin", saved(0.4, 0.3)), BASELINE]
    assert rounds.takeaway(found) == (
        "Margin reaches the final accuracy of random (90.0%) with 40% fewer labels "
        "(95% interval 30% to 50%, 10 seeds)."
    )


@pytest.mark.parametrize(
    "one", [saved(None, None), saved(0.2, -0.1), saved(0.2, None), saved(0.0, 0.0)]
)
def test_no_gain_is_said_where_that_is_the_truth(one: LabelsSaved) -> None:
    assert rounds.takeaway([saving("u/entropy", one), BASELINE]).startswith("No gain yet")


def test_few_seeds_are_not_trusted() -> None:
    sentence = rounds.takeaway([saving("u/entropy", saved(0.2, 0.2, seeds=1)), BASELINE])
    assert "only 1 seed, which may be chance" in sentence
    assert "interval" not in sentence


def test_without_random_or_with_random_alone_the_next_step_is_said() -> None:
    assert "add random" in rounds.takeaway([saving("u/entropy", None)])
    assert "add a strategy" in rounds.takeaway([BASELINE])


def test_labels_saved_come_from_the_one_definition() -> None:
    random = curve(RANDOM, [0.5, 0.6, 0.7, 0.8], [0.5, 0.6, 0.7, 0.8])
    better = curve("u/margin", [0.5, 0.8, 0.9, 0.9], [0.5, 0.8, 0.9, 0.9])
    worse = curve("u/entropy", [0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5])
    table = rounds.savings_table(outcomes([better, worse, random]))
    assert table["labels saved"].tolist() == ["50%", "never", "baseline"]
    assert table["95% interval"].tolist() == ["50% to 50%", "never to never", "–"]
