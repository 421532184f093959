import csv
from pathlib import Path

import numpy as np
import pytest

import alcore
from alcore import AlcoreError, Picks, Query, Request, Selection, UsageError, select
from alcore.budget import check_budget
from alcore.probabilities import read_probabilities
from alcore.selection import picks_csv, write_picks
from alcore_uncertainty.criteria import entropy, smallest_margin

TABLE = np.array([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7], [0.6, 0.4]])
IDS = ["a", "=b", "c", "d"]


@pytest.mark.parametrize(
    "strategy", ["smallest_margin", "uncertainty/smallest_margin", smallest_margin]
)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_criterion_by_name_or_as_it_is(strategy, threads: int) -> None:
    picks = select(TABLE, strategy, 3, ids=IDS, threads=threads)
    assert picks.positions.tolist() == [1, 3, 2]
    assert picks.ids == ("=b", "d", "c")
    np.testing.assert_allclose(picks.values, [0, 0.2, 0.4])
    np.testing.assert_allclose(picks.utilities, [0, -0.2, -0.4])


def test_values_of_a_criterion_to_maximise_are_its_utilities() -> None:
    picks = select(TABLE, entropy, 4)
    assert picks.positions.tolist() == [1, 3, 2, 0]
    assert picks.ids is None
    np.testing.assert_array_equal(picks.values, picks.utilities)


def test_random_honours_the_seed_and_has_no_utility() -> None:
    table = np.full((100, 2), 0.5)
    first = select(table, "random", 10, seed=1)
    assert first.positions.tolist() == select(table, "random", 10, seed=1).positions.tolist()
    assert first.positions.tolist() != select(table, "random", 10, seed=2).positions.tolist()
    assert (first.utilities, first.values) == (None, None)


class Scripted:
    """Answers what it is told, with a utility for every sample."""

    def __init__(self, *positions: int) -> None:
        self._positions = np.array(positions)

    def select(self, query: Query, request: Request, rng: np.random.Generator) -> Selection:
        assert query.rank.tolist() == [0, 1, 2, 3]
        return Selection(positions=self._positions, utilities=query.probabilities[:, 0])


def test_a_strategy_object_and_its_utilities() -> None:
    picks = select(TABLE, Scripted(3, 0), 2, ids=IDS)
    assert picks.ids == ("d", "a")
    assert picks.utilities.tolist() == [0.6, 0.9]
    assert picks.values is None


@pytest.mark.parametrize("positions", [(0,), (0, 0), (0, 4), (-1, 0)])
def test_a_strategy_that_breaks_its_contract_is_refused(positions: tuple[int, ...]) -> None:
    with pytest.raises(AlcoreError, match="the strategy chose"):
        select(TABLE, Scripted(*positions), 2)


@pytest.mark.parametrize("n", [0, -3, 5, 2.0, True, "2", None])
@pytest.mark.parametrize("strategy", ["entropy", "random"])
def test_budgets_outside_the_pool_are_refused(strategy: str, n) -> None:
    with pytest.raises(UsageError, match="whole number of samples from 1 to 4, the size of the po"):
        select(TABLE, strategy, n)


def test_a_budget_may_be_a_numpy_number_and_needs_a_pool() -> None:
    check_budget(np.int64(4), 4)
    with pytest.raises(UsageError, match="the pool is empty"):
        check_budget(1, 0)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'smallest_margin'"):
        select(TABLE, "smalest_margin", 1)


def test_bad_probabilities_are_refused_unless_they_were_checked_before() -> None:
    logits = TABLE * 2
    with pytest.raises(UsageError, match="sum to 1"):
        select(logits, entropy, 1)
    assert select(logits, smallest_margin, 1, check=False).positions.tolist() == [1]
    holes = np.where(TABLE == 0.5, np.nan, TABLE)
    with pytest.raises(UsageError, match="sample '=b'"):
        select(holes, entropy, 1, ids=IDS, check=False)


def test_duplicate_ids_are_refused() -> None:
    with pytest.raises(UsageError, match="'a'.*already"):
        select(TABLE, entropy, 1, ids=["a", "b", "a", "c"])


def test_csv_with_ids_rows_or_without_utilities() -> None:
    with_ids = picks_csv(select(TABLE.astype(np.float32), smallest_margin, 2, ids=IDS))
    assert with_ids.splitlines()[:2] == ["order,id,value,utility", "1,'=b,0.0,0.0"]
    rows = list(csv.DictReader(picks_csv(select(TABLE, smallest_margin, 2)).splitlines()))
    assert rows[1]["row"] == "3"
    assert float(rows[1]["value"]) == pytest.approx(0.2)
    bare = picks_csv(Picks(positions=np.array([7])))
    assert bare == "order,row,value,utility\n1,7,,\n"


def test_numbers_in_the_csv_are_exact() -> None:
    table = np.random.default_rng(0).dirichlet(np.ones(3), 50).astype(np.float32)
    picks = select(table, entropy, 50)
    rows = csv.DictReader(picks_csv(picks).splitlines())
    assert [np.float32(row["value"]) for row in rows] == picks.values.tolist()


def test_write_picks_replaces_a_file_wholly_or_not_at_all(tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "picks.csv"
    target.write_text("before")

    def full_disk(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("alcore.selection.os.fsync", full_disk)
        with pytest.raises(UsageError, match="cannot write .*picks.csv: No space left"):
            write_picks(select(TABLE, entropy, 2), target)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["picks.csv"]
    picks = select(TABLE, entropy, 2)
    write_picks(picks, target)
    assert target.read_text() == picks_csv(picks)
    assert [path.name for path in tmp_path.iterdir()] == ["picks.csv"]


@pytest.mark.parametrize("name", ["", "missing/picks.csv", "file/picks.csv"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write_picks(select(TABLE, entropy, 1), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("awkward", ["=1", "-5", "@x", "\tx", "two\nlines", 'quo"te', "a,b", "'=x"])
def test_ids_survive_writing_and_reading(tmp_path: Path, awkward: str) -> None:
    path = tmp_path / "picks.csv"
    write_picks(select(TABLE, entropy, 4, ids=["a", awkward, "c", "d"]), path)
    # The list of picks, read as if value and utility were two classes.
    text = path.read_text().partition("\n")[2]
    lines = [f"{row[1]!s}" for row in csv.reader(text.splitlines(keepends=True))]
    out = tmp_path / "p.csv"
    with out.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "x", "y"], *([name, 0.5, 0.5] for name in lines)])
    assert set(read_probabilities(out).ids or ()) == {"a", awkward, "c", "d"}


def test_the_package_offers_it() -> None:
    assert alcore.select is select


def test_more_than_probabilities_is_given_where_a_strategy_needs_it() -> None:
    rng = np.random.default_rng(0)
    table, points = rng.dirichlet(np.ones(3), 30), rng.normal(size=(30, 4))
    with pytest.raises(UsageError, match="needs embeddings and labelled_embeddings, not prob"):
        alcore.select(table, "k_center", n=3)
    labelled = points[:1] + 0.01
    picks = alcore.select(table, "k_center", n=1, embeddings=points, labelled_embeddings=labelled)
    assert picks.positions[0] == np.linalg.norm(points - labelled, axis=1).argmax()
