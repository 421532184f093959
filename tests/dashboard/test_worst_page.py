"""The page of the worst samples without a browser: filters, links, empty states."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from alcore.components import StrategySpec
from alcore.experiment import parse_experiment
from alcore.plugins import Registry
from alcore.queueing import queue_experiment
from alcore.store import Store
from alcore.strategies import Criterion
from alcore_dashboard import shared
from carry_out import carry_out
from fakes import EXPERIMENT, Points, plugin, registry

OpenPage = Callable[..., AppTest]


def play(store: Store) -> None:
    made = registry()
    queue_experiment(store, parse_experiment(EXPERIMENT, made, overrides=["seeds=1"]), made)
    carry_out(store, made)


def texts(app: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def cards(app: AppTest) -> list[str]:
    said = ("✓ right", "✗ wrong", "says **")
    return [text.value for text in app.markdown if any(word in text.value for word in said)]


def test_the_gallery_shows_k_samples_with_all_criteria(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"run": "1", "round": "0", "k": "7"})
    assert not app.exception
    assert len(cards(app)) == 7
    for mark in ("least confidence ▼", "smallest margin ▼", "entropy ▲"):
        assert texts(app).count(mark) == 7
    assert texts(app).count("After retraining") == 7


def test_a_link_reproduces_run_round_k_and_filters(open_page: OpenPage, played: Store) -> None:
    query = {"run": "3", "round": "1", "k": "60", "verdict": "wrong", "batch": "left"}
    app = open_page("worst", query)
    assert app.selectbox(key="run").value == "3"
    assert app.selectbox(key="round").value == "1"
    assert app.number_input(key="k").value == 60
    assert app.selectbox(key="verdict").value == "wrong"
    shown = cards(app)
    assert shown
    assert all("✗ wrong" in card and "picked" not in card for card in shown)


@pytest.mark.parametrize("verdict", ["wrong", "right"])
def test_right_or_wrong(verdict: str, open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"round": "0", "k": "25"})
    app.selectbox(key="verdict").set_value(verdict).run()
    assert cards(app)
    assert all(f"{verdict}]" in card for card in cards(app))
    assert f"n = {len(cards(app))} of " in texts(app)


def test_a_class_is_chosen_by_its_number(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"round": "0", "k": "80", "predicted": "1"})
    assert cards(app)
    assert all("says **right**" in card for card in cards(app))


def test_equal_pictures_are_found(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Points, "thumbnail", lambda self, position: np.full((4, 4), position // 2, dtype=np.uint8)
    )
    play(empty)
    app = open_page("worst", {"round": "0", "k": "60", "pictures": "shared"})
    shown = cards(app)
    assert shown
    assert all("same picture" in card for card in shown)
    assert "only exact duplicates count" in texts(app)


def test_more_than_a_page_is_turned_over(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"round": "0", "k": "45", "page": "3"})
    assert [card.split(".")[0] for card in cards(app)] == [f"**{n}" for n in range(41, 46)]


def test_the_table_holds_the_same_samples(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"round": "0", "k": "45", "layout": "Table"})
    (table,) = (frame.value for frame in app.dataframe)
    assert len(table) == 45
    assert table["rank"].tolist() == list(range(1, 46))
    assert {"least confidence", "entropy", "later verdict", "classes"} <= set(table)
    assert not cards(app)


def test_a_filter_that_nothing_passes_can_be_cleared(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst", {"round": "3", "k": "5", "batch": "picked"})
    assert "No sample passes" in texts(app)
    next(button for button in app.button if button.label == "Clear the filters").click()
    app.run()
    assert len(cards(app)) == 5
    assert app.selectbox(key="batch").value == "all"


def test_the_newest_round_says_that_nothing_came_later(open_page: OpenPage, played: Store) -> None:
    app = open_page("worst")
    assert "is the newest" in texts(app)
    assert "After retraining" not in texts(app)


def test_without_pictures_the_cards_stand_alone(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Points, "thumbnail", lambda self, position: None)
    play(empty)
    app = open_page("worst")
    assert not app.exception
    assert len(cards(app)) == 20
    assert "the dataset has none, or the store no longer keeps them" in texts(app)


def test_pictures_that_were_removed_are_counted(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(empty)
    kept = Store.thumbnail
    monkeypatch.setattr(Store, "thumbnail", lambda self, d, p: None if p % 2 else kept(self, d, p))
    app = open_page("worst")
    assert not app.exception
    assert len(cards(app)) == 20
    assert "The store keeps no picture of" in texts(app)


def test_without_labels_there_is_no_right_or_wrong(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(empty)
    monkeypatch.setattr(Store, "dataset_labels", lambda self, dataset_id: None)
    app = open_page("worst", {"round": "0"})
    assert len(cards(app)) == 20
    assert "true classes unknown" in texts(app)
    assert {"verdict", "true"}.isdisjoint(box.key for box in app.selectbox)


def test_a_run_without_a_round_says_where_to_watch_it(open_page: OpenPage, empty: Store) -> None:
    made = registry()
    queue_experiment(empty, parse_experiment(EXPERIMENT, made), made)
    app = open_page("worst")
    assert not app.exception
    assert "has not finished a round yet" in texts(app)


def test_an_empty_pool_is_said(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry()
    overrides = ["seeds=1", "budget.samples=74", "budget.batch=74"]
    queue_experiment(empty, parse_experiment(EXPERIMENT, made, overrides=overrides), made)
    carry_out(empty, made)
    app = open_page("worst")
    assert not app.exception
    assert "The pool of this round was empty" in texts(app)


def test_a_broken_criterion_is_a_warning(
    open_page: OpenPage, played: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Criterion(name="bad_one", direction="max", formula=lambda p: p[:, 99])
    spec = StrategySpec(name="bad_one", summary="s", make=lambda options: None, criterion=bad)
    found = Registry(plugins=(*registry().plugins, plugin(("strategy", spec))))
    app = open_page("worst")
    monkeypatch.setattr(shared, "shared_registry", lambda: found)
    app.run()
    (warning,) = app.warning
    assert "bad one failed" in warning.value
    assert len(cards(app)) == 20
