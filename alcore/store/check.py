"""Is everything that the store says is there still there, and as it was written?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa

from alcore.errors import AlcoreError
from alcore.store import arrays, datasets, files, labels, schema, sizes
from alcore.store.connect import Database
from alcore.store.records import LabelEvent

Kind = Literal["database", "reference", "round", "label", "array", "dataset", "leftover"]
_RESTORE = "restore it from a backup, or delete the run and run it again"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        kind: What is affected; a "leftover" is no damage, it only takes space.
        sentence: What is wrong and, where `repair` cannot help, what to do.
        run_id: Of the run it concerns; None where it concerns none.
        round: Of that run.
        path: The file it concerns.
        array: What that file holds, where it is one of a round's: see `alcore.store.arrays`.
        repairable: Whether `repair` can put it right.
    """

    kind: Kind
    sentence: str
    run_id: int | None = None
    round: int | None = None
    path: Path | None = None
    array: str | None = None
    repairable: bool = False

    @property
    def damage(self) -> bool:
        """Whether something is lost or contradicts itself."""
        return self.kind != "leftover"


def check(database: Database, older_than: datetime) -> list[Finding]:
    """Look at all rows and files. What others write meanwhile is no damage.

    Args:
        database: The store.
        older_than: Files that no row names and that are younger may be about to get their row.
    """
    parts: Sequence[Callable[[Database], Iterable[Finding]]] = (
        _integrity, _references, _rounds, _arrays, _datasets,
        lambda database: _leftovers(database, older_than),
    )  # fmt: skip
    found: list[Finding] = []
    for part in parts:
        try:
            found += part(database)
        except (AlcoreError, ValueError) as error:  # so damaged that it cannot be read
            found.append(Finding(kind="database", sentence=f"{error}; restore a backup"))
    return found


def repair(database: Database, findings: Iterable[Finding], older_than: datetime) -> None:
    """Remove leftovers, forget damaged arrays that can be missed; `alcore.replay` does the rest."""
    for finding in findings:
        if finding.array == "model":
            _forget(database, finding, ("model",))
        elif finding.array in arrays.FOR_PAGES:
            _forget(database, finding, arrays.FOR_PAGES)  # one is of no use without the other
    sizes.sweep(database, older_than)


def _forget(database: Database, finding: Finding, kinds: Sequence[str]) -> None:
    assert finding.run_id is not None
    assert finding.round is not None
    table = schema.arrays
    of_round = (table.c.run_id == finding.run_id) & (table.c.round == finding.round)
    with database.write() as connection:
        connection.execute(sa.delete(table).where(of_round, table.c.kind.in_(kinds)))
    for kind in kinds:
        with suppress(OSError):
            arrays.path(database.files, finding.run_id, finding.round, kind).unlink()


def _integrity(database: Database) -> Iterator[Finding]:
    if database.path is None:
        return  # PostgreSQL checks its own pages
    with database.read() as connection:
        lines = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
    if lines != ["ok"]:
        todo = "restore a backup, or try: sqlite3 FILE .recover"
        for line in lines:
            yield Finding(kind="database", sentence=f"the database is damaged: {line}; {todo}")


def _references(database: Database) -> Iterator[Finding]:
    """Rows that name a row that is not there; both databases refuse to write such rows."""
    for table in schema.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            there = sa.exists().where(*(e.parent == e.column for e in key.elements))
            named = [e.parent.is_not(None) for e in key.elements]
            query = sa.select(sa.func.count()).select_from(table).where(*named, ~there)
            with database.read() as connection:
                if n := connection.execute(query).scalar_one():
                    name = f"{n} rows of {table.name} name {key.referred_table.name}"
                    sentence = f"{name} that are not there; restore a backup"
                    yield Finding(kind="reference", sentence=sentence)


def _rounds(database: Database) -> Iterator[Finding]:
    """Rounds without a gap, each with its arrays, and the labels they were made from."""
    with database.read() as connection:
        run_ids = connection.scalars(sa.select(schema.runs.c.id).order_by(schema.runs.c.id)).all()
    for run_id in run_ids:
        with database.read() as connection:
            rounds = connection.execute(_rounds_of(run_id)).all()
            given = labels.events(connection, run_id)
        for kind, number, wrong in _contradictions(rounds, given):
            sentence = f"round {number} of run {run_id} {wrong}; {_RESTORE}"
            yield Finding(kind=kind, sentence=sentence, run_id=run_id, round=number)


