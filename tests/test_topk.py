import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcore import Query, Request, UsageError, criterion
from alcore.scoring import utilities
from alcore.top_utility import TopUtility, criterion_spec
from alcore.topk import RunningTop, select_top, top_k
from alcore.types import FloatArray, IntArray
from alcore_uncertainty.criteria import entropy, least_confidence, smallest_margin


def by_sorting(values: FloatArray, k: int, rank: IntArray | None = None) -> list[int]:
    rank = np.arange(len(values)) if rank is None else rank
    return np.lexsort((rank, -values))[:k].tolist()


def pool(n: int, levels: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Utilities with ties (levels few) or without, and ranks in no order."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, levels, n) / levels, rng.permutation(3 * n)[:n]


POOLS = st.builds(
    pool, n=st.integers(1, 300), levels=st.sampled_from([1, 2, 10, 10**9]), seed=st.integers(0, 999)
)


@given(POOLS, st.floats(0, 1), st.booleans())
def test_top_k_is_a_full_sort_cut_at_k(drawn, share: float, ranked: bool) -> None:
    values, rank = drawn
    k = max(1, round(share * len(values)))
    rank = rank if ranked else None
    picked = top_k(values, k, rank)
    assert picked.dtype == np.int64
    assert picked.tolist() == by_sorting(values, k, rank)


@pytest.mark.parametrize("levels", [1, 3, 1000, 10**9])
@pytest.mark.parametrize("k", [1, 500, 199_999, 200_000])
def test_top_k_over_many_pieces(levels: int, k: int) -> None:
    values, rank = pool(200_000, levels, seed=levels)
    assert top_k(values, k, rank).tolist() == by_sorting(values, k, rank)
    assert top_k(values.astype(np.float32), k).tolist() == by_sorting(values.astype(np.float32), k)


@given(POOLS, st.integers(1, 350), st.data())
def test_any_partition_seen_in_any_order_merges_to_the_same(drawn, k: int, data) -> None:
    values, rank = drawn
    cuts = data.draw(st.lists(st.integers(0, len(values)), max_size=8))
    bounds = [0, *sorted(cuts), len(values)]
    pieces = data.draw(st.permutations(list(pairwise(bounds))))
    tops = [RunningTop(k) for _ in range(data.draw(st.integers(1, 4)))]
    for start, stop in pieces:
        top = data.draw(st.sampled_from(tops))
        top.update(values[start:stop], offset=start, rank=rank[start:stop])
    first, *others = data.draw(st.permutations(tops))
    for other in others:
        first.merge(other)
    assert first.result().positions.tolist() == by_sorting(values, k, rank)


def test_updates_after_a_result_count_as_well() -> None:
    values, _ = pool(100, 10**9, seed=1)
    top = RunningTop(5)
    for start in range(0, 100, 10):
        top.update(values[start : start + 10], offset=start)
        best = top.result()
        assert best.positions.tolist() == by_sorting(values[: start + 10], 5)
        np.testing.assert_array_equal(best.utilities, values[best.positions])


def test_what_was_given_may_be_overwritten() -> None:
    values = np.array([1.0, 3.0, 2.0])
    top = RunningTop(2)
    top.update(values)
    values[:] = 0
    assert top.result().utilities.tolist() == [3, 2]


def test_infinite_utilities_have_an_order_and_nan_has_none() -> None:
    assert top_k(np.array([0, -np.inf, np.inf, 1]), 4).tolist() == [2, 3, 0, 1]
    with pytest.raises(UsageError, match="utility of row 70001 is NaN"):
        top_k(np.where(np.arange(80_000) == 70_001, np.nan, 0.5), 3)


@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_must_lie_within_the_pool(k: int) -> None:
    with pytest.raises(UsageError, match=f"from 1 to 3, the size of the pool, not {k}"):
        top_k(np.zeros(3), k)
    with pytest.raises(UsageError, match=f"from 1 to 3, the size of the pool, not {k}"):
        select_top(entropy, np.full((3, 2), 0.5), k)


@criterion(direction="max")
def constant(probabilities: FloatArray) -> FloatArray:
    return np.zeros(len(probabilities))


@pytest.mark.parametrize("each", [least_confidence, smallest_margin, entropy, constant])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize("decimals", [1, 9])
def test_select_top_is_scoring_then_sorting(each, threads: int, ranked: bool, decimals) -> None:
    rng = np.random.default_rng(5)
    table = rng.dirichlet(np.ones(5), 120_001).round(decimals).astype(np.float32)
    rank = rng.permutation(len(table)) if ranked else None
    best = select_top(each, table, 500, rank, threads=threads)
    values = utilities(each, table)
    assert best.positions.tolist() == by_sorting(values, 500, rank)
    np.testing.assert_array_equal(best.utilities, values[best.positions])


def test_select_top_names_the_sample_that_is_not_finite() -> None:
    table = np.array([[0.5, 0.5], [np.nan, 1]])
    with pytest.raises(UsageError, match="sample 'b'"):
        select_top(entropy, table, 1, ids=["a", "b"])


MEASURE = """
import sys, numpy as np
from pathlib import Path
from alcore.topk import select_top
from alcore_uncertainty.criteria import smallest_margin
anonymous = lambda: int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0])
table = np.load(sys.argv[1], mmap_mode="r")
select_top(smallest_margin, table[:1000], 500)
before = anonymous()
select_top(smallest_margin, table, 500)
print(anonymous() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("constant_scores", [False, True])
def test_a_memory_map_is_ranked_in_little_memory(tmp_path, constant_scores: bool) -> None:
    table = np.full((4_000_000, 4), 0.25, dtype=np.float32)
    if not constant_scores:
        table[:, 0] += np.random.default_rng(0).random(len(table), dtype=np.float32)
    np.save(tmp_path / "p.npy", table)
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "p.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # The scores alone would be 16 MB.
    assert int(done.stdout) < 6_000, f"{done.stdout} kB"


def test_top_utility_gives_the_utility_of_all_and_breaks_ties_by_rank() -> None:
    query = Query(
        probabilities=np.array([[0.9, 0.1], [0.5, 0.5], [0.4, 0.6], [0.5, 0.5]]),
        rank=np.array([7, 5, 3, 1]),
    )
    chosen = TopUtility(smallest_margin).select(query, Request(n=3), np.random.default_rng(0))
    assert chosen.positions.tolist() == [3, 1, 2]
    np.testing.assert_allclose(chosen.utilities, [-0.8, 0, -0.2, 0])


def test_a_criterion_becomes_a_strategy_of_its_name() -> None:
    spec = criterion_spec(entropy)
    assert (spec.name, spec.criterion, spec.summary) == ("entropy", entropy, entropy.summary)
    assert spec.create(spec.options()) == TopUtility(entropy)
