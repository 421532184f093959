"""Plugins as the page shows them."""

import csv
import io

import pytest

from alcore.options import OptionInfo, describe
from alcore.plugins import PluginInfo, Registry
from alcore_dashboard.services import plugins
from alcore_dashboard.services.plugins import PluginRow
from fakes import broken, registry, waiting


def rows(*more: PluginInfo) -> tuple[PluginRow, ...]:
    return plugins.plugin_rows(Registry(plugins=(*registry().plugins, *more)))


def names(found: tuple[PluginRow, ...]) -> list[str]:
    return [offer.name for row in found for offer in row.offers]


def offer(name: str, *more: PluginInfo) -> plugins.Offer:
    (found,) = (o for row in rows(*more) for o in row.offers if o.name == name)
    return found


def facts(name: str, *more: PluginInfo) -> list[tuple[str, str]]:
    return list(plugins.facts(offer(name, *more).spec))


def test_broken_plugins_come_first_with_error_and_remedy() -> None:
    first = rows(broken())[0]
    assert first.info.name == "bad"
    assert first.info.errors == ("SystemExit: 1",)
    assert "ALCORE_BLOCK_PLUGINS=bad, or: pip uninstall bad-dist" in first.remedy
    assert "start the dashboard again" in first.remedy
    assert first.source == "from bad-dist 2, module bad_module"
    assert plugins.takeaway(rows(broken())) == f"1 of {len(rows()) + 1} plugins failed: bad."


def test_nobody_is_told_to_uninstall_alcore() -> None:
    assert "uninstall" not in broken(distribution="alcore").remedy


def test_a_blocked_plugin_is_no_failure_and_can_be_switched_on() -> None:
    (row,) = plugins.plugin_rows(Registry(plugins=(broken(status="blocked", errors=()),)))
    assert row.mark == "– switched off"
    assert "take bad out of ALCORE_BLOCK_PLUGINS" in row.remedy
    assert "no plugin failed" in plugins.takeaway((row,))


def test_what_is_missing_is_named_and_counted() -> None:
    assert offer("other/slow_one", waiting()).spec.missing() == ("alcore[tensorflow]",)
    assert ("Requires", "alcore[tensorflow], not installed") in facts("other/slow_one", waiting())
    (row,) = plugins.plugin_rows(Registry(plugins=(waiting(),)))
    assert "1 plugin offers 1 component; 1 of them" in plugins.takeaway((row,))


def test_a_criterion_says_its_direction_equation_source_and_cost() -> None:
    said = dict(facts("uncertainty/entropy"))
    assert said["Needs"] == "class probabilities of the pool"
    assert said["Labels first"] == "the largest values first"
    assert "n x c" in said["Costs"]
    equation, source = plugins.documentation(offer("uncertainty/entropy").spec)
    assert equation.startswith("-sum_y p(y | x) ln p(y | x)")
    assert source.startswith("C. Shannon")
    assert dict(facts("uncertainty/least_confidence"))["Labels first"].startswith("the small")


def test_random_needs_nothing_of_the_model() -> None:
    said = dict(facts("uncertainty/random"))
    assert said["Needs"].startswith("nothing of the model")
    assert "Labels first" not in said
    assert "O(n log n)" in said["Costs"]


def test_every_built_in_strategy_states_its_cost() -> None:
    for name, spec in registry().strategies.items():
        assert spec.cost, name


def test_models_and_datasets_say_what_goes_together() -> None:
    assert ("Asks of the dataset", "images") in facts("digits/cnn")
    assert ("Offers to models", "features, images") in facts("digits/digits")
    assert offer("digits/cnn").use == '[model]\nname = "digits/cnn"'


def test_options_have_defaults_and_bounds() -> None:
    (depth,) = describe(offer("other/slow_one", waiting()).spec.options)
    assert plugins.option_text(depth) == "int, 3 by default, 1 to 9: how deep"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "any value"),
        ({"minimum": 0.5}, "0.5 or more"),
        ({"maximum": 9}, "9 or less"),
        ({"choices": (1, 2)}, "one of 1, 2"),
    ],
)
def test_what_is_allowed(limits: dict[str, object], words: str) -> None:
    info = OptionInfo(name="o", kind=float, default=1, help="h", **limits)  # type: ignore[arg-type]
    assert plugins.allowed(info) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uncertainty/entropy", ["uncertainty/entropy"]),
        (" ENTROPY ", ["committee/vote_entropy", "uncertainty/entropy"]),
        ("smallest margin", ["uncertainty/smallest_margin"]),
        ("model cnn keras", ["digits/cnn"]),
        ("bad-dist", ["other/slow_one"]),
        ("nothing like it", []),
    ],
)
def test_search(text: str, expected: list[str]) -> None:
    assert names(plugins.search(rows(waiting()), text)) == expected


def test_an_empty_search_finds_all_and_an_error_can_be_searched_for() -> None:
    everything = rows(broken())
    assert plugins.search(everything, " ") == everything
    assert [row.info.name for row in plugins.search(everything, "systemexit")] == ["bad"]


def test_the_csv_has_a_line_per_component_and_no_formula() -> None:
    text = plugins.csv_bytes(rows(broken(), waiting())).decode()
    lines = {line["component"]: line for line in csv.DictReader(io.StringIO(text))}
    assert lines[""]["plugin"] == "bad"
    assert lines["other/slow_one"]["summary"] == "'=slow"
    assert lines["other/slow_one"]["needs"] == "alcore[tensorflow]"
    assert lines["other/slow_one"]["options"] == "depth=3"
    assert set(names(rows())) < set(lines)