def _rounds_of(run_id: int) -> sa.Select[Any]:
    table, kept = schema.rounds, schema.arrays
    has_arrays = sa.exists().where(
        kept.c.run_id == table.c.run_id, kept.c.round == table.c.number, kept.c.kind == "round"
    )
    columns = (table.c.number, table.c.n_labelled, table.c.detail, has_arrays.label("has_arrays"))
    return sa.select(*columns).where(table.c.run_id == run_id).order_by(table.c.number)


def _contradictions(
    rounds: Sequence[sa.Row[Any]], given: Sequence[LabelEvent]
) -> Iterator[tuple[Kind, int, str]]:
    for expected, row in enumerate(rounds):
        if row.number != expected:
            yield "round", expected, "is missing"
            return
        if not row.has_arrays:
            yield "round", row.number, "has no arrays"
        before = [e for e in given if e.round < row.number or e.source == "initial"]
        known = {e.position: e.label for e in before}
        learnt = sum(label is not None for label in known.values())
        if learnt != row.n_labelled:
            wrong = f"learnt from {row.n_labelled} labels, but {learnt} are there"
            yield "label", row.number, wrong
        bought = len({e.position for e in given if e.round == row.number} - known.keys())
        if bought != (batch := sum(row.detail["batch_classes"])):
            yield "label", row.number, f"led to a batch of {batch} labels, but {bought} are there"
    for number in sorted({e.round for e in given if e.round >= len(rounds)}):
        yield "label", number, "has labels, but is not there itself"


def _arrays(database: Database) -> Iterator[Finding]:
    table = schema.arrays
    with database.read() as connection:
        rows = connection.execute(sa.select(table)).all()
    for row in rows:
        path = arrays.path(database.files, row.run_id, row.round, row.kind)
        try:
            with files.reading(path, row.bytes, row.sha256):
                pass
        except AlcoreError as error:
            if not _exists(database, *(c == row._mapping[c.name] for c in table.columns)):
                continue  # a newer round has come, or the run was deleted, since the rows were read
            todo = "repair plays the run again to compute it"
            if row.kind == "model":
                todo = "repair forgets it; if resumed, the run trains its rounds again"
            yield Finding(
                kind="array",
                sentence=f"round {row.round} of run {row.run_id}: {error}; {todo}",
                run_id=row.run_id,
                round=row.round,
                path=path,
                array=row.kind,
                repairable=True,
            )


def _exists(database: Database, *which: sa.ColumnElement[bool]) -> bool:
    with database.read() as connection:
        return bool(connection.scalar(sa.select(sa.exists().where(*which))))


def _datasets(database: Database) -> Iterator[Finding]:
    with database.read() as connection:
        known = connection.scalars(sa.select(schema.datasets.c.id)).all()
    for dataset_id in known:
        try:
            _check_dataset(database, dataset_id)
        except (AlcoreError, ValueError) as error:
            if not _exists(database, schema.datasets.c.id == dataset_id):
                continue
            todo = "restore its files from a backup, or delete its runs and run them again"
            yield Finding(kind="dataset", sentence=f"dataset {dataset_id}: {error}; {todo}")


def _check_dataset(database: Database, dataset_id: int) -> None:
    """Raises what is wrong with its files."""
    with database.read() as connection:
        record = datasets.get(connection, dataset_id)
    ids = datasets.ids(database, dataset_id)
    if len(ids) != record.n or len(set(ids)) != record.n:
        raise ValueError(f"ids.json has {len(set(ids))} different ids instead of {record.n}")
    known = datasets.known_labels(database, dataset_id)
    if known is None:
        return
    if known.shape != (record.n,):
        raise ValueError(f"labels.npy has shape {known.shape} instead of ({record.n},)")
    if not np.isin(known, np.arange(-1, len(record.class_names))).all():
        raise ValueError(f"labels.npy names classes beyond the {len(record.class_names)} there are")


def _leftovers(database: Database, older_than: datetime) -> Iterator[Finding]:
    for path in sizes.leftovers(database, older_than):
        sentence = f"{path} belongs to nothing in the store; repair removes it"
        yield Finding(kind="leftover", sentence=sentence, path=path, repairable=True)
