"""Curves of any metric, labels saved, and what is said about them."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from alcore.compare import Curve, LabelsSaved
from alcore.results import RANDOM, Ceiling, Outcome, curves, outcomes, rounds_by_strategy
from alcore.rounds import Evaluation
from alcore.store import Store
from alcore_dashboard.services import rounds
from alcore_dashboard.services.units import Units


def curve(strategy: str, *rows: list[float]) -> Curve:
    return Curve(
        strategy=strategy,
        labels=np.arange(1, len(rows[0]) + 1) * 10,
        seeds=tuple(range(len(rows))),
        values=np.array(rows),
    )


def saved(fraction: float | None, low: float | None, seeds: int = 10) -> LabelsSaved:
    return LabelsSaved(fraction=fraction, low=low, high=0.5, target=0.9, labels=100, seeds=seeds)


def saving(strategy: str, one: LabelsSaved | None) -> Outcome:
    return Outcome(curve=curve(strategy, [0.8, 0.9]), saved=one)


BASELINE = saving(RANDOM, None)


def test_curves_of_a_real_run_have_random_first(played: Store) -> None:
    found = curves(played, 1)
    assert [one.strategy for one in found] == ["uncertainty/random", "uncertainty/smallest_margin"]
    table = rounds.curve_table(found)
    assert table["labels"].unique().tolist() == [6, 16, 26, 31]
    assert table.groupby("strategy")["random"].first().to_dict() == {
        "random": True,
        "smallest margin": False,
    }
    assert rounds.subtitle(rounds_by_strategy(played, 1), found).startswith(
        "n = 30 test samples, 2 seeds"
    )


def test_the_band_is_one_standard_deviation() -> None:
    table = rounds.curve_table([curve("u/entropy", [0.5, 0.6], [0.7, 0.6])])
    assert table["mean"].tolist() == pytest.approx([0.6, 0.6])
    spread = np.std([0.5, 0.7], ddof=1)
    assert table["high"].tolist() == pytest.approx([0.6 + spread, 0.6])
    alone = rounds.curve_table([curve("u/entropy", [0.5, 0.6])])
    assert alone["low"].tolist() == alone["high"].tolist() == [0.5, 0.6]


def test_a_clear_gain_is_told_with_interval_and_seeds() -> None:
    found = [saving("u/entropy", saved(0.2, 0.1)), saving("u/margin", saved(0.4, 0.3)), BASELINE]
    assert rounds.takeaway(found) == (
        "Margin reaches the final accuracy of random (90.0%) with 40% fewer labels "
        "(95% interval 30% to 50%, 10 seeds)."
    )


@pytest.mark.parametrize(
    "one", [saved(None, None), saved(0.2, -0.1), saved(0.2, None), saved(0.0, 0.0)]
)
def test_no_gain_is_said_where_that_is_the_truth(one: LabelsSaved) -> None:
    assert rounds.takeaway([saving("u/entropy", one), BASELINE]).startswith("No gain yet")


def test_few_seeds_are_not_trusted() -> None:
    sentence = rounds.takeaway([saving("u/entropy", saved(0.2, 0.2, seeds=1)), BASELINE])
    assert "only 1 seed, which may be chance" in sentence
    assert "interval" not in sentence


def test_without_random_or_with_random_alone_the_next_step_is_said() -> None:
    assert "add random" in rounds.takeaway([saving("u/entropy", None)])
    assert "add a strategy" in rounds.takeaway([BASELINE])


def test_labels_saved_come_from_the_one_definition() -> None:
    random = curve(RANDOM, [0.5, 0.6, 0.7, 0.8], [0.5, 0.6, 0.7, 0.8])
    better = curve("u/margin", [0.5, 0.8, 0.9, 0.9], [0.5, 0.8, 0.9, 0.9])
    worse = curve("u/entropy", [0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5])
    table = rounds.savings_table(outcomes([better, worse, random]))
    assert table["labels saved"].tolist() == ["50%", "never", "baseline"]
    assert table["95% interval"].tolist() == ["50% to 50%", "never to never", "–"]


NAMED = {metric.key: metric for metric in rounds.metrics(("horse", "=cow"))}
UNITS = Units(cost_per_label=0.1, currency="EUR", seconds_per_label=36)


def test_metrics_have_keys_for_addresses_and_titles_for_people() -> None:
    assert list(NAMED) == ["accuracy", "macro_f1", "balanced_accuracy", "recall_0", "recall_1"]
    assert NAMED["recall_0"].title == "recall of horse"
    evaluation = Evaluation(
        n=4, accuracy=0.1, macro_f1=0.2, recall=(0.3, None), confusion=((1, 1), (1, 1))
    )
    assert [metric.of(evaluation) for metric in NAMED.values()] == [0.1, 0.2, 0.3, 0.3, None]


def test_axes_are_labels_and_rounds_and_what_has_a_price() -> None:
    assert list(rounds.axes(Units())) == ["labels", "rounds"]
    axes = rounds.axes(UNITS)
    assert {key: axis.title for key, axis in axes.items()} == {
        "labels": "labels",
        "rounds": "rounds",
        "money": "cost of labels (EUR)",
        "hours": "hours of labelling",
    }
    table = rounds.curve_table([curve("u/entropy", [0.5, 0.6])])
    x = {key: rounds.with_x(table, axis, UNITS)["x"].tolist() for key, axis in axes.items()}
    assert x == {"labels": [10, 20], "rounds": [0, 1], "money": [1, 2], "hours": [0.1, 0.2]}


def test_the_csv_has_metric_and_axis_and_no_formula() -> None:
    table = rounds.curve_table([curve("u/=entropy", [0.5, 0.6])], suffix=" · #3")
    table = rounds.with_x(table, rounds.axes(UNITS)["money"], UNITS)
    read = pd.read_csv(
        BytesIO(rounds.csv_bytes(table, NAMED["recall_1"], rounds.axes(UNITS)["money"]))
    )
    assert read["strategy"].tolist() == ["'=entropy · #3"] * 2
    assert read["cost of labels (EUR)"].tolist() == [1, 2]
    assert read["metric"].tolist() == ["recall of =cow"] * 2
    labels = rounds.with_x(table, rounds.axes(UNITS)["labels"], UNITS)
    text = rounds.csv_bytes(labels, NAMED["accuracy"], rounds.axes(UNITS)["labels"]).decode()
    assert text.splitlines()[0] == "strategy,round,labels,mean,low,high,seeds,metric"


def test_the_band_stays_between_0_and_1() -> None:
    table = rounds.curve_table([curve("u/entropy", [1.0, 0.0], [0.9, 0.1])])
    assert table["high"].tolist()[0] == 1.0
    assert table["low"].tolist()[1] == 0.0


def test_another_metric_is_compared_at_the_end_of_the_curves() -> None:
    random = curve(RANDOM, *[[0.5, 0.7 + i / 100] for i in range(10)])
    better = curve("u/margin", *[[0.5, 0.8 + i / 100] for i in range(10)])
    same = curve("u/entropy", *[[0.5, 0.7 + (9 - i) / 100] for i in range(10)])
    assert rounds.metric_takeaway([random, same, better], "recall of horse") == (
        "Margin ends 10.0 points (95% interval 10.0 to 10.0, 10 seeds) above random in recall of "
        "horse."
    )
    assert rounds.metric_takeaway([random, same], "macro F1") == (
        "No gain yet in macro F1: no strategy ends clearly above random (10 seeds)."
    )
    assert "nothing can be said" in rounds.metric_takeaway([random], "macro F1")


def test_while_it_runs_nothing_is_concluded() -> None:
    said = rounds.sentence(NAMED["accuracy"], [], [BASELINE], running=True)
    assert "still running" in said
    assert rounds.sentence(NAMED["accuracy"], [], [BASELINE], running=False).startswith(
        "Only random"
    )
    assert "macro F1" in rounds.sentence(NAMED["macro_f1"], [], [BASELINE], running=False)


def test_the_ceiling_says_how_many_labels_it_takes() -> None:
    assert rounds.ceiling_text(Ceiling(labels=1097, value=0.968, runs=10)) == (
        "all 1,097 labelled: 96.8%"
    )


def test_one_seed_is_no_plural() -> None:
    found = [curve("u/entropy", [0.5, 0.6])]
    assert rounds.subtitle({}, found).startswith("n = 0 test samples, 1 seed;")
    found.append(curve(RANDOM, [0.5, 0.6], [0.5, 0.6]))
    assert "1 to 2 seeds" in rounds.subtitle({}, found)
