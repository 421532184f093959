import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore import AlcoreError, UsageError, criterion, top_k_values
from alcore.scoring import block_rows, score, utilities
from alcore.types import FloatArray
from alcore_uncertainty.criteria import entropy, least_confidence, smallest_margin


@criterion(direction="max")
def row_sum(probabilities: FloatArray) -> FloatArray:
    return probabilities.sum(axis=1)


def random_table(n: int, c: int, seed: int = 0, dtype: str = "float32") -> FloatArray:
    table = np.random.default_rng(seed).dirichlet(np.ones(c), size=n)
    return table.astype(dtype)


LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every second": lambda table: np.repeat(table, 2, axis=0)[::2],
    "reversed": lambda table: table[::-1].copy()[::-1],
    "big endian": lambda table: table.astype(table.dtype.newbyteorder(">")),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("n", "c"), [(5_001, 2), (3_001, 5), (2_001, 33), (999, 100)])
@pytest.mark.parametrize("threads", [1, 3])
def test_values_are_those_of_the_plain_formula(
    layout: str, dtype: str, n: int, c: int, threads: int, monkeypatch
) -> None:
    monkeypatch.setattr("alcore.scoring._FEW_BLOCK_BYTES", 2**13)
    monkeypatch.setattr("alcore.scoring._MANY_BLOCK_BYTES", 2**16)
    table = random_table(n, c, dtype=dtype)
    given_table = LAYOUTS[layout](table)
    assert len(table) > 2 * block_rows(given_table)
    for each in (least_confidence, smallest_margin, entropy):
        values = score(each, given_table, threads=threads)
        assert values.dtype == table.dtype
        np.testing.assert_allclose(values, each(table), rtol=1e-5, atol=1e-6)


def test_values_do_not_depend_on_threads_or_on_where_a_row_stands() -> None:
    table = random_table(200_001, 7)
    values = score(entropy, table)
    np.testing.assert_array_equal(score(entropy, table, threads=4), values)
    order = np.random.default_rng(1).permutation(len(table))
    np.testing.assert_array_equal(score(entropy, table[order]), values[order])


def test_a_memory_map_is_read_in_blocks(tmp_path) -> None:
    table = random_table(120_000, 5)
    np.save(tmp_path / "p.npy", table)
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    np.testing.assert_array_equal(score(least_confidence, mapped), table.max(axis=1))


@pytest.mark.parametrize(
    ("given_type", "seen"),
    [("float16", "float32"), ("float32", "float32"), ("float64", "float64"), ("int8", "float64")],
)
def test_the_formula_sees_float32_or_float64(given_type: str, seen: str) -> None:
    types = set()

    @criterion(direction="min")
    def spy(probabilities: FloatArray) -> FloatArray:
        types.add(str(probabilities.dtype))
        return probabilities.max(axis=1)

    score(spy, np.eye(3, dtype=given_type))
    assert types == {seen}


def test_a_formula_may_compute_in_another_type() -> None:
    @criterion(direction="max")
    def precise(probabilities: FloatArray) -> FloatArray:
        return probabilities.astype(np.float64).max(axis=1) + 1e-12

    table = random_table(100, 3)
    np.testing.assert_array_equal(score(precise, table), table.max(axis=1).astype(float) + 1e-12)


def test_a_formula_may_give_whole_numbers() -> None:
    @criterion(direction="max")
    def confident_classes(probabilities: FloatArray) -> FloatArray:
        return (probabilities > 0.3).sum(axis=1)

    np.testing.assert_array_equal(
        score(confident_classes, np.array([[0.5, 0.5], [0.9, 0.1]])), [2, 1]
    )


def test_a_formula_that_returns_a_column_of_its_input_is_no_trap() -> None:
    @criterion(direction="max")
    def first_class(probabilities: FloatArray) -> FloatArray:
        return probabilities[:, 0]

    table = random_table(200_000, 3)
    np.testing.assert_array_equal(score(first_class, table), table[:, 0])


@pytest.mark.parametrize("c", [3, 64])
def test_a_formula_cannot_write_into_the_probabilities(c: int) -> None:
    @criterion(direction="max")
    def careless(probabilities: FloatArray) -> FloatArray:
        probabilities *= 2
        return probabilities.max(axis=1)

    table = random_table(10, c)
    with pytest.raises(ValueError, match="read-only"):
        score(careless, table)
    np.testing.assert_array_equal(table, random_table(10, c))


