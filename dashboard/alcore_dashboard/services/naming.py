"""How records are named in lists, and where their pictures are."""

from collections import Counter
from collections.abc import Iterable

from alcore.store import DatasetRecord, ExperimentRecord, RunRecord


def title_of(qualified: str) -> str:
    """``"uncertainty/smallest_margin"`` for people: ``"smallest margin"``."""
    return qualified.rpartition("/")[2].replace("_", " ")


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Qualified names without their plugin, where that leaves them different."""
    short = {name: name.rpartition("/")[2] for name in names}
    counts = Counter(short.values())
    return {name: one if counts[one] == 1 else name for name, one in short.items()}


def titles(names: Iterable[str]) -> dict[str, str]:
    """Titles by qualified name; of names whose titles are equal, the full name is the title."""
    return {name: one if one == name else title_of(one) for name, one in short_names(names).items()}


def experiment_label(record: ExperimentRecord) -> str:
    """One line, different for every experiment."""
    title = " ".join(record.title.split())
    return f"{record.id} · {title[:60]}{'…' if len(title) > 60 else ''}"


def run_label(record: RunRecord) -> str:
    """One line, different for every run."""
    return f"{record.id} · {title_of(record.strategy)} · seed {record.seed}"


def thumbnail_path(dataset: DatasetRecord, position: int) -> str:
    """Path of a sample's picture; the fingerprint lets browsers keep it for good."""
    return f"/thumbnail/{dataset.id}/{position}?v={dataset.fingerprint[:16]}"


def duration(seconds: float) -> str:
    """``"4 s"``, ``"3 min"`` or ``"2 h 5 min"``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
