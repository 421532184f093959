"""Addresses of thumbnails."""

import pandas as pd

from alcore_dashboard.components.pictures import picture_url


def test_a_sample_without_a_picture_has_no_address() -> None:
    table = pd.DataFrame({"picture": ["/thumbnail/1/2", None]})
    assert table["picture"].map(picture_url).isna().tolist() == [False, True]
    assert [picture_url(row["picture"]) for row in table.to_dict("records")][1] is None
