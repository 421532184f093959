import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.csvcell import csv_cell, from_csv_cell

TEXTS = st.text() | st.text(alphabet="'=+-@\t\r\na1")


@given(TEXTS)
def test_what_is_written_is_read_back(text: str) -> None:
    assert from_csv_cell(csv_cell(text)) == text


@given(TEXTS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["", "rose", "a=1", "'tis", "7", " =1"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == text
    assert from_csv_cell(text) == text


@pytest.mark.parametrize(("text", "cell"), [("=1+1", "'=1+1"), ("-5", "'-5"), ("'=x", "''=x")])
def test_formulas_get_an_apostrophe(text: str, cell: str) -> None:
    assert csv_cell(text) == cell
