"""The samples around the cut, and the list to label as CSV."""

import io

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from alcore.csvcell import from_csv_cell
from alcore.store import DatasetRecord
from alcore_dashboard.services import budget, budget_samples
from alcore_dashboard.services.budget import Pool, Ranking
from alcore_dashboard.services.criteria import criteria_by_name
from fakes import registry

MARGIN = criteria_by_name(registry().strategies)["uncertainty/smallest_margin"]
CLASSES = ("x", "=y", "z")


def ranked(n: int) -> tuple[Pool, Ranking, list[str]]:
    """A pool of every second sample of a dataset whose ids look like formulas."""
    dataset = DatasetRecord(
        id=7, name="a/b", options={}, fingerprint="f" * 40, n=2 * n, class_names=CLASSES
    )
    pool = Pool(
        dataset=dataset,
        round=0,
        n_labelled=5,
        positions=np.arange(1, 2 * n, 2, dtype=np.int64),
        probabilities=np.random.default_rng(0).dirichlet([1, 1, 1], size=n),
    )
    return pool, budget.rank(pool, MARGIN), [f"=id-{i}" for i in range(2 * n)]


def test_the_list_is_the_head_of_the_ranking_with_what_the_model_says() -> None:
    pool, ranking, ids = ranked(30)
    rows = ranking.order[2:9]
    table = budget_samples.samples_at(
        pool, ranking, np.arange(2, 9), ids, {pool.positions[rows[0]]}
    )
    assert table["order"].tolist() == list(range(3, 10))
    assert table["id"].tolist() == [f"=id-{2 * row + 1}" for row in rows]
    assert table["value"].tolist() == ranking.values[rows].tolist()
    tops = pool.probabilities[rows]
    assert table["probability"].tolist() == tops.max(axis=1).tolist()
    assert table["predicted"].tolist() == [CLASSES[i] for i in tops.argmax(axis=1)]
    assert table["picture"][0].startswith(f"/thumbnail/7/{2 * rows[0] + 1}?v=ffff")
    assert table["picture"][1:].isna().all()


@given(size=st.integers(1, 40), n=st.integers(1, 50))
def test_the_last_inside_and_the_first_outside_touch_at_the_cut(size: int, n: int) -> None:
    inside = budget_samples.inside(n, size).tolist()
    outside = budget_samples.outside(n, size).tolist()
    cut = min(n, size)
    assert inside == list(range(size))[:cut][-budget_samples.NEAR :]
    assert outside == list(range(size))[cut:][: budget_samples.NEAR]


def test_the_csv_has_all_of_the_batch_and_no_formulas() -> None:
    pool, ranking, ids = ranked(30)
    content = budget_samples.list_csv(pool, ranking, 12, ids)
    read = pd.read_csv(io.BytesIO(content), dtype=str)
    assert list(read.columns) == ["order", "id", "value", "predicted", "probability"]
    assert not read.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
    assert [from_csv_cell(cell) for cell in read["id"]] == [
        ids[position] for position in pool.positions[ranking.order[:12]]
    ]
