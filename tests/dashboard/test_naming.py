"""Names for people."""

from datetime import UTC, datetime

import pytest

from alcore.store import ExperimentRecord
from alcore_dashboard.services import naming


def test_titles_are_short_and_different() -> None:
    assert naming.titles(["a/x_y", "b/z", "c/z"]) == {"a/x_y": "x y", "b/z": "b/z", "c/z": "c/z"}


def test_an_experiment_label_is_one_short_line_with_its_number() -> None:
    record = ExperimentRecord(
        id=7, title="a\nb" + "c" * 500, config="", created_at=datetime.now(UTC), states={}
    )
    label = naming.experiment_label(record)
    assert label.startswith("7 · a bccc")
    assert len(label) < 80


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (89, "89 s"), (100, "2 min"), (3540, "59 min"), (7500, "2 h 5 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert naming.duration(seconds) == words
