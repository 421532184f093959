"""Features on disk: computed once, never stale, never wrong."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from alcore.errors import AlcoreError, RunStopped
from alcore.features import FeatureCache, FeatureRows, locks
from features.examples import BATCHES, Means, N, Pictures, quiet

TESTS = Path(__file__).parents[1]


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path / "features")


@pytest.fixture
def backbone(tmp_path: Path) -> Means:
    return Means(tmp_path / "calls")


def expected() -> np.ndarray:  # type: ignore[type-arg]
    return Pictures().all.mean(axis=(1, 2))


def shards(cache: FeatureCache) -> list[Path]:
    return sorted(cache.folder.glob("*/shard-*.npy"))


def compute(cache: FeatureCache, backbone: Means) -> FeatureRows:
    rows = cache.rows(Pictures(), backbone, quiet)
    assert np.array_equal(rows[:], expected())
    return rows


def child(folder: Path, *, seconds: float = 0, hangs_at: int = 1000) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "features.examples", str(folder), str(seconds), str(hangs_at)]
    return subprocess.Popen(command, cwd=TESTS)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_features_are_computed_once(cache: FeatureCache, backbone: Means) -> None:
    rows = compute(cache, backbone)
    assert (rows.shape, rows.dtype, backbone.count()) == ((N, 3), np.float32, BATCHES)
    compute(cache, backbone)
    assert backbone.count() == BATCHES
    assert [len(np.load(path, allow_pickle=False)) for path in shards(cache)] == [2000, 2000, 500]


def test_the_manifest_says_what_it_is(cache: FeatureCache, backbone: Means) -> None:
    compute(cache, backbone)
    manifest = json.loads(next(cache.folder.glob("*/manifest.json")).read_text())
    assert manifest == {
        "format": 1,
        "fingerprint": "pictures",
        "identity": "means",
        "n": N,
        "d": 3,
        "dtype": "float32",
        "shards": [path.name for path in shards(cache)],
    }


@pytest.mark.parametrize(
    ("dataset", "changes"),
    [
        (Pictures(fingerprint="one image is another"), {}),
        (Pictures(), {"identity": "other weights"}),
        (Pictures(), {"batch": 50}),
        (Pictures(N - 1), {}),
    ],
    ids=["fingerprint", "identity", "batch", "n"],
)
def test_what_has_changed_is_computed_again(
    dataset: Pictures, changes: dict[str, str], cache: FeatureCache, backbone: Means
) -> None:
    compute(cache, backbone)
    other = Means(backbone.calls, **changes)  # type: ignore[arg-type]
    rows = cache.rows(dataset, other, quiet)
    assert backbone.count() >= 2 * BATCHES
    assert np.array_equal(rows[:], dataset.all.mean(axis=(1, 2)))
    compute(cache, backbone)
    assert len(list(cache.folder.glob("*/manifest.json"))) == 2


def test_progress_is_the_fraction_of_rows(cache: FeatureCache, backbone: Means) -> None:
    told: list[float] = []
    cache.rows(Pictures(), backbone, lambda step, fraction: told.append(fraction))
    assert told == [*(100 * i / N for i in range(BATCHES)), 1.0]


def test_a_stopped_computation_goes_on_where_it_was(cache: FeatureCache, backbone: Means) -> None:
    def stop(step: str, fraction: float) -> None:
        if fraction > 0.6:
            raise RunStopped("stop")

    with pytest.raises(RunStopped):
        cache.rows(Pictures(), backbone, stop)
    done = backbone.count()
    told: list[float] = []
    rows = cache.rows(Pictures(), backbone, lambda step, fraction: told.append(fraction))
    assert np.array_equal(rows[:], expected())
    assert told[0] == 2000 / N
    assert backbone.count() - done == BATCHES - 20


def test_a_killed_process_leaves_its_shards_and_no_lock(
    tmp_path: Path, cache: FeatureCache, backbone: Means
) -> None:
    process = child(tmp_path, hangs_at=30)
    wait_until(lambda: backbone.count() == 30)
    process.kill()
    process.wait()
    assert len(shards(cache)) == 1
    compute(cache, backbone)
    assert backbone.count() == 30 + BATCHES - 20


def test_two_processes_share_one_computation(
    tmp_path: Path, cache: FeatureCache, backbone: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "SECONDS_BETWEEN_LOOKS", 0.05)
    process = child(tmp_path, seconds=0.03)
    wait_until(lambda: backbone.count() > 0)
    told: list[float] = []
    rows = cache.rows(Pictures(), backbone, lambda step, fraction: told.append(fraction))
    assert process.wait(60) == 0
    assert np.array_equal(rows[:], expected())
    assert backbone.count() == BATCHES
    assert len(told) > 2 and told[0] < 1 and told == sorted(told)


def test_waiting_can_be_stopped(cache: FeatureCache, backbone: Means) -> None:
    compute(cache, backbone)
    place = shards(cache)[0].parent
    (place / "manifest.json").unlink()

    def stop(step: str, fraction: float) -> None:
        raise RunStopped("stop")

    with locks.locked(place, waiting=lambda: None), pytest.raises(RunStopped):
        cache.rows(Pictures(), backbone, stop)


@pytest.mark.parametrize("damage", ["flipped", "cut", "removed", "empty"])
def test_a_damaged_shard_is_computed_again(
    damage: str, cache: FeatureCache, backbone: Means
) -> None:
    compute(cache, backbone)
    path = shards(cache)[1]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    contents = {"flipped": bytes(content), "cut": bytes(content[:-9]), "empty": b""}
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(contents[damage])
    compute(cache, backbone)
    assert backbone.count() == BATCHES + 20
    assert len(shards(cache)) == 3


def test_rows_in_use_outlive_a_repair(cache: FeatureCache, backbone: Means) -> None:
    rows = compute(cache, backbone)
    for path in shards(cache):
        path.rename(path.with_name("moved-" + path.name))
    compute(cache, backbone)
    assert np.array_equal(rows[:], expected())


def test_one_identity_for_two_kinds_of_features_is_one_sentence(
    cache: FeatureCache, backbone: Means
) -> None:
    compute(cache, backbone)
    shards(cache)[0].unlink()
    backbone.embed = lambda images: np.zeros((100, 5), np.float32)  # type: ignore[method-assign]
    with pytest.raises(AlcoreError, match="its identity must differ"):
        cache.rows(Pictures(), backbone, quiet)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, backbone: Means) -> None:
    (tmp_path / "features").write_text("a file")
    with pytest.raises(AlcoreError, match="features cannot be kept in .*: "):
        FeatureCache(tmp_path / "features").rows(Pictures(), backbone, quiet)


def test_a_dataset_without_samples_is_one_sentence(cache: FeatureCache, backbone: Means) -> None:
    with pytest.raises(AlcoreError, match="has no sample"):
        cache.rows(Pictures(0), backbone, quiet)
