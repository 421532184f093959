"""Plugins as the page shows them."""

from dataclasses import replace

from alcore.components import StrategySpec
from alcore.plugins import PluginInfo, Registry
from alcore_dashboard.services import plugins
from fakes import registry


def broken(**changes: object) -> PluginInfo:
    info = PluginInfo(
        name="bad",
        module="bad",
        distribution="bad-dist",
        version="2",
        status="error",
        errors=("SystemExit: 1",),
        components={},
    )
    return replace(info, **changes)  # type: ignore[arg-type]


def test_broken_plugins_come_first_with_error_and_remedy() -> None:
    rows = plugins.plugin_rows(Registry(plugins=(*registry().plugins, broken())))
    assert rows[0].name == "bad"
    assert rows[0].errors == ("SystemExit: 1",)
    assert "ALCORE_BLOCK_PLUGINS=bad" in rows[0].remedy
    assert rows[0].source == "version 2, from bad-dist"
    assert plugins.takeaway(rows) == f"1 of {len(rows)} plugins failed: bad."


def test_a_blocked_plugin_is_no_failure() -> None:
    rows = plugins.plugin_rows(Registry(plugins=(broken(status="blocked", errors=()),)))
    assert not rows[0].is_broken
    assert "none failed" in plugins.takeaway(rows)


def test_what_is_missing_is_named() -> None:
    spec = StrategySpec(
        name="s",
        summary="s",
        make=lambda options: None,
        requires={"no_such_module": "alcore[tensorflow]"},
    )
    info = broken(status="ok", errors=(), components={"strategy": (spec,)})
    (row,) = plugins.plugin_rows(Registry(plugins=(info,)))
    assert row.offers[0].missing == ("alcore[tensorflow]",)
