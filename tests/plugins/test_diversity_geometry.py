import numpy as np
import pytest

from alcore_diversity.geometry import centred_units


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_have_length_1_about_their_mean_and_zeros_stay(dtype: type) -> None:
    points = np.random.default_rng(0).normal(size=(1500, 3)).astype(dtype)
    points *= np.logspace(-30, 30, 1500)[:, None].astype(dtype)  # squares beyond float32
    points[7] = 0
    units = points / np.maximum(np.linalg.norm(points.astype(np.float64), axis=1), 1e-99)[:, None]
    found = centred_units(points)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, units - units.mean(axis=0), atol=4 * np.finfo(dtype).eps)


def test_rows_as_large_or_small_as_numbers_can_be() -> None:
    points = np.array([[1e308, 1e308], [3e-308, 0], [1e-320, 0], [0, 0]])
    units = np.array([[0.5**0.5, 0.5**0.5], [1, 0], [0, 0], [0, 0]])  # the third is as good as zero
    np.testing.assert_allclose(centred_units(points), units - units.mean(axis=0), atol=1e-15)
