"""Rows of rounds, and the one transaction that makes a round visible."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.rounds import Calibration, Evaluation, RoundArrays, RoundResult
from alcore.store import arrays as array_files
from alcore.store import datasets, files, leases, runs, schema
from alcore.store import labels as label_rows
from alcore.store.connect import Database
from alcore.store.known import KnownRounds
from alcore.store.records import LabelEvent

_TABLE = schema.rounds


def commit(
    database: Database,
    run_id: int,
    result: RoundResult,
    arrays: RoundArrays,
    labels: Sequence[LabelEvent],
    thumbnails: Mapping[int, bytes],
    *,
    token: int,
    model: Path | None,
) -> None:
    """Write the files, then make them and the rows visible at once.

    The files take their names under the lock of the transaction: of two processes that commit
    the same round the second finds the first one's row and touches nothing.
    """
    row = _row(run_id, result)
    contents = array_files.contents(result.number, arrays, model)
    with files.staged(database.files, contents) as staged, database.write() as connection:
        dataset_id = _check_next(connection, run_id, token, result.number)
        files.publish(staged, files.run_folder(database.files, run_id))
        connection.execute(sa.insert(_TABLE).values(row))
        array_files.add(connection, run_id, result.number, staged)
        _sum_up(connection, run_id, result)
        label_rows.add(connection, run_id, labels)
        if thumbnails:
            _add_thumbnails(connection, run_id, dataset_id, thumbnails)
        earlier = (schema.arrays.c.run_id == run_id) & (schema.arrays.c.round < result.number)
        outdated = array_files.forget(connection, database.files, earlier)
    for path in outdated:
        with suppress(OSError):  # in use, on systems that mind; prune removes it later
            path.unlink()


def _sum_up(connection: sa.Connection, run_id: int, result: RoundResult) -> None:
    """What a list of runs shows, in the run's own row."""
    table, accuracy = schema.runs, float(result.test.accuracy)
    best = sa.case((table.c.best_accuracy > accuracy, table.c.best_accuracy), else_=accuracy)
    values = {"best_accuracy": best, "n_labelled": int(result.n_labelled), "round": result.number}
    values["attempts"] = 0  # what ends a run are interruptions without a round in between
    connection.execute(sa.update(table).where(table.c.id == run_id).values(values))


def _check_next(connection: sa.Connection, run_id: int, token: int, number: int) -> int | None:
    run = leases.check(connection, run_id, token)
    count = sa.select(sa.func.count()).where(_TABLE.c.run_id == run_id)
    expected = connection.execute(count).scalar_one()
    if number != expected:
        raise AlcoreError(
            f"round {number} cannot be added to run {run_id}: its next round is {expected}, "
            "and a round never changes once it is there"
        )
    return run.dataset_id


def _add_thumbnails(
    connection: sa.Connection, run_id: int, dataset_id: int | None, pictures: Mapping[int, bytes]
) -> None:
    if dataset_id is None:
        raise AlcoreError(f"run {run_id} has no dataset yet, so thumbnails have no place")
    datasets.add_thumbnails(connection, dataset_id, pictures)


def of_run(connection: sa.Connection, run_id: int, known: KnownRounds) -> list[RoundResult]:
    """The rounds of a run in order."""
    runs.get(connection, run_id)
    return _of(connection, schema.runs.c.id == run_id, known)[run_id]


def of_experiment(
    connection: sa.Connection, experiment_id: int, known: KnownRounds
) -> dict[int, list[RoundResult]]:
    """The rounds of every run of an experiment; a run without a round has an empty list."""
    return _of(connection, schema.runs.c.experiment_id == experiment_id, known)


