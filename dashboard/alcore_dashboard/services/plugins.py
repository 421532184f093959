"""What is installed, as tables."""

from dataclasses import dataclass

from alcore.components import Spec
from alcore.plugins import PluginInfo, Registry

_MARK = {"ok": "✓ ok", "error": "✗ error", "blocked": "– switched off"}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One component that a plugin offers; `missing` lists what must be installed first."""

    kind: str
    name: str
    summary: str
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PluginRow:
    """One plugin for the page."""

    name: str
    source: str
    status: str
    is_broken: bool
    errors: tuple[str, ...]
    remedy: str
    offers: tuple[Offer, ...]


def plugin_rows(registry: Registry) -> tuple[PluginRow, ...]:
    """Every installed plugin, the broken ones first."""
    rows = [_row(info) for info in registry.plugins]
    return tuple(sorted(rows, key=lambda row: not row.is_broken))


def _row(info: PluginInfo) -> PluginRow:
    where = "shipped with alcore" if info.built_in else f"from {info.distribution}"
    return PluginRow(
        name=info.name,
        source=f"version {info.version}, {where}",
        status=_MARK[info.status],
        is_broken=info.status == "error",
        errors=info.errors,
        remedy=info.remedy,
        offers=tuple(
            _offer(kind, spec) for kind, specs in info.components.items() for spec in specs
        ),
    )


def _offer(kind: str, spec: Spec) -> Offer:
    return Offer(kind=kind, name=spec.name, summary=spec.summary, missing=spec.missing())


def takeaway(rows: tuple[PluginRow, ...]) -> str:
    """How many plugins there are and whether they work."""
    broken = [row.name for row in rows if row.is_broken]
    offers = sum(len(row.offers) for row in rows)
    if broken:
        return f"{len(broken)} of {len(rows)} plugins failed: {', '.join(broken)}."
    return f"{len(rows)} plugins offer {offers} components; none failed."
