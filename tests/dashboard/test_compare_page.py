"""The page Compare without a browser: every part, addresses, empty and error states."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from alcore.compare import balanced_accuracy
from alcore.comparison import compare
from alcore.experiment import parse_experiment
from alcore.played import read
from alcore.queueing import queue_experiment
from alcore.store import Store
from carry_out import carry_out
from fakes import EXPERIMENT, registry

OpenPage = Callable[..., AppTest]


def play(store: Store, *overrides: str, finished: bool = True) -> int:
    made = registry()
    experiment = parse_experiment(EXPERIMENT, made, overrides=["seeds=1", *overrides])
    number = queue_experiment(store, experiment, made)
    if finished:
        carry_out(store, made)
    return number


def texts(app: AppTest) -> str:
    kinds = ("markdown", "caption", "warning", "info", "subheader")
    return "\n".join(str(e.value) for kind in kinds for e in app.get(kind)).replace("\\", "")


@pytest.mark.parametrize(
    ("part", "charts", "tables"),
    [("Against random", 1, 2), ("Calibration", 1, 0), ("Batches", 0, 1)],
)
def test_every_part_has_a_takeaway_and_a_download(
    part: str, charts: int, tables: int, open_page: OpenPage, played: Store
) -> None:
    app = open_page("compare", {"part": part})
    assert not app.exception and not app.error and not app.warning
    assert "**Mean gain in area under the curve. Cannot be told: smallest margin" in texts(app)
    assert len(app.get("vega_lite_chart")) == charts and len(app.table) == tables
    assert app.get("download_button")


def test_it_says_what_two_seeds_cannot_show(open_page: OpenPage, played: Store) -> None:
    app = open_page("compare")
    assert "With 2 paired seeds an exact signed-rank test cannot give less than p = 0.5" in texts(
        app
    )
    table = app.table[0].value
    assert list(table["strategy"]) == ["random", "smallest margin"]
    assert list(table["verdict"]) == ["baseline", "cannot be told"]


def test_the_address_names_experiments_and_metric(open_page: OpenPage, empty: Store) -> None:
    one, other, misfit = (
        play(empty),
        play(empty, "strategies=entropy"),
        play(empty, "splits.test=20"),
    )
    app = open_page("compare", {"of": f"{one},{other},{misfit}", "metric": "balanced_accuracy"})
    assert not app.exception and not app.warning
    assert app.selectbox(key="metric").value == "balanced_accuracy"
    assert list(app.table[0].value["strategy"].str.replace("\\", "")) == [
        "random · #1", "smallest margin · #1", "entropy · #2"
    ]  # fmt: skip
    found = compare([read(empty, one), read(empty, other)], balanced_accuracy)
    areas = list(app.table[0].value["area"].str.replace("\\", ""))
    assert areas == [f"{entry.area:.1%}" for entry in found.entries]
    assert "“Points” is left out: its test split has 20 samples, not 30." in texts(app)
    app.multiselect(key="of_picked").set_value([str(other)]).run()
    assert app.query_params["of"] == str(other)
    assert "No strategy has a run of random" in texts(app)
    app.multiselect(key="of_picked").set_value([]).run()
    assert app.multiselect(key="of_picked").value == [str(other)], "one at least"


@pytest.mark.parametrize("asked", ["99", "1,1", "x", "1,"])
def test_an_address_of_nothing_shows_the_newest_and_says_so(
    asked: str, open_page: OpenPage, played: Store
) -> None:
    app = open_page("compare", {"of": asked})
    assert not app.exception and app.table
    assert "which is not here" in texts(app)


def test_without_a_finished_round_it_says_so(open_page: OpenPage, empty: Store) -> None:
    play(empty, finished=False)
    app = open_page("compare")
    assert not app.exception and not app.error
    assert "has not finished a round yet" in texts(app)
    assert "none of its rounds is finished yet" in texts(app)


def test_rounds_of_an_earlier_version_have_no_calibration(
    open_page: OpenPage, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alcore.metrics.calibration", lambda probabilities, labels: None)
    play(empty)
    app = open_page("compare", {"part": "Calibration"})
    assert not app.exception and not app.get("vega_lite_chart")
    assert "Calibration is not known: these rounds are of an earlier version" in texts(app)
