"""Discovery: one bad plugin costs itself, everything is listed, names are unambiguous."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from alcore.errors import AlcoreError, UsageError
from alcore.plugins import PluginInfo, Registry

Install = Callable[..., None]

GOOD = """
from alcore import criterion, hookimpl

@criterion(direction="max")
def doubt(probabilities):
    "One minus the largest probability."
    return 1 - probabilities.max(axis=1)

@hookimpl
def alcore_strategies():
    return [doubt]
"""

MODEL = """
from dataclasses import dataclass
from alcore import hookimpl, ModelSpec, option
@dataclass(frozen=True, kw_only=True)
class Wrong:
    rate: float = option(5.0, help="", maximum=1.0)
@hookimpl
def alcore_models():
    return [ModelSpec(name='m', summary='', make=print, {})]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a distribution with one plugin module on the path, as pip would."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(
        name: str, text: str, *, distribution: str | None = None, attribute: str = ""
    ) -> None:
        module = f"plugin_{distribution or name}".replace("-", "_")
        # Imported afresh, although another test may have had a plugin of that name.
        monkeypatch.delitem(sys.modules, module, raising=False)
        (tmp_path / f"{module}.py").write_text(text)
        info = tmp_path / f"{(distribution or name).replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {distribution or name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[alcore]\n{name} = {module}{attribute}\n")

    return write


def found(registry: Registry, name: str) -> PluginInfo:
    return next(plugin for plugin in registry.plugins if plugin.name == name)


def test_built_ins_come_through_entry_points() -> None:
    registry = Registry.load()
    assert found(registry, "uncertainty").built_in and found(registry, "digits").status == "ok"
    assert registry.qualify("strategy", "entropy") == "uncertainty/entropy"
    assert registry.source("digits/cnn").startswith("alcore ")
    assert set(registry.datasets) >= {"digits/digits"}


def test_a_third_party_criterion_becomes_a_strategy(install: Install) -> None:
    install("doubtful", GOOD)
    registry = Registry.load()
    plugin = found(registry, "doubtful")
    assert (plugin.status, plugin.version, plugin.distribution) == ("ok", "1.2", "doubtful")
    assert registry.strategy("doubt").criterion is not None
    assert registry.strategy("doubtful/doubt").summary == "One minus the largest probability."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("1/0", "ZeroDivisionError: division by zero"),
        ("x = 1", "bad implements no hook"),
        ("def alcore_strategies(): return []", "alcore_strategies looks like a hook"),
        (
            "from alcore import hookimpl\n@hookimpl\ndef alcore_strategy(): return []",
            "unknown hook 'alcore_strategy'",
        ),
        (
            "from alcore import hookimpl\n@hookimpl\ndef alcore_models(extra): return []",
            "hookimpl definition",
        ),
        (
            "from alcore import hookimpl\n@hookimpl\ndef alcore_models(): return 7",
            "alcore_models returned int",
        ),
        (
            "from alcore import hookimpl\n@hookimpl\ndef alcore_models(): return ['cnn']",
            "alcore_models listed str",
        ),
        (
            "from alcore import hookimpl\n@hookimpl\ndef alcore_models(): raise ValueError('no')",
            "ValueError: no",
        ),
        (
            "from alcore import hookimpl, StrategySpec\n@hookimpl\ndef alcore_strategies():\n"
            "  return [StrategySpec(name='Bad Name', summary='', make=print)]",
            "'Bad Name' must be lower case",
        ),
        (
            "from alcore import hookimpl, StrategySpec\n@hookimpl\ndef alcore_strategies():\n"
            "  s = lambda: StrategySpec(name='twin', summary='', make=print)\n"
            "  return [s(), s()]",
            "several components as strategy 'twin'",
        ),
        (
            "from alcore import hookimpl, StrategySpec\n@hookimpl\ndef alcore_strategies():\n"
            "  return [StrategySpec(name='none', summary='', make=None)]",
            "make of strategy 'none' must be a function",
        ),
        ("class E(Exception):\n  def __str__(self): return 1/0\nraise E", "E: no message"),
        (
            "from alcore import criterion\n@criterion(direction='maximum')\ndef f(p): return p",
            "direction of criterion 'f' must be 'max' or 'min', not 'maximum'",
        ),
        (MODEL.format("consumes='image'"), "consumes of model 'm' must be 'images' or 'features'"),
        (
            MODEL.format("consumes='images', requires=['tensorflow']"),
            "requires of model 'm' must map top-level modules",
        ),
        (
            MODEL.format("consumes='images', requires={'tensorflow.keras': 'tensorflow'}"),
            "requires of model 'm' must map top-level modules",
        ),
        (MODEL.format("consumes='images', options=3"), "options of model 'm' must be a dataclass"),
        (
            MODEL.format("consumes='images', options=Wrong"),
            "the default of Wrong.rate must be at most 1, not 5",
        ),
        (
            MODEL.format("consumes='images'").replace("summary=''", "summary=None"),
            "the summary of model 'm' must be text, not NoneType",
        ),
        (
            "from alcore import hookimpl, DatasetSpec\n@hookimpl\ndef alcore_datasets():\n"
            "  return [DatasetSpec(name='d', summary='', make=print, provides='images')]",
            "provides of dataset 'd' must be a frozenset",
        ),
    ],
)
def test_a_broken_plugin_costs_itself_alone(install: Install, text: str, sentence: str) -> None:
    install("bad", text)
    install("doubtful", GOOD)
    registry = Registry.load()
    plugin = found(registry, "bad")
    assert plugin.status == "error" and sentence in plugin.errors[0]
    assert "ALCORE_BLOCK_PLUGINS=bad" in plugin.remedy and "pip uninstall bad" in plugin.remedy
    assert found(registry, "doubtful").status == "ok"
    assert registry.strategy("entropy").name == "entropy"
    with pytest.raises(BaseException):  # noqa: B017, PT011 -- whatever the plugin raised, unchanged
        Registry.load(strict=True)


