"""What a comparison shows, and what it cannot show, in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from alcore.comparison import LEVEL, Comparison, Entry, Gain, Verdict
from alcore.played import Played
from alcore.results import ONE_SPLIT, RANDOM, has_one_split
from alcore.statistics import smallest_p

TRUSTED_SEEDS = 10
"""With fewer, other seeds are known to reverse conclusions (CDALBench)."""


def names(comparison: Comparison, titles: Mapping[str, str] | None = None) -> list[str]:
    """What each entry is called: its strategy, with the experiment where there are several.

    Args:
        comparison: What was found.
        titles: By qualified name; by default the name without the plugin.
    """
    entries = comparison.entries
    several = len({entry.experiment for entry in entries}) > 1
    strategies = dict.fromkeys(entry.curve.strategy for entry in entries)
    short = {name: name.rpartition("/")[2] for name in strategies}
    known = titles or (short if len(set(short.values())) == len(short) else {n: n for n in short})
    return [
        known[entry.curve.strategy] + (f" · #{entry.experiment}" if several else "")
        for entry in entries
    ]


def summary(comparison: Comparison, called: Sequence[str]) -> str:
    """Which strategies are better than random, which are not, and of which it cannot be told.

    Args:
        comparison: What was found.
        called: The name of each entry.
    """
    found: dict[Verdict, list[str]] = {}
    for entry, name in zip(comparison.entries, called, strict=True):
        if entry.gain:
            points = f"{100 * entry.gain.mean:+.1f} points"
            found.setdefault(entry.gain.verdict, []).append(f"{name} ({points})")
    parts = [f"{verdict}: {', '.join(found[verdict])}" for verdict in Verdict if verdict in found]
    if not parts:
        return "No strategy has a run of random to be compared with."
    listed = ". ".join(part[0].upper() + part[1:] for part in parts)
    return f"Mean gain in area under the curve. {listed}."


def cautions(played: Sequence[Played], comparison: Comparison) -> list[str]:
    """What cannot be concluded, and why; one sentence each."""
    gains = [entry.gain for entry in comparison.entries if entry.gain]
    about_runs = (each for one in played for each in _about_runs(one, comparison.entries))
    return [*_about_tests(gains), *_about_random(played), *about_runs]


def _about_random(played: Sequence[Played]) -> Iterator[str]:
    balanced = [
        one
        for one in played
        if not any(RANDOM in each.rounds and not each.balanced for each in _alike(one, played))
    ]
    if numbers := [str(one.experiment.id) for one in balanced if RANDOM in one.rounds]:
        yield (
            f"Random labelling of experiment {', '.join(numbers)} chose within predicted classes "
            "too, so gains are over that; run it without selection.balance_classes as well"
        )


def _alike(one: Played, played: Sequence[Played]) -> list[Played]:
    return [each for each in played if each.model == one.model]


def _about_tests(gains: Sequence[Gain]) -> Iterator[str]:
    if not gains:
        yield (
            "A strategy can only be held against random with the same model and the same seeds; "
            "run both"
        )
        return
    fewest, family = min(gain.pairs for gain in gains), len(gains)
    yield _reach(fewest, family)
    if fewest < TRUSTED_SEEDS:
        yield (
            f"With fewer than {TRUSTED_SEEDS} seeds other seeds may reverse a conclusion, and "
            "intervals by bootstrap are too narrow"
        )
    verdicts = {gain.verdict for gain in gains}
    if Verdict.NO_BETTER in verdicts:
        yield (
            "“No better than random”: no difference is shown, and the interval ends below a gain "
            "of half a point"
        )
    if Verdict.UNKNOWN in verdicts:
        yield "“Cannot be told”: neither equal nor different is shown; more seeds may tell"
    yield (
        "Each strategy is tested against random alone: which of them is best is not tested, and "
        "p is not corrected for looking at several metrics"
    )


def _reach(pairs: int, family: int) -> str:
    """What the test of so many pairs can show at all."""
    seeds = f"{pairs} paired seed{'s' * (pairs > 1)}"
    p, corrected = smallest_p(pairs), smallest_p(pairs, family)
    least = f"With {seeds} an exact signed-rank test cannot give less than p = {p:.2g}"
    if family > 1:
        least += f", {corrected:.2g} after Holm's correction for {family} strategies"
    if corrected <= LEVEL:
        return f"{least}: a gain in most seeds can be shown at the 5 % level"
    enough = next(n for n in range(pairs, 1000) if smallest_p(n, family) <= LEVEL)
    return f"{least}: no gain, however large, can be shown at the 5 % level before {enough} seeds"


def _about_runs(one: Played, entries: Sequence[Entry]) -> Iterator[str]:
    number = one.experiment.id
    over = sum(n for state, n in one.experiment.states.items() if state.is_over)
    if over < one.experiment.n_runs:
        yield f"Experiment {number} is not over: {over} of its {one.experiment.n_runs} runs are"
    used = sum(len(entry.curve.seeds) for entry in entries if entry.experiment == number)
    if left := sum(map(len, one.rounds.values())) - used:
        yield (
            f"Runs of experiment {number} left out: {left}, behind others of their strategy or "
            "with a test split that does not define the metric"
        )
    if one.spends:
        yield (
            f"Labels of experiment {number} differ in cost; area and labels saved count labels, "
            "not money"
        )
    if has_one_split(one.experiment):
        yield ONE_SPLIT
