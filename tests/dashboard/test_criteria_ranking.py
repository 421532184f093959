"""Rankings against full sorts, overlaps against sets, and what is said about them."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.probabilities import ProbabilityTable
from alcore.selection import picks_csv, select
from alcore.strategies import Criterion
from alcore.types import FloatArray
from alcore_dashboard.services import criteria_ranking as ranking
from alcore_dashboard.services.criteria_sources import Source, from_table

MARGIN = Criterion(
    name="margin", direction="min", formula=lambda p: np.diff(np.sort(p, axis=1)[:, -2:])[:, 0]
)
GINI = Criterion(name="gini", direction="max", formula=lambda p: 1 - (p**2).sum(axis=1))


def source(n: int, c: int = 4, *, ids: bool = True) -> Source:
    raw = np.random.default_rng(n).exponential(size=(n, c))
    table = ProbabilityTable(
        ids=tuple(f"s{i}" for i in range(n)) if ids else None,
        probabilities=raw / raw.sum(axis=1, keepdims=True),
        class_names=tuple(f"class {i}" for i in range(c)),
    )
    return from_table(table, key=("test", n), name="p.csv")


def ranked(samples: Source, *criteria: Criterion) -> list[ranking.Ranking]:
    return [ranking.rank(samples, f"x/{one.name}", one.name, one) for one in criteria]


def values(criterion: Criterion, probabilities: FloatArray) -> FloatArray:
    return np.asarray(criterion(probabilities))


@given(st.integers(1, 60))
def test_ranks_are_those_of_a_full_sort(n: int) -> None:
    samples = source(n)
    margin, gini = ranked(samples, MARGIN, GINI)
    assert margin.rows.tolist() == np.argsort(values(MARGIN, samples.probabilities)).tolist()
    assert gini.rows.tolist() == np.argsort(-values(GINI, samples.probabilities)).tolist()
    assert gini.ranks(gini.rows).tolist() == list(range(1, n + 1))


@given(st.integers(1, 40), st.integers(1, 40))
def test_overlaps_are_those_of_sets(n: int, budget: int) -> None:
    samples = source(n)
    both = ranked(samples, MARGIN, GINI)
    heads = [set(one.rows[:budget].tolist()) for one in both]
    expected = [[len(one & other) for other in heads] for one in heads]
    assert ranking.overlaps(both, budget).tolist() == expected
    common = f"{expected[0][1]} of {budget} picks are common to all 2"
    assert ranking.common_sentence(both, budget).startswith(common)


def test_a_rank_beyond_the_head_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "RANKED", 5)
    samples = source(300)
    margin, gini = ranked(samples, MARGIN, GINI)
    assert len(margin.rows) == 5
    lost = [row for row in gini.rows if row not in margin.rows]
    assert margin.ranks(np.array(lost)).tolist() == [0] * len(lost)
    lines = ranking.rank_lines(samples, gini, [gini, margin], 3)
    beyond = lines[lines["beyond"]]
    assert set(beyond["rank"]) == {6}
    assert "beyond 5 by margin" in ranking.rank_sentence(lines)
    table = ranking.top_rows(samples, gini, [gini, margin], 5)
    assert table["rank by margin"].isna().sum() == len(lost)


def test_a_formula_that_fails_says_why_and_ranks_nothing() -> None:
    def broken(probabilities: FloatArray) -> FloatArray:
        raise ValueError("no such thing")

    (failed,) = ranked(source(5), Criterion(name="broken", direction="max", formula=broken))
    assert failed.error == "ValueError: no such thing"
    assert len(failed.rows) == 0


def test_the_table_shows_the_first_rows_only() -> None:
    samples = source(500)
    margin, gini = ranked(samples, MARGIN, GINI)
    table = ranking.top_rows(samples, margin, [margin, gini], 400)
    assert len(table) == ranking.ROWS_SHOWN
    first = table.iloc[0]
    row = samples.probabilities[margin.rows[0]]
    assert first["sample"] == f"s{margin.rows[0]}"
    assert first["predicted"] == f"class {row.argmax()}"
    assert first["probability"] == pytest.approx(row.max())
    assert first["bars"] == pytest.approx(row.round(4).tolist())
    assert first["rank by gini"] == gini.ranks(margin.rows[:1])[0]


def test_of_many_classes_the_largest_are_bars() -> None:
    samples = source(5, 50)
    (margin,) = ranked(samples, MARGIN)
    bars = ranking.top_rows(samples, margin, [margin], 1)["bars"][0]
    assert len(bars) == ranking.BARS_SHOWN
    assert bars == sorted(bars, reverse=True)
    assert "The 20 largest of 50" in ranking.bar_order(samples.class_names)
    assert ranking.bar_order(("cat", "dog")) == "One bar per class, in this order: cat, dog."


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("criterion", [MARGIN, GINI])
def test_the_download_is_what_the_command_line_writes(criterion: Criterion, ids: bool) -> None:
    samples = source(50, ids=ids)
    (one,) = ranked(samples, criterion)
    picks = select(samples.probabilities, criterion, 7, ids=samples.ids)
    text = ranking.picks_as_csv(samples, one, 7)
    assert text == picks_csv(picks)
    assert len(list(csv.reader(io.StringIO(text)))) == 8


def test_the_overlap_is_said_and_compared_with_chance() -> None:
    samples = source(100)
    both = ranked(samples, MARGIN, GINI)
    shared = int(ranking.overlaps(both, 10)[0, 1])
    said = ranking.overlap_sentence(both, 10, 100)
    assert f"margin and gini share {shared} picks ({shared}0%)" in said
    assert "would share 1.0 on average" in said
    assert "All 100 samples are picked" in ranking.overlap_sentence(both, 100, 100)
    assert "only one criterion" in ranking.overlap_sentence(both[:1], 10, 100)
    same = [both[0], both[0]]
    assert "pick the same 10 of 100" in ranking.overlap_sentence(same, 10, 100)
    table = ranking.overlap_table(both, 10, 100)
    assert table.loc["margin", "margin"] == "10 (100%)"
    assert table.loc["margin", "random (mean)"] == "1.0 (10%)"


def test_the_sample_that_moves_most_is_named() -> None:
    samples = source(40)
    margin, gini = ranked(samples, MARGIN, GINI)
    lines = ranking.rank_lines(samples, margin, [margin, gini], 5)
    rows = margin.rows[: ranking.LINES_SHOWN]
    gaps = np.abs(margin.ranks(rows) - gini.ranks(rows))
    assert ranking.rank_sentence(lines).startswith(f"s{rows[gaps.argmax()]} moves most")
    agreed = set(lines[lines["agreed"]]["sample"])
    both = set(margin.rows[:5].tolist()) & set(gini.rows[:5].tolist())
    assert agreed == {f"s{row}" for row in both}
    alike = ranking.rank_lines(samples, margin, [margin, margin], 5)
    assert "same order" in ranking.rank_sentence(alike)


def test_the_first_and_the_last_pick_are_said() -> None:
    samples = source(40)
    margin, gini = ranked(samples, MARGIN, GINI)
    said = ranking.table_sentence(samples, gini, 3)
    assert f"label s{gini.rows[0]} first" in said
    assert (
        f"the largest, {gini.values[0]:.3f}; the last of 3 picks has {gini.values[2]:.3f}" in said
    )
    assert "the smallest" in ranking.table_sentence(samples, margin, 1)
    assert "last" not in ranking.table_sentence(samples, margin, 1)
