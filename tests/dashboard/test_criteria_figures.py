"""The charts of the criteria page."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alcore.strategies import Criterion
from alcore_dashboard.figures import criteria, simplex
from alcore_dashboard.services import criteria_simplex

GINI = Criterion(name="gini", direction="max", formula=lambda p: 1 - (p**2).sum(axis=1))


def drawn(n: int, picked: list[int]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    names = tuple(f"s{i}" for i in range(n))
    chart = simplex.triangle(
        criteria_simplex.heat(GINI),
        criteria_simplex.dots(names, rng.dirichlet([1, 1, 1], n), picked),
        ("left", "right", "top"),
        title="gini",
        subtitle=f"n = {n} samples",
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def marks(spec: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == kind]


def test_the_triangle_has_all_cells_named_corners_and_n() -> None:
    spec = drawn(3, [1])
    sizes = [len(data) for data in spec["datasets"].values()]
    assert sum(size for size in sizes if size > 100) == criteria_simplex.SIDE**2
    corners = [row["class"] for data in spec["datasets"].values() for row in data if "class" in row]
    assert sorted(corners) == ["left", "right", "top"]
    assert spec["title"]["subtitle"] == "n = 3 samples"
    assert spec["autosize"] == "pad"


def test_picked_dots_differ_in_colour_and_shape_and_all_have_names() -> None:
    spec = drawn(3, [1])
    (picked,) = (mark for mark in marks(spec, "point") if mark.get("shape"))
    (other,) = marks(spec, "circle")
    assert picked["shape"] == "triangle-up"
    assert picked["color"] != other["color"]
    labels = [layer for layer in spec["layer"] if layer["encoding"].get("text", {}).get("field")]
    assert any(layer["encoding"]["text"]["field"] == "label" for layer in labels)


def test_many_dots_have_no_names() -> None:
    spec = drawn(50, [])
    fields = [layer["encoding"].get("text", {}).get("field") for layer in spec["layer"]]
    assert "label" not in fields
    assert len(marks(spec, "circle")) == 1


def lines(rankings: dict[str, list[int]], beyond: int = 10**6) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"sample": f"s{i}", "criterion": name, "rank": rank, "beyond": rank > beyond,
             "agreed": i == 0}
            for name, places in rankings.items()
            for i, rank in enumerate(places)
        ]
    )  # fmt: skip


def test_the_rank_chart_marks_agreement_twice_and_draws_the_budget() -> None:
    table = lines({"margin": [1, 2, 3], "entropy": [2, 1, 3]})
    spec = criteria.rank_chart(
        table, ["margin", "entropy"], n=2, title="t", subtitle="n = 3"
    ).to_dict()
    encoding = spec["layer"][0]["encoding"]
    assert len(set(encoding["color"]["scale"]["range"])) == 2
    assert encoding["strokeDash"]["scale"]["range"] == [[1, 0], [6, 4]]
    assert encoding["y"]["scale"]["reverse"] is True
    assert encoding["x"]["sort"] == ["margin", "entropy"]
    texts = [row["text"] for data in spec["datasets"].values() for row in data if "text" in row]
    assert texts == ["budget 2"]
    assert spec["title"]["subtitle"] == "n = 3"


def test_a_budget_of_everything_is_no_line() -> None:
    spec = criteria.rank_chart(
        lines({"margin": [1, 2], "entropy": [2, 1]}), ["margin", "entropy"], n=2, title="",
        subtitle="",
    ).to_dict()  # fmt: skip
    assert "budget" not in str(spec["datasets"])


@pytest.mark.parametrize("deepest", [12, 10_001])
def test_names_stand_apart_and_in_order(deepest: int) -> None:
    table = lines({"margin": list(range(1, 11)), "entropy": [deepest] * 10}, beyond=10_000)
    spec = criteria.rank_chart(table, ["margin", "entropy"], n=5, title="", subtitle="").to_dict()
    named = next(data for data in spec["datasets"].values() if "at" in data[0])
    places = np.array([row["at"] for row in named])
    scale = spec["layer"][0]["encoding"]["y"]["scale"]
    onto = np.log if scale["type"] == "log" else np.asarray
    low, high = onto(np.array(scale["domain"]))
    gaps = np.diff(onto(places)) / (high - low)
    assert gaps.min() >= 0.05 - 1e-9
    assert places.max() < scale["domain"][1]
    depths = {row["depth"] for data in spec["datasets"].values() for row in data if "depth" in row}
    assert ("beyond 10,000" in depths) == (deepest > 10_000)
