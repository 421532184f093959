"""Tables as CSV files."""

import pandas as pd

from alcore_dashboard.services.csv_file import csv_file


def test_numbers_stay_numbers_in_any_csv() -> None:
    table = pd.DataFrame({"points": [-1.5, 2.0], "name": ["-x", "@y"], "few": [True, False]})
    assert csv_file(table).decode().splitlines() == [
        "points,name,few",
        "-1.5,'-x,True",
        "2.0,'@y,False",
    ]


def test_titles_are_no_formulas_and_may_stand_twice() -> None:
    table = pd.DataFrame([["=1", 2.0], [None, 3.0]], columns=["=x", "=x"])
    assert csv_file(table).decode().splitlines() == ["'=x,'=x", "'=1,2.0", ",3.0"]
