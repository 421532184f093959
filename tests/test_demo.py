"""The demonstration: what the first minute promises holds."""

import json
import subprocess
import sys
from importlib.resources import as_file, files

from alcore.store import open_store


def test_margin_saves_two_fifths_of_the_labels_on_digits() -> None:
    with as_file(files("alcore.presets") / "digits.toml") as path:
        command = [sys.executable, "-m", "alcore", "run", str(path), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    rows = {row["strategy"]: row for row in answer["strategies"]}
    assert rows["uncertainty/random"]["labels_saved_text"] == "baseline"
    assert rows["uncertainty/smallest_margin"]["labels_saved"] >= 0.40
    assert rows["uncertainty/least_confidence"]["labels_saved_low"] > 0
    assert {row["seeds"] for row in rows.values()} == {10}
    assert {row["labels"] for row in rows.values()} == {350}
    # Seeds are paired: within one, every strategy starts from the same labels and test split.
    store = open_store()
    for seed in range(10):
        runs = [run for run in store.runs(answer["experiment"]) if run.seed == seed]
        assert len({store.rounds(run.id)[0].test.confusion for run in runs}) == 1
