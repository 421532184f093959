"""The criteria page without a browser: example, upload, files on the server, stored rounds."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from alcore.components import StrategySpec
from alcore.plugins import Registry
from alcore.store import Store
from alcore.strategies import Criterion
from alcore_dashboard import shared
from fakes import plugin, registry

OpenPage = Callable[..., AppTest]
HOSTILE = "**x** [l](http://e.v) <b>&amp; :red[y] $z$ 💥 שלום " + "w" * 500
RANKED = {"section": "What to label first"}
CSV = b"id,cat,dog\nfirst,0.9,0.1\nsecond,0.55,0.45\nthird,0.7,0.3\n"


def shown(app: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "info", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def read(app: AppTest) -> str:
    """The same as a person reads it."""
    return shown(app).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


def opened_file(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, path: Path) -> AppTest:
    monkeypatch.setenv("ALCORE_DATA_DIRS", str(path.parent))
    return open_page("criteria", {"source": "file", "file": path.name})


def charts(app: AppTest) -> int:
    return len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart"))


def test_the_example_has_values_and_equations(open_page: OpenPage) -> None:
    app = open_page("criteria")
    assert not app.exception
    said = shown(app)
    assert "Criteria disagree about what to label first" in said
    assert "ln p" in said
    assert app.table[0].value.loc["entropy", "picks the"] == "largest"
    assert charts(app) == 3


def test_the_example_has_ranks_and_overlap(open_page: OpenPage) -> None:
    app = open_page("criteria", RANKED)
    assert charts(app) == 3 + 1
    overlap = app.table[0].value
    assert overlap.loc["entropy", "smallest margin"] == "0 (0%)"
    assert app.dataframe[-1].value["sample"].tolist() == ["B"]


def test_a_link_holds_criterion_and_budget(open_page: OpenPage) -> None:
    app = open_page("criteria", {**RANKED, "criterion": "smallest_margin", "n": "2"})
    assert app.dataframe[-1].value["sample"].tolist() == ["A", "B"]
    assert app.number_input(key="n").value == 2


def test_classes_are_renamed_added_and_removed(open_page: OpenPage) -> None:
    app = open_page("criteria", RANKED)
    app.text_input(key="criteria_classes").set_value("oxeye, b, c, d, e").run()
    assert not app.error
    assert "this order: oxeye" in read(app)
    app.text_input(key="criteria_classes_1").set_value("oxeye, b, c, d, e, f").run()
    assert not app.error
    assert "this order: oxeye, b, c, d, e, f" in read(app)
    app.text_input(key="criteria_classes_2").set_value("oxeye, oxeye").run()
    assert len(app.error) == 1
    assert "stands twice" in app.error[0].value
    assert app.table
    app.text_input(key="criteria_classes_2").set_value("b, c, d, e").run()
    assert "sum to 1" in app.error[0].value
    assert not app.table


def test_three_classes_are_edited_and_explored(open_page: OpenPage) -> None:
    app = open_page("criteria", {"section": "Every sample of three classes"})
    assert "A triangle has three corners" in shown(app)
    app = press(app, "Three classes")
    assert not app.error
    assert charts(app) == 3 + 3
    assert "A triangle has three corners" not in shown(app)
    app.selectbox(key="triangle_sample").select("C").run()
    next(slider for slider in app.slider if "dandelion" in slider.label).set_value(0.32).run()
    next(slider for slider in app.slider if "daisy" in slider.label).set_value(0.5).run()
    assert "C: dandelion 0.32, daisy 0.34, tulips 0.34" in read(app)
    assert "All criteria would label C first" in read(app)


def test_edits_survive_a_visit_to_another_page(open_page: OpenPage) -> None:
    app = press(open_page("criteria"), "Three classes")
    app.switch_page("app_pages/plugins.py").run()
    app.switch_page("app_pages/criteria.py").run()
    assert app.table[0].value.loc["smallest margin", "A"].startswith(":red[**0.010")


def test_an_upload_is_ranked(open_page: OpenPage) -> None:
    app = open_page("criteria", {"source": "upload"})
    assert "Choose a file, up to 200 MB" in shown(app)
    assert not app.error
    app.file_uploader[0].set_value(("p.csv", CSV, "text/csv")).run()
    assert not app.exception
    assert not app.error
    table = app.dataframe[0].value
    assert table["sample"].tolist() == ["second", "third", "first"]
    assert table["predicted"].tolist() == ["cat"] * 3
    assert "n = 3 samples of p.csv" in read(app)
    assert app.download_button


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("p.csv", b"id,cat,dog\na,0.5,0.6\n", "sum to 1"),
        ("p.csv", b"id,cat,dog\n", "no rows"),
        ("p.csv", b"cat,dog\n0.5,many\n", "expected a number"),
        ("p.npy", b"nothing", "whole .npy file"),
        ("p.parquet", b"nothing", "whole Parquet file"),
    ],
)
def test_a_bad_upload_is_one_sentence(
    name: str, content: bytes, words: str, open_page: OpenPage
) -> None:
    app = open_page("criteria", {"source": "upload"})
    app.file_uploader[0].set_value((name, content, "")).run()
    assert not app.exception
    (error,) = app.error
    said = error.value.replace("\\", "")
    assert words in said
    assert said.startswith(name)
    assert "\n" not in said
    assert not app.dataframe


def test_without_open_folders_the_page_says_who_can_open_one(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALCORE_DATA_DIRS", raising=False)
    app = open_page("criteria", {"source": "file", "file": "/etc/passwd"})
    assert not app.error
    assert "`ALCORE_DATA_DIRS`" in shown(app)
    assert not app.dataframe


def test_a_file_in_an_open_folder_is_ranked_and_read_anew_when_it_changes(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "p.npy"
    np.save(path, np.array([[0.9, 0.1], [0.6, 0.4]]))
    app = opened_file(open_page, monkeypatch, path)
    assert not app.error
    assert app.dataframe[0].value["sample"].tolist() == ["row 1", "row 0"]
    np.save(path, np.array([[0.5, 0.5], [0.6, 0.4], [0.7, 0.3]]))
    os.utime(path, ns=(1, 1))
    assert app.run().dataframe[0].value["sample"].tolist()[:2] == ["row 0", "row 1"]


def test_three_classes_show_where_the_picks_lie(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    np.save(tmp_path / "p.npy", np.random.default_rng(0).dirichlet([1, 1, 1], 50))
    app = opened_file(open_page, monkeypatch, tmp_path / "p.npy")
    assert not app.error
    assert "Where the picks lie" in shown(app)
    assert "picks are common to all 3 criteria" in shown(app)


@pytest.mark.parametrize("asked", ["../secret.csv", "/etc/passwd"])
def test_a_path_outside_is_refused(
    asked: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_bytes(CSV)
    (tmp_path / "open").mkdir()
    monkeypatch.setenv("ALCORE_DATA_DIRS", str(tmp_path / "open"))
    app = open_page("criteria", {"source": "file", "file": asked})
    (error,) = app.error
    assert "outside the folders" in error.value
    assert not app.dataframe


def test_the_newest_round_of_a_run_is_ranked(open_page: OpenPage, played: Store) -> None:
    app = open_page("criteria", {"source": "run", "run": "3", "n": "5"})
    assert not app.error
    table = app.dataframe[0].value
    assert len(table) == 5
    assert all("/thumbnail/1/" in path for path in table["picture"].dropna())
    assert "seed" in shown(app)
    assert not app.info


def test_an_older_round_says_what_is_kept(open_page: OpenPage, played: Store) -> None:
    app = open_page("criteria", {"source": "run", "run": "3", "round": "0"})
    assert "only the 200 samples" in app.info[0].value.replace("\\", "")
    assert not app.error
    assert len(app.dataframe[0].value) == 10


def test_with_no_experiment_the_page_says_what_to_do(open_page: OpenPage, empty: Store) -> None:
    app = open_page("criteria", {"source": "run"})
    assert not app.error
    assert "There is no experiment yet" in shown(app)


def test_a_third_party_criterion_is_everywhere_and_a_broken_one_fails_alone(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(probabilities: np.ndarray) -> np.ndarray:
        raise ValueError(HOSTILE)

    def gini(probabilities: np.ndarray) -> np.ndarray:
        return np.asarray(1 - (probabilities**2).sum(axis=1))

    found = Registry(
        plugins=(
            *registry().plugins,
            plugin(*(("strategy", spec(one)) for one in (broken, gini))),
        )
    )
    monkeypatch.setattr(shared, "shared_registry", lambda: found)
    app = open_page("criteria")
    monkeypatch.setattr(shared, "shared_registry", lambda: found)
    app.run()
    assert not app.exception
    assert "gini" in app.table[0].value.index
    app.query_params.update(RANKED)
    app.run()
    assert "gini" in app.table[0].value.columns
    assert "broken" not in app.table[0].value.columns
    assert "gini" in app.selectbox(key="criterion").options
    assert "rank by gini" in app.dataframe[-1].value
    assert any("broken failed" in warning.value for warning in app.warning)
    assert "[l](" not in shown(app)


def spec(formula: Callable[[np.ndarray], np.ndarray]) -> StrategySpec:
    name = formula.__name__
    made = Criterion(name=name, direction="max", formula=formula)
    return StrategySpec(name=name, summary="s", make=lambda options: None, criterion=made)


def test_without_criteria_the_page_says_where_to_look(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("criteria")
    monkeypatch.setattr(shared, "shared_registry", lambda: Registry(plugins=()))
    app.run()
    assert not app.exception
    assert "No installed strategy offers a criterion" in shown(app)


def test_hostile_names_are_text(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = f'id,"{HOSTILE} 1","{HOSTILE} 2","3"\n"=cmd {HOSTILE}",0.5,0.4,0.1\n'
    (tmp_path / "[l](http:e.v) **x**.csv").write_text(table, encoding="utf-8")
    app = opened_file(open_page, monkeypatch, next(tmp_path.glob("*.csv")))
    assert not app.exception
    assert not app.error
    said = shown(app)
    for markup in ("[l](", "**x**", "http://", ":red[y]", "<b>"):
        assert markup not in said


def test_hostile_names_in_the_editor_are_text(open_page: OpenPage) -> None:
    app = press(open_page("criteria"), "Three classes")
    names = f"{HOSTILE} 1, {HOSTILE} 2, {HOSTILE} 3".replace("]", "").replace("<b>", "")
    app.text_input(key="criteria_classes_1").set_value(names).run()
    state = {"edited_rows": {"0": {"sample": HOSTILE}}, "added_rows": [], "deleted_rows": []}
    app.session_state["criteria_table_2"] = state
    app.run()
    assert not app.exception
    assert not app.error
    labels = "".join(slider.label for slider in app.slider)
    for markup in ("[l(http", "**x**", "http://", "[l]("):
        assert markup not in shown(app) + labels