def test_utilities_are_larger_for_what_is_to_be_labelled_first() -> None:
    table = np.array([[0.9, 0.1], [0.5, 0.5]])
    np.testing.assert_array_equal(utilities(smallest_margin, table), [-0.8, 0])
    np.testing.assert_array_equal(utilities(row_sum, table), [1, 1])


def test_no_samples_give_no_values() -> None:
    assert score(entropy, np.empty((0, 5), dtype=np.float32)).shape == (0,)
    assert score(entropy, np.empty((0, 5)), threads=2).shape == (0,)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("c", [2, 5, 64])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("each", [least_confidence, smallest_margin, entropy])
def test_values_that_are_not_finite_are_refused_by_name(each, bad, c, threads) -> None:
    table = random_table(150_000 if c < 10 else 30_000, c)
    table[[20_011, 29_000], c - 1] = bad
    with pytest.raises(UsageError, match=f"{each.name} is .* for row 20011, whose prob"):
        score(each, table, threads=threads)
    ids = [f"photo-{row}" for row in range(len(table))]
    with pytest.raises(UsageError, match="for sample 'photo-20011'"):
        score(each, table, threads=threads, ids=ids)


def test_a_formula_that_fails_at_zero_is_itself_blamed() -> None:
    @criterion(direction="max")
    def naive_entropy(probabilities: FloatArray) -> FloatArray:
        return -(probabilities * np.log(probabilities)).sum(axis=1)

    with pytest.raises(AlcoreError, match="nan for row 1 though its probabilities are finite"):
        score(naive_entropy, np.array([[0.5, 0.5], [1, 0]]))


@pytest.mark.parametrize("axis", [0, None])
def test_a_formula_with_another_shape_is_refused(axis: int | None) -> None:
    @criterion(direction="max")
    def wrong(probabilities: FloatArray) -> FloatArray:
        return probabilities.max(axis=axis)

    with pytest.raises(AlcoreError, match="'wrong' must give one number per row"):
        score(wrong, random_table(20, 3))


@pytest.mark.parametrize("table", [[0.1, 0.9], [[[0.1, 0.9]]], np.empty((3, 0)), [["a", "b"]]])
def test_what_is_no_table_of_numbers_is_refused(table) -> None:
    with pytest.raises(UsageError, match="probabilities must be"):
        score(entropy, table)


def test_at_least_one_thread() -> None:
    with pytest.raises(UsageError, match="threads must be at least 1, not 0"):
        score(entropy, random_table(3, 3), threads=0)


@given(
    n=st.integers(0, 40),
    c=st.integers(1, 70),
    k=st.integers(1, 70),
    levels=st.integers(1, 50),
    seed=st.integers(0, 2**32 - 1),
    order=st.sampled_from("CF"),
    dtype=st.sampled_from(["float32", "float64", "int64"]),
)
def test_top_k_values_are_those_of_a_sort(n, c, k, levels, seed, order, dtype) -> None:
    # Few levels make ties; negative values because criteria may look at more than probabilities.
    table = np.random.default_rng(seed).integers(-levels, levels, (n, c)).astype(dtype, order=order)
    k = min(k, c)
    before = table.copy()
    np.testing.assert_array_equal(top_k_values(table, k), -np.sort(-table, axis=1)[:, :k])
    np.testing.assert_array_equal(table, before)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize("c", [6, 64])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_values_know_infinities_and_both_zeros(c: int, k: int, dtype, sign: int) -> None:
    rng = np.random.default_rng(c)
    table = rng.choice(np.array([0.0, -0.0, np.inf, 0.5 * sign]), (200, c)).astype(dtype)
    np.testing.assert_array_equal(top_k_values(table, k), -np.sort(-table, axis=1)[:, :k])
    all_negative = -1 - rng.random((200, c)).astype(dtype)
    np.testing.assert_array_equal(
        top_k_values(all_negative, k), -np.sort(-all_negative, axis=1)[:, :k]
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("c", [6, 64])
@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("order", "CF")
def test_top_k_values_put_nan_first(c: int, k: int, order: str, sign: int) -> None:
    table = np.asarray(random_table(20, c), order=order)
    table[7, 3] = np.copysign(np.nan, sign)
    assert np.flatnonzero(np.isnan(top_k_values(table, k)[:, 0])).tolist() == [7]


@pytest.mark.parametrize("k", [0, -1, 6])
def test_top_k_values_need_a_k_within_the_classes(k: int) -> None:
    with pytest.raises(UsageError, match="k must be from 1 to 5"):
        top_k_values(random_table(3, 5), k)
