"""One story in a real browser: understand, start, watch, look at the worst samples."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser
SECOND = 1000


def fill_number(page: Any, name: str, value: int) -> None:
    field = page.get_by_role("spinbutton", name=name, exact=True)
    field.fill(str(value))
    field.press("Tab")


def test_from_the_criteria_to_the_worst_samples(browser_page: Any) -> None:
    page = browser_page.page
    page.goto(browser_page.base)
    marks = page.get_by_role("table").get_by_text("▲ picked")
    marks.nth(2).wait_for(timeout=30 * SECOND)
    assert marks.count() == 3
    edit_first_probability(page, "0.9")
    page.get_by_role("alert").get_by_text("sample 'A'").wait_for(timeout=15 * SECOND)
    page.get_by_role("button", name="Back to the example").click()
    marks.nth(2).wait_for(timeout=15 * SECOND)

    page.get_by_role("link", name="Accuracy per round").click()
    for name, value in {"seeds": 2, "samples": 60, "batch": 30, "test": 200}.items():
        fill_number(page, name, value)
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("of 8 runs are over").wait_for(timeout=30 * SECOND)
    page.reload()
    page.get_by_test_id("stVegaLiteChart").wait_for(timeout=120 * SECOND)
    page.get_by_text("only 2 seeds, which may be chance").first.wait_for(timeout=180 * SECOND)

    page.get_by_role("link", name="Worst samples").click()
    pictures = page.get_by_role("img", name="Sample digit-")
    pictures.nth(19).wait_for(timeout=30 * SECOND)
    assert pictures.count() == 20
    page.wait_for_function(
        "[...document.querySelectorAll('img[alt^=\"Sample digit-\"]')]"
        ".every(image => image.complete && image.naturalWidth > 0)",
        timeout=30 * SECOND,
    )

    check_address(page)
    assert browser_page.complaints == []


def edit_first_probability(page: Any, value: str) -> None:
    """Type into the cell of sample A and the first class; the table is drawn on a canvas."""
    canvas = page.get_by_test_id("data-grid-canvas")
    canvas.wait_for()
    page.wait_for_timeout(SECOND)  # the charts below and the fonts still move it
    corner = canvas.bounding_box()
    page.mouse.click(corner["x"] + 260, corner["y"] + 52)
    page.keyboard.press("Enter")
    page.get_by_role("textbox").fill(value)
    page.keyboard.press("Enter")


def check_address(page: Any) -> None:
    """A copied address shows the same run."""
    run = page.get_by_role("combobox", name="Run")
    run.click()
    page.get_by_role("option").nth(2).click()
    page.wait_for_url("**run=**", timeout=15 * SECOND)
    chosen = run.input_value()
    page.goto(page.url)
    page.wait_for_function(
        "text => [...document.querySelectorAll('input')].some(field => field.value === text)",
        arg=chosen,
        timeout=30 * SECOND,
    )