def test_the_good_half_of_a_plugin_still_works(install: Install) -> None:
    broken = "\n@hookimpl\ndef alcore_models():\n    raise ValueError('no models today')\n"
    install("half", GOOD + broken)
    registry = Registry.load()
    assert found(registry, "half").errors == ("ValueError: no models today",)
    assert registry.strategy("doubt").name == "doubt"


def test_two_plugins_with_one_name(install: Install) -> None:
    install("doubtful", GOOD, distribution="aaa-first")
    install("doubtful", GOOD, distribution="zzz-second")
    first, second = (plugin for plugin in Registry.load().plugins if plugin.name == "doubtful")
    assert first.status == "ok"
    assert second.errors == ("the plugin name 'doubtful' is already taken by aaa-first",)


def test_a_clash_is_switched_off_without_the_plugin_that_had_the_name(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("uncertainty", GOOD, distribution="zzz-second")
    second = Registry.load().plugins[-1]
    assert second.remedy == "set ALCORE_BLOCK_PLUGINS=zzz-second, or: pip uninstall zzz-second"
    monkeypatch.setenv("ALCORE_BLOCK_PLUGINS", "zzz-second")
    registry = Registry.load()
    assert found(registry, "uncertainty").status == "ok"
    assert registry.plugins[-1].status == "blocked"


def test_an_entry_point_that_is_no_module_or_has_a_bad_name(install: Install) -> None:
    install("five", "thing = 5", attribute=":thing")
    install("a/b", GOOD, distribution="slash")
    registry = Registry.load()
    assert found(registry, "five").errors == (
        "its entry point names int (5); it must name a module",
    )
    assert "must be letters, digits" in found(registry, "a/b").errors[0]


def test_nobody_takes_the_name_of_a_built_in(install: Install) -> None:
    install("uncertainty", GOOD, distribution="aaa-impostor")
    registry = Registry.load()
    assert [p.distribution for p in registry.plugins if p.name == "uncertainty"] == [
        "alcore",
        "aaa-impostor",
    ]
    assert "uncertainty/doubt" not in registry.strategies
    assert "uncertainty/entropy" in registry.strategies


def test_an_ambiguous_short_name_asks_for_the_long_one(install: Install) -> None:
    install("one", GOOD)
    install("two", GOOD)
    registry = Registry.load()
    with pytest.raises(UsageError, match="ambiguous; say one of one/doubt, two/doubt"):
        registry.strategy("doubt")
    assert registry.strategy("two/doubt").name == "doubt"


def test_blocking(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("bad", "import sys; sys.exit(1)")
    install("doubtful", GOOD)
    monkeypatch.setenv("ALCORE_BLOCK_PLUGINS", "bad, doubtful")
    registry = Registry.load(strict=True)
    assert found(registry, "bad").status == found(registry, "doubtful").status == "blocked"
    monkeypatch.setenv("ALCORE_NO_PLUGINS", "1")
    assert all(plugin.built_in for plugin in Registry.load().plugins)


def test_unknown_names_suggest_the_nearest() -> None:
    registry = Registry.load(built_in_only=True)
    with pytest.raises(UsageError, match="unknown strategy 'entrpy'; did you mean 'entropy'"):
        registry.strategy("entrpy")


def test_a_missing_extra_is_listed_and_refused_with_the_remedy() -> None:
    from alcore.components import ModelSpec

    spec = ModelSpec(
        name="net",
        summary="",
        make=print,
        consumes="images",
        requires={"surely_not_installed": "alcore[tensorflow]", "json": "json"},
    )
    assert spec.missing() == ("alcore[tensorflow]",)
    with pytest.raises(AlcoreError) as caught:
        spec.create(None)
    assert str(caught.value) == (
        "'net' needs alcore[tensorflow]; pip install \"alcore[tensorflow]\""
    )
