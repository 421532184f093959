"""Several arrays seen as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore.errors import AlcoreError
from alcore.features import FeatureRows


@given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=5), data=st.data())
def test_rows_come_in_the_order_asked(sizes: list[int], data: st.DataObject) -> None:
    n = sum(sizes)
    whole = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    rows = FeatureRows(np.split(whole, np.cumsum(sizes)[:-1]))
    positions = np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=20)), dtype=np.int64)
    assert (rows.shape, rows.dtype, len(rows)) == ((n, 2), np.float32, n)
    assert np.array_equal(rows[positions], whole[positions])
    assert rows[positions].dtype == np.float32
    first, last = sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n))))
    assert np.array_equal(rows[first:last], whole[first:last])


def test_what_is_given_is_a_copy() -> None:
    whole = np.ones((3, 2), dtype=np.float32)
    FeatureRows([whole])[np.array([1])][:] = 7
    assert whole.max() == 1


@pytest.mark.parametrize("position", [-1, 3])
def test_a_position_outside_is_an_error(position: int) -> None:
    with pytest.raises(IndexError, match="0 to 2"):
        FeatureRows([np.ones((3, 2), dtype=np.float32)])[np.array([0, position])]


def test_shards_that_do_not_fit_are_one_sentence() -> None:
    with pytest.raises(AlcoreError, match="gave 2 features for some images and 3 for others"):
        FeatureRows([np.ones((3, 2), dtype=np.float32), np.ones((3, 3), dtype=np.float32)])
    with pytest.raises(AlcoreError, match="no sample"):
        FeatureRows([])