def _of(
    connection: sa.Connection, which: sa.ColumnElement[bool], known: KnownRounds
) -> dict[int, list[RoundResult]]:
    """Count first, then read the rounds of those runs that have others than those known."""
    query = (
        sa.select(schema.runs.c.id, sa.func.count(_TABLE.c.number))
        .outerjoin_from(schema.runs, _TABLE)
        .where(which)
        .group_by(schema.runs.c.id)
        .order_by(schema.runs.c.id)
    )
    counts: dict[int, int] = dict(connection.execute(query).all())
    found = {run_id: known.get(run_id, count) for run_id, count in counts.items()}
    missing = [run_id for run_id, results in found.items() if results is None]
    fresh = _read(connection, missing) if missing else {}
    for run_id, results in fresh.items():
        known.add(run_id, results)
    return {run_id: list(results or fresh.get(run_id) or ()) for run_id, results in found.items()}


def _read(connection: sa.Connection, run_ids: Sequence[int]) -> dict[int, list[RoundResult]]:
    query = (
        sa.select(_TABLE.c.run_id, _TABLE.c.detail)
        .where(_TABLE.c.run_id.in_(run_ids))
        .order_by(_TABLE.c.run_id, _TABLE.c.number)
    )
    read: dict[int, list[RoundResult]] = {}
    for run_id, detail in connection.execute(query):
        read.setdefault(run_id, []).append(_result(detail))
    return read


def seconds(connection: sa.Connection, model: str, dataset: str) -> list[float]:
    """Wall time of each round of a model on a dataset, newest first, at most 1,000."""
    query = (
        sa.select(_TABLE.c.detail)
        .join_from(_TABLE, schema.runs)
        .join(schema.datasets)
        .where((schema.runs.c.model == model) & (schema.datasets.c.name == dataset))
        .order_by(_TABLE.c.created_at.desc())
        .limit(1000)
    )
    return [sum(detail["seconds"].values()) for detail in connection.scalars(query)]


def _row(run_id: int, result: RoundResult) -> dict[str, Any]:
    detail = _detail(result)
    for name, value in _not_finite("", detail):
        raise AlcoreError(
            f"round {result.number} of run {run_id}: {name} is {value}, expected a finite number"
        )
    accuracies = {
        f"{split}_accuracy": detail[split] and detail[split]["accuracy"]
        for split in ("test", "validation", "batch")
    }
    return {
        "run_id": run_id,
        "number": detail["number"],
        "n_labelled": detail["n_labelled"],
        **accuracies,
        "test_macro_f1": detail["test"]["macro_f1"],
        "detail": detail,
        "created_at": schema.now(),
    }


def _not_finite(name: str, value: Any) -> Iterator[tuple[str, float]]:
    """JSON and SQLite know no NaN: they would turn it into something else without a word."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _not_finite(f"{name}.{key}".lstrip("."), inner)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _not_finite(f"{name}[{i}]", inner)
    elif isinstance(value, float) and not math.isfinite(value):
        yield name, value


def _detail(result: RoundResult) -> dict[str, Any]:
    """Everything as plain numbers: JSON does not take those of NumPy."""
    detail: dict[str, Any] = json.loads(json.dumps(result, default=_plain))
    return detail


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return dict(value) if isinstance(value, Mapping) else vars(value)


def _result(detail: Mapping[str, Any]) -> RoundResult:
    values = dict(detail)
    for split in ("test", "validation", "batch", "audit"):
        values[split] = values.get(split) and _evaluation(values[split])
    values["uncalibrated"] = _calibration(values.get("uncalibrated"))
    values["batch_classes"] = tuple(values["batch_classes"])
    return RoundResult(**values)


def _evaluation(detail: Mapping[str, Any]) -> Evaluation:
    values = dict(detail)
    values["recall"] = tuple(values["recall"])
    values["confusion"] = tuple(tuple(row) for row in values["confusion"])
    values["calibration"] = _calibration(values.get("calibration"))
    return Evaluation(**values)


def _calibration(detail: Mapping[str, Any] | None) -> Calibration | None:
    if detail is None:
        return None
    return Calibration(**{name: tuple(values) for name, values in detail.items()})
