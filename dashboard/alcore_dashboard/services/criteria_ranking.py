"""How criteria rank the same samples: who comes first, and how far they agree."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alcore.components import StrategySpec
from alcore.errors import AlcoreError
from alcore.scoring import turned
from alcore.selection import Picks, picks_csv
from alcore.strategies import Criterion
from alcore.topk import select_top
from alcore.types import FloatArray, IntArray
from alcore_dashboard.services.criteria_sources import Source
from alcore_dashboard.services.naming import titles

RANKED = 10_000
"""How far down a ranking is known, and so the largest budget of the page."""

ROWS_SHOWN = 100
LINES_SHOWN = 10
BARS_SHOWN = 20
_THREADS = 2


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The head of a ranking: the samples that one criterion would label first.

    Attributes:
        name: Qualified name of the criterion's strategy.
        title: The same for people.
        criterion: Its formula.
        rows: The first of all rows, in order, shape (k,).
        values: The criterion's values of these, shape (k,).
        error: Why there are none.
    """

    name: str
    title: str
    criterion: Criterion
    rows: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    values: FloatArray = field(default_factory=lambda: np.empty(0))
    error: str | None = None

    def ranks(self, rows: IntArray) -> IntArray:
        """Rank of each of these rows, from 1; 0 where it lies beyond the head."""
        return np.asarray(pd.Index(self.rows).get_indexer(pd.Index(rows)) + 1, dtype=np.int64)


def criteria_by_name(strategies: Mapping[str, StrategySpec]) -> dict[str, Criterion]:
    """The criteria of the installed strategies, by qualified name."""
    return {name: spec.criterion for name, spec in strategies.items() if spec.criterion is not None}


def rank(source: Source, name: str, title: str, criterion: Criterion) -> Ranking:
    """The first RANKED samples by a criterion; of equals, the one that stands first."""
    start = Ranking(name=name, title=title, criterion=criterion)
    n = min(RANKED, len(source))
    try:
        top = select_top(criterion, source.probabilities, n, threads=_THREADS)
    except Exception as error:  # whatever a plugin's formula raises is its own ranking's matter
        said = str(error) if isinstance(error, AlcoreError) else f"{type(error).__name__}: {error}"
        return replace(start, error=said)
    return replace(start, rows=top.positions, values=turned(criterion, top.utilities))


def rank_all(
    source: Source,
    strategies: Mapping[str, StrategySpec],
    rank_one: Callable[[Source, str, str, Criterion], Ranking] = rank,
) -> list[Ranking]:
    """A ranking by every criterion that the strategies offer, third-party ones included."""
    criteria = criteria_by_name(strategies)
    known = titles(criteria)
    return [rank_one(source, name, known[name], one) for name, one in criteria.items()]


def top_rows(source: Source, ranking: Ranking, others: Sequence[Ranking], n: int) -> pd.DataFrame:
    """The first n samples of a ranking, at most ROWS_SHOWN, as a table.

    Returns:
        Columns order, sample, value, predicted, probability (of the predicted class), bars
        (probabilities, see `bar_order`), picture (a path), and for every other ranking its
        title with the rank there, missing where it is beyond the known ones.
    """
    rows = ranking.rows[: min(n, ROWS_SHOWN)]
    table = source.table(rows, ranking.values[: len(rows)])
    table.insert(0, "order", np.arange(1, len(rows) + 1))
    table["bars"] = _bars(np.asarray(source.probabilities[rows], dtype=np.float64))
    for other in others:
        if other.name != ranking.name:
            ranks = pd.Series(other.ranks(rows), dtype="Int64")
            table[f"rank by {other.title}"] = ranks.mask(ranks == 0)
    return table


def _bars(block: FloatArray) -> list[list[float]]:
    shown = block if block.shape[1] <= BARS_SHOWN else -np.sort(-block, axis=1)[:, :BARS_SHOWN]
    return [row.round(4).tolist() for row in shown]


def bar_order(class_names: Sequence[str]) -> str:
    """What the bars of `top_rows` are, in words."""
    if len(class_names) <= BARS_SHOWN:
        return f"One bar per class, in this order: {', '.join(class_names)}."
    return f"The {BARS_SHOWN} largest of {len(class_names)} probabilities, the largest first."


def picks_as_csv(source: Source, ranking: Ranking, n: int) -> str:
    """The first n samples as `alcore select` writes them."""
    rows, values = ranking.rows[:n], ranking.values[:n]
    return picks_csv(
        Picks(
            positions=rows,
            utilities=turned(ranking.criterion, values),
            values=values,
            ids=None if source.ids is None else source.names(rows),
        )
    )


