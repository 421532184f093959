"""What the page Compare draws and says."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from alcore.comparison import Comparison, compare
from alcore.metrics import calibration
from alcore.played import read
from alcore.store import Store
from alcore_dashboard.figures.compare import reliability
from alcore_dashboard.services import compare as service
from alcore_dashboard.services.compare import AS_USED, RANDOM, WITHOUT

SURE = np.array([[0.9, 0.1], [0.95, 0.05], [0.6, 0.4]])


@pytest.fixture
def found(played: Store) -> Comparison:
    return compare([read(played, 1)])


def test_curves_are_those_of_the_chart_with_random_marked(found: Comparison) -> None:
    table = service.curve_table(found)
    assert table.groupby("strategy")["random"].first().to_dict() == {
        "random": True, "smallest margin": False,
    }  # fmt: skip
    assert service.subtitle(found, found.entries) == "n = 30 test samples, 2 seeds"


def test_reliability_has_random_beside_it_and_only_bins_with_a_sample(found: Comparison) -> None:
    random, margin = found.entries
    assert service.baseline(found, margin) is random and service.baseline(found, random) is None
    table = service.reliability_table(margin, random)
    assert list(table["series"].unique()) == [AS_USED, RANDOM], "this model has no temperature"
    assert (table["samples"] > 0).all() and table.groupby("series")["samples"].sum().eq(60).all()
    spec = reliability(table, subtitle="n = 30").to_dict()
    diagonal, line, points = spec["layer"]
    assert line["encoding"]["color"]["scale"]["domain"] == [AS_USED, RANDOM]
    assert line["encoding"]["strokeDash"]["scale"]["range"] == [[1, 0], [6, 4]]
    assert points["encoding"]["x"]["scale"]["domain"] == [0, 1]
    assert spec["title"]["subtitle"] == "n = 30" and diagonal["mark"]["strokeWidth"] == 1


def test_calibration_is_told_with_and_without_temperature(found: Comparison) -> None:
    used = calibration(SURE, np.array([0, 0, 0]))
    raw = calibration(SURE, np.array([1, 1, 1]))
    entry = replace(found.entries[1], calibration=used, uncalibrated=raw)
    assert list(service.reliability_table(entry, None)["series"].unique()) == [AS_USED, WITHOUT]
    assert service.reliability_sentence("margin", entry) == (
        "The last models of margin are wrong about their own accuracy by 18.3% (ECE), and by "
        "81.7% without temperature scaling."
    )
    plain = replace(entry, uncalibrated=None)
    assert "they do no temperature scaling" in service.reliability_sentence("margin", plain)
    old = replace(plain, calibration=None)
    assert "of an earlier version" in service.reliability_sentence("margin", old)
    assert len(service.reliability_table(old, None)) == 0


def test_the_csv_has_a_row_for_each_strategy(found: Comparison) -> None:
    table = pd.read_csv(BytesIO(service.csv_bytes(found, "=metric")))
    assert list(table["strategy"]) == ["uncertainty/random", "uncertainty/smallest_margin"]
    assert table["metric"].tolist() == ["'=metric"] * 2
    gain = found.entries[1].gain
    assert gain is not None and table["gain"].iloc[1] == pytest.approx(gain.mean)
