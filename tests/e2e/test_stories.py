"""What people come for, in a real browser: five stories, each from an address to an answer."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from e2e.conftest import Watched

pytestmark = pytest.mark.browser
SECOND = 1000


# Charts take their place one after the other; true once two looks see the same.
STILL = """() => {
    const now = [...document.querySelectorAll("canvas, svg")]
        .map(each => Math.round(each.getBoundingClientRect().top)).join();
    const before = window.placesBefore;
    window.placesBefore = now;
    return now === before;
}"""


def settled(page: Any) -> None:
    """Wait until everything is drawn: lists close, and cells are missed, while the page moves."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_function(STILL, polling=SECOND / 2)


def choose(page: Any, label: str, option: str) -> None:
    """Choose from a list."""
    field = page.get_by_role("combobox", name=label, exact=True)
    field.scroll_into_view_if_needed()
    settled(page)
    field.click()
    page.get_by_role("option", name=option, exact=True).click()


def test_which_sample_would_each_criterion_label(watched: Watched) -> None:
    page = watched.page
    page.goto(watched.base)
    marks = page.get_by_role("table").get_by_text("▲ picked")
    marks.nth(2).wait_for()
    assert marks.count() == 3
    edit_first_probability(page, "0.9")
    page.get_by_role("alert").get_by_text("sample 'A'").wait_for()
    page.get_by_role("button", name="Back to the example").click()
    marks.nth(2).wait_for()
    page.get_by_role("tab", name="What to label first").click()
    choose(page, "Criterion", "smallest margin")
    page.get_by_text("By smallest margin label A first").wait_for()
    page.wait_for_url("**criterion=smallest_margin**")
    page.locator(".stDataFrameGlideDataEditor").last.hover()
    page.get_by_role("button", name="Search").last.wait_for()
    # Streamlit's own download would write formulas as they are.
    assert page.get_by_role("button", name="Download as CSV").count() == 0


def edit_first_probability(page: Any, value: str) -> None:
    """Type into the cell of sample A and the first class; the table is drawn on a canvas."""
    settled(page)
    page.locator(".stDataFrameGlideDataEditor").first.click(position={"x": 260, "y": 52})
    page.keyboard.press("Enter")
    page.locator("input.gdg-input").fill(value)
    page.keyboard.press("Enter")


def test_upload_probabilities_rank_them_and_download_the_picks(
    watched: Watched, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    table = rng.dirichlet(np.ones(4), 50)
    file = tmp_path / "probabilities.csv"
    rows = [",".join([f"sample {i}", *map(str, row)]) for i, row in enumerate(table)]
    file.write_text("\n".join(["id,a,b,c,d", *rows]))
    entropy = -(table * np.log(table)).sum(axis=1)

    page = watched.page
    page.goto(f"{watched.base}/?source=upload&criterion=entropy&n=7")
    page.locator("input[type=file]").set_input_files(file)
    first = f"sample {entropy.argmax()}"
    page.get_by_text(f"By entropy label {first} first").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the picks as CSV").click()
    picks = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert [row["id"] for row in picks] == [f"sample {i}" for i in np.argsort(-entropy)[:7]]


def test_start_an_experiment_reload_and_stop_it(watched: Watched) -> None:
    page = watched.page
    page.goto(f"{watched.base}/rounds")
    page.get_by_text("Start an experiment", exact=True).click()
    page.get_by_role("textbox", name="Title").fill("Stopped on purpose")
    page.get_by_role("button", name="Start", exact=True).click()
    progress = page.get_by_text("of 40 runs are over")
    progress.wait_for()
    page.reload()
    progress.wait_for()
    page.get_by_test_id("stVegaLiteChart").wait_for(timeout=60 * SECOND)
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    page.get_by_text("stopped.").wait_for(timeout=60 * SECOND)
    chosen = page.get_by_role("combobox", name="Experiment").input_value()
    assert "Stopped on purpose" in chosen


def test_worst_samples_by_a_link(watched: Watched) -> None:
    from playwright.sync_api import expect  # there, or `watched` skips

    page = watched.page
    page.goto(f"{watched.base}/worst?experiment=2&run=5&round=1&k=12")
    pictures = page.get_by_role("img", name="digit-")
    pictures.nth(11).wait_for()
    assert pictures.count() == 12
    page.wait_for_function(
        "[...document.querySelectorAll('img[alt*=\"digit-\"]')]"
        ".every(image => image.complete && image.naturalWidth > 0)"
    )
    assert page.get_by_role("combobox", name="Round").input_value().startswith("1 (60 labels)")
    settled(page)
    main = page.get_by_test_id("stMain")
    shown = main.inner_text()
    choose(page, "Right or wrong", "wrong")
    page.wait_for_url("**verdict=wrong**")
    page.go_back()
    expect(main).to_have_text(shown, use_inner_text=True, timeout=30 * SECOND)


def test_a_plugin_that_fails_is_named_and_costs_only_itself(watched: Watched) -> None:
    page = watched.page
    page.goto(f"{watched.base}/plugins")
    page.get_by_role("heading", name="wrecked").wait_for()
    page.get_by_role("alert").get_by_text("RuntimeError").wait_for()
    assert page.get_by_role("heading").nth(1).inner_text().startswith("wrecked")
    page.get_by_text("ALCORE_BLOCK").first.wait_for()
    page.get_by_role("link", name="Criteria").click()
    page.get_by_role("table").get_by_text("▲ picked").nth(2).wait_for()