def overlaps(rankings: Sequence[Ranking], n: int) -> IntArray:
    """How many of their first n samples each two rankings share, shape (m, m)."""
    heads = [ranking.rows[:n] for ranking in rankings]
    return np.array(
        [[len(np.intersect1d(one, other)) for other in heads] for one in heads], dtype=np.int64
    ).reshape(len(heads), len(heads))


def overlap_table(rankings: Sequence[Ranking], n: int, size: int) -> pd.DataFrame:
    """The same as text, and what random picks of that number share with any on average."""
    titles = [ranking.title for ranking in rankings]
    table = pd.DataFrame(overlaps(rankings, n), index=titles, columns=titles)
    shown = table.map(lambda shared: f"{shared:,} ({shared / n:.0%})")
    return shown.assign(**{"random (mean)": f"{n * n / size:,.1f} ({n / size:.0%})"})


def overlap_sentence(rankings: Sequence[Ranking], n: int, size: int) -> str:
    """Which two criteria agree least about the first n, and what chance would give."""
    shared = overlaps(rankings, n)
    if len(rankings) < 2:
        return "There is only one criterion: nothing to compare it with."
    if n >= size:
        return f"All {size:,} samples are picked, so all criteria pick the same."
    pairs = np.triu_indices(len(rankings), k=1)
    least = int(shared[pairs].argmin())
    one, other = rankings[pairs[0][least]], rankings[pairs[1][least]]
    low = int(shared[pairs].min())
    chance = f"two random picks would share {n * n / size:.1f} on average"
    if low == n:
        return f"All criteria pick the same {n:,} of {size:,} samples, in their own order."
    return (
        f"At a budget of {n:,}, {one.title} and {other.title} share {low:,} picks ({low / n:.0%}); "
        f"{chance}."
    )


def common_sentence(rankings: Sequence[Ranking], n: int) -> str:
    """How many of the first n samples all rankings share."""
    common = set(rankings[0].rows[:n].tolist())
    common.intersection_update(*(ranking.rows[:n].tolist() for ranking in rankings[1:]))
    return f"{len(common):,} of {n:,} picks are common to all {len(rankings)} criteria."


def rank_lines(
    source: Source, ranking: Ranking, rankings: Sequence[Ranking], n: int
) -> pd.DataFrame:
    """Rank of the first samples of one ranking in all of them, for a chart.

    Returns:
        Columns sample, criterion, rank, beyond (True where the rank is only known to be larger
        than the one given) and agreed (True for samples that every ranking has among its
        first n).
    """
    rows = ranking.rows[:LINES_SHOWN]
    ranks = {one.title: one.ranks(rows) for one in rankings}
    inside = [(places > 0) & (places <= n) for places in ranks.values()]
    agreed = np.logical_and.reduce(inside)
    deepest = len(ranking.rows)
    lines = [
        pd.DataFrame(
            {
                "sample": source.names(rows),
                "criterion": title,
                "rank": np.where(places == 0, deepest + 1, places),
                "beyond": places == 0,
                "agreed": agreed,
            }
        )
        for title, places in ranks.items()
    ]
    return pd.concat(lines, ignore_index=True)


def rank_sentence(lines: pd.DataFrame) -> str:
    """Which of these samples the criteria disagree about most."""
    by_sample = lines.sort_values("rank", kind="stable").groupby("sample", sort=False)
    best, worst = by_sample.first(), by_sample.last()
    gaps = (worst["rank"] - best["rank"]).to_numpy()
    if not gaps.any():
        return "All criteria put these samples in the same order."
    place = int(gaps.argmax())
    one, other = best.iloc[place], worst.iloc[place]
    depth = f"beyond {other['rank'] - 1:,}" if other["beyond"] else f"{other['rank']:,}"
    return (
        f"{best.index[place]} moves most: rank {one['rank']:,} by {one['criterion']}, "
        f"{depth} by {other['criterion']}."
    )


def table_sentence(source: Source, ranking: Ranking, n: int) -> str:
    """Who comes first, and where the budget ends, in one plain sentence."""
    (first,) = source.names(ranking.rows[:1])
    end = "largest" if ranking.criterion.direction == "max" else "smallest"
    said = (
        f"By {ranking.title} label {first} first: its value is the {end}, {ranking.values[0]:.3f}"
    )
    return said + (f"; the last of {n:,} picks has {ranking.values[n - 1]:.3f}." if n > 1 else ".")
