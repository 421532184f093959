"""What to label next, from probabilities alone: no run, no store, no model."""

import contextlib
import csv
import io
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alcore.budget import check_budget
from alcore.csvcell import csv_cell
from alcore.errors import UsageError
from alcore.pipeline import asked
from alcore.probabilities import check_probabilities
from alcore.scoring import as_table, turned
from alcore.strategies import Criterion, Need, Query, Strategy
from alcore.top_utility import TopUtility
from alcore.topk import select_top
from alcore.types import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class Picks:
    """The samples to label, in the order of picking.

    Attributes:
        positions: Their rows, from 0, shape (n,), int64.
        utilities: Theirs, shape (n,), larger means "label this first"; None where the strategy
            has no such number.
        values: The criterion's own values, shape (n,); None where the strategy is no criterion.
        ids: Theirs; None where none were given.
    """

    positions: IntArray
    utilities: FloatArray | None = None
    values: FloatArray | None = None
    ids: tuple[str, ...] | None = None


def select(
    probabilities: FloatArray,
    strategy: str | Criterion | Strategy,
    n: int,
    *,
    ids: Sequence[str] | None = None,
    seed: int = 0,
    threads: int = 1,
    check: bool = True,
    embeddings: FloatArray | None = None,
    labelled_embeddings: FloatArray | None = None,
    members: FloatArray | None = None,
) -> Picks:
    """Choose the n samples to label next.

    Args:
        probabilities: Class probabilities, shape (samples, classes), rows summing to 1; an
            array or a memory map.
        strategy: The name of an installed strategy, a criterion, or a strategy object.
        n: The budget, from 1 to the number of samples.
        ids: One per sample, all different.
        seed: For strategies that draw at random.
        threads: For criteria; the picks do not depend on it.
        check: Whether to hold all probabilities against `check_probabilities` first. Values
            that are not finite are refused in any case.
        embeddings, labelled_embeddings, members: For strategies that need them, as in `Query`.

    Raises:
        UsageError: Bad probabilities, ids or budget, or an unknown strategy name.
        AlcoreError: The strategy does not do what strategies must.
    """
    table = as_table(probabilities)
    if check:
        check_probabilities(table, ids)
    check_budget(n, len(table))
    more: dict[Need, FloatArray | None] = {
        "embeddings": embeddings,
        "labelled_embeddings": labelled_embeddings,
        "members": members,
    }
    given = {need: array for need, array in more.items() if array is not None}
    chooser = _strategy(strategy, frozenset({"probabilities", *given}))
    if isinstance(chooser, TopUtility):
        return _by_criterion(chooser.criterion, table, n, ids, threads)
    query = Query(
        rank=np.arange(len(table)), n_classes=table.shape[1], probabilities=table, **given
    )
    return _by_strategy(chooser, query, n, ids, seed)


def _strategy(strategy: str | Criterion | Strategy, given: frozenset[Need]) -> Strategy:
    if isinstance(strategy, Criterion):
        return TopUtility(strategy)
    if not isinstance(strategy, str):
        return strategy
    from alcore.plugins import Registry

    spec = Registry.load().strategy(strategy)
    if missing := sorted(spec.needs - given):
        raise UsageError(
            f"strategy {spec.name!r} needs {' and '.join(missing)}, not probabilities alone; give "
            "them to alcore.select, or use it in an experiment"
        )
    made: Strategy = spec.create(spec.options())
    return made


def _by_criterion(
    criterion: Criterion, table: FloatArray, n: int, ids: Sequence[str] | None, threads: int
) -> Picks:
    top = select_top(criterion, table, n, threads=threads, ids=ids)
    return Picks(
        positions=top.positions,
        utilities=top.utilities,
        values=turned(criterion, top.utilities),
        ids=_ids_of(top.positions, ids),
    )


def _by_strategy(
    strategy: Strategy, query: Query, n: int, ids: Sequence[str] | None, seed: int
) -> Picks:
    chosen = asked(strategy, query, n, np.random.default_rng(seed))
    utilities = chosen.utilities
    return Picks(
        positions=chosen.positions,
        utilities=None if utilities is None else utilities[chosen.positions],
        ids=_ids_of(chosen.positions, ids),
    )


def _ids_of(positions: IntArray, ids: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(ids[i] for i in positions)


def picks_csv(picks: Picks) -> str:
    """The picks as CSV: order from 1, id (or row from 0), value and utility (empty if none).

    Ids that a spreadsheet would run as formulas are written by `csv_cell`.
    """
    names = picks.positions if picks.ids is None else [csv_cell(name) for name in picks.ids]
    nothing = [""] * len(names)
    values = nothing if picks.values is None else picks.values
    utilities = nothing if picks.utilities is None else picks.utilities
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["order", "row" if picks.ids is None else "id", "value", "utility"])
    writer.writerows(zip(range(1, len(names) + 1), names, values, utilities, strict=True))
    return text.getvalue()


def write_picks(picks: Picks, path: Path) -> None:
    """Write `picks_csv` to a file: wholly, or not at all.

    Raises:
        UsageError: The file cannot be written.
    """
    unfinished = path.parent / f".{path.name}.{uuid.uuid4().hex}.tmp"
    try:
        with unfinished.open("x", encoding="utf-8", newline="") as file:
            file.write(picks_csv(picks))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; choose another file") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
