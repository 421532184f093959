"""What is installed: plugins, what they offer, and how to write one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

import pandas as pd

from alcore.components import DatasetSpec, Kind, ModelSpec, Spec, StrategySpec
from alcore.options import OptionInfo, describe
from alcore.plugins import BLOCK_VARIABLE, PluginInfo, Registry, Status
from alcore.strategies import Need
from alcore_dashboard.services.csv_file import csv_file

_MARK: Mapping[Status, str] = {"ok": "✓ ok", "error": "✗ error", "blocked": "– switched off"}
_PICKS = {"max": "the largest values first", "min": "the smallest values first"}
_READ: Mapping[Need, str] = {
    "probabilities": "class probabilities of the pool",
    "embeddings": "embeddings of the pool",
    "labelled_embeddings": "embeddings of the labelled samples",
    "members": "class probabilities by each member of a committee",
}
_IN_EXPERIMENT = 'strategies = ["random", "{name}"]'
_USE: Mapping[Kind, str] = {
    "strategy": "alcore select probabilities.npy --strategy {name} -n 50",
    "model": '[model]\nname = "{name}"',
    "dataset": '[dataset]\nname = "{name}"',
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One component that a plugin offers.

    Attributes:
        kind: What it is.
        name: Qualified, "plugin/component".
        spec: What its author says of it.
    """

    kind: Kind
    name: str
    spec: Spec

    @property
    def use(self) -> str:
        """How to use it, as a command or as lines of an experiment's TOML."""
        spec = self.spec
        in_experiment = isinstance(spec, StrategySpec) and spec.needs - {"probabilities"}
        return (_IN_EXPERIMENT if in_experiment else _USE[self.kind]).format(name=self.name)


@dataclass(frozen=True, kw_only=True)
class PluginRow:
    """One plugin for the page.

    Attributes:
        info: What the registry found.
        offers: Its components that work.
    """

    info: PluginInfo
    offers: tuple[Offer, ...]

    @property
    def mark(self) -> str:
        """The status with a sign that is seen without colours."""
        return _MARK[self.info.status]

    @property
    def source(self) -> str:
        """Distribution, version and module."""
        info = self.info
        shipped = "shipped with" if info.built_in else "from"
        return f"{shipped} {info.distribution} {info.version}, module {info.module}"

    @property
    def remedy(self) -> str:
        """How to switch it off, or on again; "" where there is no need."""
        again = "then start the dashboard again"
        if self.info.status == "error":
            return f"To switch it off: {self.info.remedy}; {again}."
        if self.info.status == "blocked":
            return f"To switch it on: take {self.info.name} out of {BLOCK_VARIABLE}, {again}."
        return ""


def plugin_rows(registry: Registry) -> tuple[PluginRow, ...]:
    """Every installed plugin, the broken ones first."""
    rows = [PluginRow(info=info, offers=tuple(_offers(info))) for info in registry.plugins]
    return tuple(sorted(rows, key=lambda row: row.info.status != "error"))


def _offers(info: PluginInfo) -> Iterable[Offer]:
    for kind, specs in info.components.items():
        for spec in specs:
            yield Offer(kind=kind, name=f"{info.name}/{spec.name}", spec=spec)


def documentation(spec: Spec) -> list[str]:
    """Paragraphs of its formula's docstring after the summary."""
    criterion = spec.criterion if isinstance(spec, StrategySpec) else None
    lines = criterion.documentation.partition("\n")[2] if criterion else ""
    return [" ".join(part.split()) for part in lines.split("\n\n") if part.strip()]


def facts(spec: Spec) -> Iterable[tuple[str, str]]:
    """What it needs, does and costs, as pairs of a heading and a text."""
    if isinstance(spec, StrategySpec):
        read = [_READ[need] for need in sorted(spec.needs)]
        yield "Needs", ", ".join(read) or "nothing of the model, only the order of the pool"
        if spec.criterion is not None:
            yield "Labels first", _PICKS[spec.criterion.direction]
        yield "Costs", spec.cost or "not stated by its author"
        if spec.exact_up_to is not None:
            yield (
                "Sees",
                f"pools up to {spec.exact_up_to:,}; of larger ones as many, drawn each round",
            )
    if isinstance(spec, ModelSpec):
        yield "Asks of the dataset", spec.consumes
    if isinstance(spec, DatasetSpec):
        yield "Offers to models", ", ".join(sorted(spec.provides))
    for wanted in sorted(set(spec.requires.values())):
        yield "Requires", f"{wanted}, {'not ' if wanted in spec.missing() else ''}installed"


