"""The triangle: where samples lie, and how criteria rank it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.strategies import Criterion
from alcore_dashboard.services import criteria_simplex as simplex
from alcore_dashboard.services.criteria import takeaway
from alcore_dashboard.services.criteria_ranking import criteria_by_name, rank_all
from fakes import registry

CRITERIA = criteria_by_name(registry().strategies)
CORNERS = np.eye(3)


def test_cells_fill_the_triangle_and_are_probabilities() -> None:
    cells, up = simplex.cells()
    assert len(cells) == simplex.SIDE**2
    assert up.sum() == simplex.SIDE * (simplex.SIDE + 1) // 2
    assert cells.sum(axis=1) == pytest.approx(1)
    assert cells.min() > 0
    assert len(np.unique(cells.round(6), axis=0)) == len(cells)
    assert cells.mean(axis=0) == pytest.approx([1 / 3] * 3)


def test_corners_and_middle_are_where_they_belong() -> None:
    places = simplex.place(np.vstack([CORNERS, [[1 / 3, 1 / 3, 1 / 3]]]))
    assert places == pytest.approx(np.array([[0, 0], [1, 0], [0.5, 1], [0.5, 1 / 3]]))


@pytest.mark.parametrize("name", sorted(CRITERIA))
def test_every_criterion_labels_the_middle_first_and_corners_last(name: str) -> None:
    heat = simplex.heat(CRITERIA[name])
    middle = ((heat["x"] - 0.5) ** 2 + (heat["y"] - 1 / 3) ** 2).argmin()
    assert heat["share"].iloc[middle] > 0.9
    for x, y in simplex.place(CORNERS):
        corner = ((heat["x"] - x) ** 2 + (heat["y"] - y) ** 2).argmin()
        assert heat["share"].iloc[corner] < 0.05
    assert heat["share"].mean() == pytest.approx(0.5)


def test_only_the_margin_likes_the_middle_of_a_side() -> None:
    def share(name: str) -> float:
        heat = simplex.heat(CRITERIA[f"uncertainty/{name}"])
        side = ((heat["x"] - 0.5) ** 2 + heat["y"] ** 2).argmin()
        return float(heat["share"].iloc[side])

    assert share("smallest_margin") > 0.9
    assert share("least_confidence") < 0.75
    assert share("entropy") < 0.75


def test_a_constant_criterion_ranks_nothing() -> None:
    flat = Criterion(name="flat", direction="max", formula=lambda p: np.ones(len(p)))
    assert simplex.heat(flat)["share"].to_numpy() == pytest.approx(0.5)


def test_the_example_shows_that_criteria_disagree() -> None:
    rows = rank_all(simplex.EXAMPLE, registry().strategies)
    assert "smallest margin → A; least confidence and entropy → B" in takeaway(
        simplex.EXAMPLE, rows
    )


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_moved_sample_is_always_a_sample(first: float, share: float) -> None:
    shown = simplex.moved(simplex.EXAMPLE, 1, first, share)
    p = shown.probabilities[1]
    assert p.min() >= 0
    assert p.sum() == pytest.approx(1)
    assert p[0] == first
    assert shown.probabilities[0].tolist() == simplex.EXAMPLE.probabilities[0].tolist()


@given(st.floats(0, 1), st.floats(0, 1))
def test_sliders_begin_where_the_sample_is(first: float, share: float) -> None:
    p = simplex.moved(simplex.EXAMPLE, 0, first, share).probabilities[0]
    again = simplex.moved(simplex.EXAMPLE, 0, *simplex.sliders(p)).probabilities[0]
    assert again == pytest.approx(p, abs=1e-9)


def test_picked_samples_carry_a_second_sign() -> None:
    dots = simplex.dots(("A", "B"), simplex.EXAMPLE.probabilities[:2], [1])
    assert dots["label"].tolist() == ["A", "B ▲"]
    assert dots["picked"].tolist() == [False, True]
