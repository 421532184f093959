"""Outside text stays text: no markdown, no HTML, no links."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from alcore_dashboard.components.text import md_escape

MARKDOWN = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])


def rendered(text: str) -> str:
    """What a reader sees of it, tags and all."""
    shown = MARKDOWN.render(text).strip()
    assert re.fullmatch(r"(<p>[^<]*</p>)?", shown), shown
    return html.unescape(shown[3:-4]).replace("\u2060", "")


@given(st.text(max_size=200))
def test_any_text_is_shown_as_it_is_on_one_line(text: str) -> None:
    visible = text.replace("\u2060", "").replace("\0", "")
    assert rendered(md_escape(visible)).split() == visible.split()


@given(st.text(alphabet="[]()!*_`~<>#-+=|\\:$&;a1. \n\t@/w", max_size=60))
def test_text_made_of_markup_is_shown_as_it_is(text: str) -> None:
    assert rendered(md_escape(text)).split() == text.split()


@pytest.mark.parametrize(
    "text",
    [
        ":red[x] :material/home: :smile: $x^2$",
        "[x](http://e.v) ![i](http://e.v/i.png) <img src=x onerror=alert(1)>",
        "# heading",
        "1. list",
    ],
)
def test_every_character_that_streamlit_reads_is_escaped(text: str) -> None:
    escaped = md_escape(text)
    assert not re.search(r"(?<!\\)[\[\]:$<>#`*_!]", escaped)


@pytest.mark.parametrize(
    "text", ["http://e.v", "HTTPS://e.v", "www.e.v", "me@e.v", "a -> b", "a--b"]
)
def test_addresses_and_arrows_are_broken_by_something_invisible(text: str) -> None:
    assert "\u2060" in md_escape(text)


def test_long_text_is_cut_and_empty_text_stays_empty() -> None:
    assert len(md_escape("x" * 10_000)) == 300
    assert md_escape("x" * 10_000, longest=5) == "xxxx…"
    assert md_escape(" \n ") == ""
