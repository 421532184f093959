"""Runs as rows and sentences: numbers, the end of a log, who is held against whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alcore.store import ExperimentRecord, RunRecord, RunState
from alcore_dashboard.services import runs

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RUN = RunRecord(
    id=1, experiment_id=1, dataset_id=1, strategy="u/entropy", strategy_options={}, model="m/m",
    model_options={}, seed=0, versions={}, state=RunState.QUEUED, error=None, round=None, step="",
    fraction=0.0, eta_seconds=None, stop_requested=False, process=None, created_at=NOON,
    started_at=None, finished_at=None,
)  # fmt: skip
EXPERIMENT = ExperimentRecord(
    id=1, title="t", config="[budget]\nsamples = 25\nbatch = 10\n", created_at=NOON, states={}
)


@pytest.mark.parametrize("state", RunState)
def test_every_state_has_a_sign_and_a_sentence(state: RunState) -> None:
    run = replace(RUN, state=state, error="the disk is full.")
    sign, _, word = runs.STATES[state].partition(" ")
    assert len(sign) == 1 and word
    said = runs.standing(run)
    assert said.endswith(".") and not said.endswith("..")
    assert (state in runs.MOVING) == runs.moves({state: 1})


def test_rounds_are_counted_from_0_to_the_last_of_the_budget() -> None:
    assert runs.round_text(RUN, EXPERIMENT) == "–"
    assert runs.round_text(replace(RUN, round=2), EXPERIMENT) == "2 of 3"
    assert runs.round_text(replace(RUN, round=2), None) == "2"
    assert runs.round_text(replace(RUN, round=2), replace(EXPERIMENT, config="")) == "2"


def test_a_duration_lasts_to_the_end_or_until_now() -> None:
    later = NOON + timedelta(minutes=5)
    at_work = replace(RUN, state=RunState.RUNNING, started_at=NOON)
    assert runs.took(RUN, later) == ""
    assert runs.took(at_work, later) == "5 min"
    done = replace(at_work, state=RunState.DONE, finished_at=NOON + timedelta(seconds=7))
    assert runs.took(done, later) == "7 s"
    assert runs.took(replace(at_work, state=RunState.INTERRUPTED), later) == ""


def test_time_left_is_only_said_of_what_is_at_work() -> None:
    assert runs.time_left(replace(RUN, state=RunState.RUNNING, eta_seconds=120.0)) == "2 min"
    assert runs.time_left(replace(RUN, state=RunState.RUNNING)) == ""
    assert runs.time_left(replace(RUN, state=RunState.QUEUED, eta_seconds=120.0)) == ""


def test_the_end_of_a_log_has_at_most_so_many_lines_and_bytes(tmp_path: Path) -> None:
    log = tmp_path / "run-1.log"
    assert runs.log_tail(log) == ""
    log.write_text("".join(f"line {i}\n" for i in range(100_000)))
    lines = runs.log_tail(log).split("\n")
    assert (len(lines), lines[-1]) == (runs.LOG_LINES, "line 99999")
    log.write_bytes(b"x" * 1_000_000)
    assert len(runs.log_tail(log)) == runs.LOG_BYTES


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"\x1b[1;31mred\x1b[0m\n", "red"),
        (b"\x1b]8;;http://e.v\x07link\x1b]8;;\x07\n", "link"),
        (b" 1%\r50%\r100%\r\nend\n", "100%\nend"),
        (b"a\x00b\x07c\td\n", "abc\td"),
        ("left \u202eright\n".encode(), "left right"),
        (b"caf\xc3\xa9 \xff\n", "café \ufffd"),
    ],
)
def test_a_log_is_plain_text(printed: bytes, shown: str, tmp_path: Path) -> None:
    log = tmp_path / "run-1.log"
    log.write_bytes(printed)
    assert runs.log_tail(log) == shown


def test_a_baseline_has_the_same_experiment_and_seed() -> None:
    random = replace(RUN, strategy="uncertainty/random")
    siblings = [
        replace(random, id=2, seed=0),
        replace(random, id=3, seed=1),
        replace(random, id=4, experiment_id=2),
        replace(RUN, id=5),
    ]
    assert [run.id for run in runs.baselines([RUN], siblings)] == [2]
    assert runs.baselines([RUN, siblings[0]], siblings) == []
    assert runs.baselines([siblings[0]], siblings) == []


@pytest.mark.parametrize(
    ("text", "are_ids"),
    [("1", True), ("3,4,7", True), ("", False), ("1,", False), ("x", False), ("٣", False),
     ("1" * 10, False), ("1.2", False)],
)  # fmt: skip
def test_ids_in_an_address(text: str, are_ids: bool) -> None:
    assert runs.are_ids(text) is are_ids
