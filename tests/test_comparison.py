"""Strategies against random: by hand on made-up rounds, and on runs that were played."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from alcore.compare import recall_of
from alcore.comparison import Comparison, Verdict, compare, pooled
from alcore.comparison_tables import batch_rows, curve_rows, final_rows, gain_rows, numbers
from alcore.comparison_words import cautions, names, summary
from alcore.errors import AlcoreError
from alcore.metrics import calibration
from alcore.played import Labels, Played
from alcore.results import ONE_SPLIT, RANDOM
from alcore.rounds import Evaluation, RoundResult
from alcore.store import ExperimentRecord, RunState

MARGIN, ENTROPY = "uncertainty/smallest_margin", "uncertainty/entropy"


def result(number: int, value: float, batch: int = 50, *, last: bool = False) -> RoundResult:
    test = Evaluation(
        n=40, accuracy=value, macro_f1=value / 2, recall=(1.0, value, None), confusion=((),)
    )
    return RoundResult(
        number=number, n_labelled=50 + batch * number, test=test, validation=None,
        batch=None if last else test, batch_classes=(), seconds={"select": number + 1.0},
    )  # fmt: skip


def played(
    curves: dict[str, list[list[float]]], *, number: int = 1, model: str = "m", batch: int = 50,
    config: str = "", selection: dict[str, object] | None = None,
) -> Played:  # fmt: skip
    """An experiment by the accuracies of each seed of each strategy; the longest are done."""
    end = max(len(values) for seeds in curves.values() for values in seeds) - 1
    rounds = {
        name: {
            seed: [result(i, value, batch, last=i == end) for i, value in enumerate(values)]
            for seed, values in enumerate(seeds)
        }
        for name, seeds in curves.items()
    }
    labels = Labels(batches={}, classes=np.array([0, 0, 2]))
    return Played(
        experiment=ExperimentRecord(
            id=number, title="t", config=config, created_at=datetime.now(UTC),
            states={RunState.DONE: sum(map(len, curves.values()))},
        ),
        model=(model, {}),
        selection=selection or {},
        rounds=rounds,
        labels={name: dict.fromkeys(seeds, labels) for name, seeds in rounds.items()},
    )  # fmt: skip


def verdicts(gains: list[float], *others: list[float]) -> list[Verdict]:
    """Of strategies that end so far above random in each seed."""
    curves = {RANDOM: [[0.5, 0.5]] * len(gains)}
    for name, each in zip((MARGIN, ENTROPY), (gains, *others), strict=False):
        curves[name] = [[0.5 + gain, 0.5 + gain] for gain in each]
    return [e.gain.verdict for e in compare([played(curves)]).entries if e.gain]


STEADY = [0.1, 0.12, 0.09, 0.11, 0.13, 0.08, 0.14, 0.07]


def test_a_gain_is_the_difference_of_areas_within_each_seed() -> None:
    seeds = {
        RANDOM: [[0.5, 0.6, 0.7], [0.5, 0.5, 0.5]],
        MARGIN: [[0.5, 0.8, 0.7], [0.5, 0.5, 0.5]],
    }
    random, margin = compare([played(seeds)]).entries
    assert random.is_random and random.gain is None and random.saved is None
    assert random.area == pytest.approx((0.6 + 0.5) / 2)
    gain = margin.gain
    assert gain is not None and gain.mean == pytest.approx((0.1 + 0.0) / 2)
    assert (gain.wins, gain.ties, gain.losses, gain.pairs) == (1, 1, 0, 2)
    assert (gain.p, gain.smallest) == (1.0, 0.5)
    assert margin.final == pytest.approx(
        {"accuracy": 0.6, "macro_f1": 0.3, "balanced_accuracy": 0.8}
    )
    assert (margin.classes, margin.smallest_share, margin.select_seconds) == (2.0, 0.0, 1.5)
    by_recall = compare([played(seeds)], recall_of(0)).entries[1]
    assert by_recall.gain is not None and by_recall.gain.mean == 0.0
    assert by_recall.saved == margin.saved, "labels saved are by accuracy"


def test_a_seed_that_only_one_of_them_has_is_no_pair() -> None:
    seeds = {RANDOM: [[0.5, 0.6]] * 3, MARGIN: [[0.5, 0.8], [0.5, 0.8]]}
    gain = compare([played(seeds)]).entries[1].gain
    assert gain is not None and gain.pairs == 2


def test_verdicts_need_seeds_a_clear_sign_or_a_narrow_interval() -> None:
    assert verdicts(STEADY) == [Verdict.BETTER]
    assert verdicts([-gain for gain in STEADY]) == [Verdict.WORSE]
    assert verdicts([0.001, -0.001, 0.0] * 3) == [Verdict.NO_BETTER]
    assert verdicts([0.1, -0.1] * 4) == [Verdict.UNKNOWN]
    assert verdicts(STEADY[:5]) == [Verdict.UNKNOWN], "five pairs cannot show anything"
    assert verdicts([0.0] * 3) == [Verdict.UNKNOWN], "not even that there is no gain"


def test_holm_corrects_for_the_whole_family() -> None:
    assert verdicts(STEADY[:6]) == [Verdict.BETTER]
    assert verdicts(STEADY[:6], STEADY[:6]) == [Verdict.UNKNOWN] * 2


def test_random_may_come_from_another_experiment_with_the_same_model_and_batches() -> None:
    base = played({RANDOM: [[0.5, 0.6]] * 2})

    def gain_of(**words: int | str) -> object:
        other = played({MARGIN: [[0.5, 0.8]] * 2}, number=2, **words)  # type: ignore[arg-type]
        return compare([base, other]).entries[1].gain

    assert gain_of() is not None
    assert gain_of(model="other") is None
    assert gain_of(batch=20) is None


def test_the_first_random_is_the_baseline_of_all_with_its_model() -> None:
    """A class-balanced form is held against plain random, and so is random within classes."""
    flat, better = [[0.5, 0.5]] * 2, [[0.6, 0.6]] * 2
    plain = played({RANDOM: flat, MARGIN: better})
    again = played({RANDOM: flat, MARGIN: better}, number=2)
    balanced = replace(again, rounds={RANDOM: again.rounds[MARGIN], MARGIN: again.rounds[RANDOM]})
    balanced = replace(balanced, selection={"balance_classes": True})

    def gains(*given: Played) -> list[float | None]:
        return [e.gain and round(e.gain.mean, 6) for e in compare(given).entries]

    assert gains(plain, again) == [None, 0.1, None, 0.1]
    assert gains(plain, balanced) == [None, 0.1, 0.1, 0.0]
    assert gains(balanced, plain) == [0.1, 0.0, None, 0.1], "the order given changes nothing"
    assert gains(balanced) == [None, -0.1]
    assert "chose within predicted classes too" in said(balanced)
    assert "within predicted classes" not in said(balanced, plain)


def test_one_far_seed_turns_no_verdict_round() -> None:
    many = [0.08 + 0.003 * i for i in range(19)]
    assert verdicts([*many, 0.1]) == [Verdict.BETTER]
    assert verdicts([*many, -0.5 - sum(many)]) == [Verdict.UNKNOWN]
    assert verdicts([*(-gain for gain in many), 0.5]) == [Verdict.WORSE]


def test_where_money_was_spent_random_is_read_at_common_label_counts() -> None:
    """Seeds and strategies bought other numbers of labels, and in other numbers of rounds."""
    config = "[budget]\nspend = 9.0"
    made = played({RANDOM: [[0.5] * 3, [0.5] * 4], MARGIN: [[0.6] * 3] * 2}, config=config)
    short = made.rounds[RANDOM][0]
    ended = [*short[:2], replace(short[2], n_labelled=130, batch=None)]
    made = replace(made, rounds={**made.rounds, RANDOM: {**made.rounds[RANDOM], 0: ended}})
    margin = [[*run[:2], replace(run[2], n_labelled=140, batch=None)] for run in
              made.rounds[MARGIN].values()]  # fmt: skip
    made = replace(made, rounds={**made.rounds, MARGIN: dict(enumerate(margin))})
    random, found = compare([made]).entries
    assert random.curve.seeds == (0, 1) and random.curve.labels.tolist() == [50, 100, 130]
    assert found.gain is not None and found.gain.mean == pytest.approx(0.1)
    assert "area and labels saved count labels, not money" in said(made)


def test_a_metric_that_no_test_split_defines_is_refused() -> None:
    with pytest.raises(AlcoreError, match="no test split here defines the metric"):
        compare([played({RANDOM: [[0.5]]})], recall_of(2))


def test_pooled_calibration_is_that_of_all_samples_together() -> None:
    rng = np.random.default_rng(0)
    rows, labels = rng.dirichlet(np.ones(3), 90), rng.integers(3, size=90)
    parts = [calibration(rows[:20], labels[:20]), None, calibration(rows[20:], labels[20:])]
    found, whole = pooled(parts), calibration(rows, labels)
    assert found is not None and found.counts == whole.counts
    assert found.confidence == pytest.approx(whole.confidence, abs=2e-6)
    assert found.accuracy == pytest.approx(whole.accuracy, abs=2e-6)
    assert pooled([None]) is None


def test_overlap_is_within_seeds_between_batches_after_as_many_labels() -> None:
    one = played({RANDOM: [[0.5, 0.6]] * 2, MARGIN: [[0.5, 0.6]] * 2})
    classes = np.zeros(1, dtype=np.int64)

    def labels(**batches: set[int]) -> Labels:
        kept = {int(key[1:]): frozenset(batch) for key, batch in batches.items()}
        return Labels(batches=kept, classes=classes)

    with_batches = {
        RANDOM: {0: labels(_50={1, 2}, _100={3}), 1: labels(_50={7})},
        MARGIN: {0: labels(_50={2, 3}, _100={3}), 1: labels(_70={7})},
    }
    found = compare([replace(one, labels=with_batches)]).overlap
    assert found == ((1.0, (1 / 3 + 1) / 2), ((1 / 3 + 1) / 2, 1.0))
    assert compare([one]).overlap == ((None, None), (None, None))


def said(one: Played, *others: Played) -> str:
    return "\n".join(cautions([one, *others], compare([one, *others])))


def test_few_seeds_are_told_what_they_can_show_at_all() -> None:
    curves = {RANDOM: [[0.5, 0.6]] * 5, MARGIN: [[0.5, 0.8]] * 5}
    assert "cannot give less than p = 0.062: no gain, however large" in said(played(curves))
    assert "before 6 seeds" in said(played(curves)) and "other seeds may" in said(played(curves))
    more = {RANDOM: [[0.5, 0.5]] * 10} | dict.fromkeys((MARGIN, ENTROPY), [[0.6, 0.6]] * 10)
    assert "0.0039 after Holm's correction for 2 strategies: a gain" in said(played(more))
    assert "other seeds may" not in said(played(more))


def test_what_is_missing_is_said() -> None:
    alone = played({MARGIN: [[0.5, 0.6]]})
    assert "can only be held against random" in said(alone)
    assert summary(compare([alone]), names(compare([alone]))).startswith("No strategy has a run")
    behind = played({RANDOM: [[0.5, 0.6], [0.5]], MARGIN: [[0.5, 0.6], []]})
    assert "Runs of experiment 1 left out: 2," in said(behind)
    states = {RunState.DONE: 2, RunState.RUNNING: 1}
    running = replace(behind, experiment=replace(behind.experiment, states=states))
    assert "is not over: 2 of its 3 runs are" in said(running)
    assert ONE_SPLIT in said(played({RANDOM: [[0.5]]}, config='[splits]\norder = "source"'))


def test_the_verdicts_that_occur_are_explained() -> None:
    flat = [[0.5, 0.5]] * 8
    assert "“No better than random”" in said(played({RANDOM: flat, MARGIN: flat}))
    mixed = [[0.5 + gain] * 2 for gain in [0.1, -0.1] * 4]
    assert "“Cannot be told”" in said(played({RANDOM: flat, MARGIN: mixed}))


def both_verdicts() -> Comparison:
    flat = [[0.5, 0.5]] * 8
    gains = {MARGIN: [[0.5 + gain] * 2 for gain in STEADY], ENTROPY: flat}
    return compare([played({RANDOM: flat} | gains)])


def test_the_summary_names_who_is_better_and_who_is_not() -> None:
    found = both_verdicts()
    assert summary(found, names(found)) == (
        "Mean gain in area under the curve. Better than random: smallest_margin (+10.5 points). "
        "No better than random: entropy (+0.0 points)."
    )


def test_names_are_short_while_they_differ() -> None:
    assert names(both_verdicts()) == ["random", "smallest_margin", "entropy"]
    twice = compare([played({"a/x": [[0.5]], "b/x": [[0.5]]})])
    assert names(twice) == ["a/x", "b/x"]
    two = [played({RANDOM: [[0.5]]}, number=n) for n in (3, 4)]
    assert names(compare(two)) == ["random · #3", "random · #4"]


def test_tables_for_people_and_numbers_for_machines() -> None:
    found = both_verdicts()
    called = names(found)
    (base, margin, entropy), n = gain_rows(found, called), numbers(found.entries[1])
    assert (base["verdict"], base["labels saved"]) == ("baseline", "baseline")
    assert margin["w/t/l"] == "8/0/0" and margin["gain"].startswith("+10.5 [+")
    assert (margin["p"], margin["Holm"]) == ("0.0078", "0.016")
    assert [e.gain.smallest for e in found.entries if e.gain] == [2 / 2**7] * 2
    assert entropy["verdict"] == "no better than random"
    assert (n["strategy"], n["wins"], n["verdict"]) == (MARGIN, 8, "better than random")
    assert n["ece"] is None and n["balanced_accuracy"] == pytest.approx((1 + 0.605) / 2)
    assert final_rows(found, called)[1]["macro F1"] == "30.2%"
    assert batch_rows(found, called)[0] == {
        "strategy": "1 random", "classes": "2.0 of 3", "rarest class": "0.0%",
        "time a batch": "1.0 s", "with 1": "–", "with 2": "–", "with 3": "–",
    }  # fmt: skip
    assert curve_rows(found, called)[0] == {
        "strategy": "random", "50": "50.0% ± 0.0", "100": "50.0% ± 0.0",
    }  # fmt: skip
    long = compare([played({RANDOM: [[0.1] * 40]})])
    columns = list(curve_rows(long, names(long))[0])
    assert (len(columns), columns[1], columns[-1]) == (9, "50", "2,000")
