"""Tables as CSV files."""

import pandas as pd

from alcore.csvcell import csv_cell


def csv_file(table: pd.DataFrame) -> bytes:
    """The table without its index; no text in it, titles included, can be read as a formula."""
    plain = table.rename(columns=csv_cell)
    for place, kind in enumerate(plain.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            cells = [csv_cell(v) if isinstance(v, str) else v for v in plain.iloc[:, place]]
            plain.isetitem(place, cells)
    return plain.to_csv(index=False).encode()
