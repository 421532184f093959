"""Hostile names in a real browser: every page shows them letter by letter."""

import pytest

from e2e.conftest import Watched

pytestmark = pytest.mark.browser
LETTERS = "**x** [l](http://e.v) <b>&"
PAGES = (
    "?source=run&",
    "budget?",
    "rounds?view=classes&",
    "worst?",
    "worst?layout=Table&",
    "runs?run=1&",
    "compare?of=1&",
)
# Whatever the names could have become; the pages have links and pictures of their own.
BECAME = "a[href*='e.v'], img[src*='e.v'], .katex, [data-testid=stMain] b"


def test_hostile_names_are_shown_as_they_are(watched: Watched) -> None:
    page = watched.page
    for address in PAGES:
        page.goto(f"{watched.base}/{address}experiment=1")
        page.get_by_test_id("stMain").get_by_text("**x** [l]").first.wait_for(state="attached")
        page.locator("[data-test-script-state=notRunning]").wait_for()
        assert page.locator(BECAME).count() == 0, address
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{address} is {wide} pixels wider than the window"
    page.goto(f"{watched.base}/worst?experiment=1")
    page.get_by_text("**x** [l]").first.wait_for()
    shown = page.get_by_test_id("stMain").inner_text()
    assert LETTERS in shown.replace("\u2060", "")  # which keeps addresses from becoming links
