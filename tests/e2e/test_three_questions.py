"""What someone asks who knows the article and not the tool: each answer in three clicks at most."""

from typing import Any

import pytest

from e2e.conftest import Watched

pytestmark = pytest.mark.browser
MOST_CLICKS = 3


class Clicks:
    """Clicks on a page that was opened at its first address, counted."""

    def __init__(self, watched: Watched) -> None:
        self.page = watched.page
        self.page.goto(watched.base)
        self.main = self.page.get_by_test_id("stMain")
        self.n = 0

    def on(self, target: Any) -> None:
        self.page.locator("[data-test-script-state=notRunning]").wait_for()
        target.click()
        self.n += 1

    def on_page(self, name: str) -> None:
        self.on(self.page.get_by_role("link", name=name))
        self.page.get_by_role("heading", name=name).wait_for()

    def read(self, words: str) -> str:
        """The text with these words, once it stands there."""
        found = self.main.get_by_text(words).first
        found.wait_for()
        text: str = found.inner_text()
        return text


def test_which_sample_to_label_by_margin(watched: Watched) -> None:
    clicks = Clicks(watched)
    assert "smallest margin → A" in clicks.read("Criteria disagree")
    clicks.on_page("Budget")
    clicks.on(clicks.page.get_by_role("combobox", name="Criterion"))
    clicks.on(clicks.page.get_by_role("option", name="smallest margin"))
    assert "digit-" in clicks.read("By smallest margin label digit-")
    assert clicks.n <= MOST_CLICKS


def test_what_a_budget_would_look_like(watched: Watched) -> None:
    clicks = Clicks(watched)
    clicks.on_page("Budget")
    field = clicks.page.get_by_role("spinbutton", name="Samples")
    clicks.on(field)
    field.fill("300")
    field.press("Enter")
    assert "of the pool" in clicks.read("300 labels")
    clicks.read("Download all 300 as CSV")
    assert clicks.n <= MOST_CLICKS


def test_whether_entropy_beats_random_here(watched: Watched) -> None:
    clicks = Clicks(watched)
    clicks.on_page("Accuracy per round")
    row = clicks.page.get_by_role("table").get_by_role("row").filter(has_text="entropy")
    row.wait_for()
    assert len(row.get_by_role("cell").all_inner_texts()) == 5
    assert clicks.n <= MOST_CLICKS
