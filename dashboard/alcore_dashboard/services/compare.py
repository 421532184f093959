"""A fair comparison for people: tables, charts' data, CSV."""

from collections.abc import Sequence

import pandas as pd

from alcore.comparison import Comparison, Entry
from alcore.comparison_tables import numbers
from alcore.comparison_words import names
from alcore.rounds import Calibration
from alcore_dashboard.services.csv_file import csv_file
from alcore_dashboard.services.naming import titles
from alcore_dashboard.services.rounds import curve_frame, seed_count

AS_USED, WITHOUT, RANDOM = "as used", "no temperature", "random"


def called(found: Comparison) -> list[str]:
    """The name of each entry."""
    return names(found, titles(entry.curve.strategy for entry in found.entries))


def curve_table(found: Comparison) -> pd.DataFrame:
    """The curves as `figures.learning.learning_curves` draws them."""
    frames = [
        curve_frame(entry.curve, name).assign(random=entry.is_random)
        for entry, name in zip(found.entries, called(found), strict=True)
    ]
    return pd.concat(frames, ignore_index=True)


def subtitle(found: Comparison, entries: Sequence[Entry]) -> str:
    """What n and seeds of these entries are."""
    counts = sorted({len(entry.curve.seeds) for entry in entries})
    seeds = seed_count(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"
    return f"n = {found.n} test samples, {seeds}"


def baseline(found: Comparison, entry: Entry) -> Entry | None:
    """Random beside an entry: of its experiment, else of any."""
    randoms = [each for each in found.entries if each.is_random and each is not entry]
    same = [each for each in randoms if each.experiment == entry.experiment]
    return next(iter(same or randoms), None)


def reliability_table(entry: Entry, random: Entry | None) -> pd.DataFrame:
    """The bins with a sample: columns series, confidence, accuracy, samples, random."""
    known = {AS_USED: entry.calibration, WITHOUT: entry.uncalibrated}
    if random:
        known[RANDOM] = random.calibration
    frames = [_bins(one).assign(series=name) for name, one in known.items() if one]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["series"])
    return table.assign(random=table["series"] == RANDOM)


def _bins(one: Calibration) -> pd.DataFrame:
    columns = {"confidence": one.confidence, "accuracy": one.accuracy, "samples": one.counts}
    return pd.DataFrame(columns).query("samples > 0")


def reliability_sentence(name: str, entry: Entry) -> str:
    """How far the last models' probabilities can be believed, in one sentence."""
    used, without = entry.calibration, entry.uncalibrated
    if used is None:
        return "Calibration is not known: these rounds are of an earlier version; run them again."
    start = f"The last models of {name} are wrong about their own accuracy by {used.ece:.1%} (ECE"
    if without is None:
        return f"{start}; they do no temperature scaling)."
    return f"{start}), and by {without.ece:.1%} without temperature scaling."


def csv_bytes(found: Comparison, metric: str) -> bytes:
    """Everything about each strategy as CSV; no text in it can be read as a formula."""
    return csv_file(pd.DataFrame(map(numbers, found.entries)).assign(metric=metric))