def search(rows: tuple[PluginRow, ...], text: str) -> tuple[PluginRow, ...]:
    """The rows in which every word of the text stands.

    A plugin whose own name, source or status has them keeps all it offers; another one keeps
    the components that have them. The full name of a component finds that one alone.
    """
    found = [row for row in (_exactly(row, text.strip()) for row in rows) if row.offers]
    if found:
        return tuple(found)
    words = text.casefold().split()
    narrowed = (_narrowed(row, words) for row in rows)
    return tuple(row for row in narrowed if row is not None)


def _exactly(row: PluginRow, name: str) -> PluginRow:
    return replace(row, offers=tuple(offer for offer in row.offers if offer.name == name))


def _narrowed(row: PluginRow, words: list[str]) -> PluginRow | None:
    if _has(f"{row.info.name} {row.source} {row.mark} {' '.join(row.info.errors)}", words):
        return row
    offers = tuple(o for o in row.offers if _has(f"{o.kind} {o.name} {o.spec.summary}", words))
    return replace(row, offers=offers) if offers else None


def _has(text: str, words: list[str]) -> bool:
    plain = f"{text} {text.replace('_', ' ')}".casefold()
    return all(word in plain for word in words)


def option_text(info: OptionInfo) -> str:
    """What an option is, by default and within which bounds, and what it does."""
    return f"{info.kind.__name__}, {info.default} by default, {allowed(info)}: {info.help}"


def allowed(info: OptionInfo) -> str:
    """Bounds or choices in words."""
    if info.choices:
        return f"one of {', '.join(map(str, info.choices))}"
    low = "" if info.minimum is None else f"{info.minimum:g} or more"
    high = "" if info.maximum is None else f"{info.maximum:g} or less"
    if low and high:
        return f"{info.minimum:g} to {info.maximum:g}"
    return low or high or "any value"


def takeaway(rows: tuple[PluginRow, ...]) -> str:
    """How many plugins there are and whether they work."""
    broken = [row.info.name for row in rows if row.info.status == "error"]
    if broken:
        return f"{len(broken)} of {_count(len(rows), 'plugin')} failed: {', '.join(broken)}."
    offers = [offer for row in rows for offer in row.offers]
    waiting = sum(bool(offer.spec.missing()) for offer in offers)
    ready = f"{waiting} of them need more to be installed" if waiting else "all are ready"
    return (
        f"{_count(len(rows), 'plugin')} offer{'s' * (len(rows) == 1)} "
        f"{_count(len(offers), 'component')}; {ready}; no plugin failed."
    )


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def csv_bytes(rows: tuple[PluginRow, ...]) -> bytes:
    """One line per component, and one per plugin without any, as CSV."""
    lines = []
    for row in rows:
        plugin = {
            "plugin": row.info.name,
            "source": row.source,
            "status": row.info.status,
            "errors": " ".join(row.info.errors),
        }
        lines += [plugin | _line(offer) for offer in row.offers] or [plugin]
    return csv_file(pd.DataFrame(lines))


def _line(offer: Offer) -> dict[str, str]:
    spec = offer.spec
    options = (f"{option.name}={option.default}" for option in describe(spec.options))
    return {
        "kind": offer.kind,
        "component": offer.name,
        "summary": spec.summary,
        "needs": " ".join(spec.missing()),
        "options": " ".join(options),
    }


def example() -> str:
    """How to write a plugin, with a complete one; markdown, as in plugins/README.md.

    Code is without a language: Streamlit's colours for Python are too pale on a light page.
    """
    text = (files("alcore.testing") / "example_plugin.md").read_text(encoding="utf-8")
    return re.sub(r"^```\w+", "```text", text, flags=re.MULTILINE)
