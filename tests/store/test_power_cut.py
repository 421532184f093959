"""Nothing that was acknowledged is lost when the power goes, and nothing is half there."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from alcore.store import Store, open_store
from store import power_cut
from store.whole import add_whole_run

SAFE = pytest.mark.parametrize("journal", ["truncate", "wal"])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[power_cut.Disk]:
    (tmp_path / "disk").mkdir()
    with closing(power_cut.Disk(tmp_path / "disk")) as opened:
        yield opened


@contextmanager
def adding_rounds(
    disk: power_cut.Disk, journal: str, *pragmas: str
) -> Iterator[Callable[[], None]]:
    with (
        power_cut.on(disk, journal, *pragmas),
        closing(open_store(f"sqlite:///{disk.root / 'alcore.db'}")) as store,
    ):
        yield add_whole_run(store, rounds=0)


@contextmanager
def after_the_cut(image: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{image / 'alcore.db'}")) as store:
        yield store


def whole_rounds(image: Path) -> int:
    """How many rounds are left; all that belongs to them must be there and whole."""
    with after_the_cut(image) as store:
        assert store.check() == []
        return len(store.rounds(1))


@SAFE
def test_no_acknowledged_round_is_lost(disk: power_cut.Disk, tmp_path: Path, journal: str) -> None:
    images = [tmp_path / f"{n}" for n in range(1, 41)]
    with adding_rounds(disk, journal) as add_round:
        for image in images:
            add_round()
            disk.restore(image)
    assert [whole_rounds(image) for image in images] == list(range(1, 41))


@SAFE
def test_a_round_is_there_whole_or_not_at_all(
    disk: power_cut.Disk, tmp_path: Path, journal: str
) -> None:
    images: list[tuple[int, Path]] = []
    with adding_rounds(disk, journal) as add_round:
        for acknowledged in range(4):

            def cut(n: int = acknowledged) -> None:
                images.append((n, disk.restore(tmp_path / f"{len(images)}")))

            disk.before_sync = cut
            add_round()
    assert len(images) > 20
    assert all(whole_rounds(image) in (n, n + 1) for n, image in images)


@pytest.mark.parametrize(
    ("journal", "pragma"), [("truncate", "journal_mode = DELETE"), ("wal", "synchronous = NORMAL")]
)
def test_settings_that_are_refused_lose_rounds(
    disk: power_cut.Disk, tmp_path: Path, journal: str, pragma: str
) -> None:
    with adding_rounds(disk, journal, pragma) as add_round:
        for n in range(3):
            add_round()
            disk.restore(tmp_path / f"{n}")
    for n in range(3):
        with after_the_cut(tmp_path / f"{n}") as store:
            assert sum(len(store.rounds(run.id)) for run in store.runs()) <= n


@pytest.mark.parametrize("forgotten", [Path.is_file, Path.is_dir])
def test_files_that_are_not_synced_are_missed(
    disk: power_cut.Disk, tmp_path: Path, forgotten: Callable[[Path], bool]
) -> None:
    with adding_rounds(disk, "truncate") as add_round:
        disk.forgets = forgotten
        add_round()
        disk.restore(tmp_path / "image")
    with after_the_cut(tmp_path / "image") as store:
        assert len(store.rounds(1)) == 1
        assert {"round-0000.npz", "ids.json"} & {
            finding.path.name for finding in store.check() if finding.path
        }
