"""`alcore plugins`: what is installed, what it offers, what went wrong."""

import json
import sys
from contextlib import redirect_stdout

import click

from alcore.components import Kind, Spec, StrategySpec
from alcore.options import OptionInfo, describe
from alcore.plugins import PluginInfo, Registry

_KINDS: tuple[Kind, ...] = ("strategy", "model", "dataset")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--check", is_flag=True, help="Also time each import and name heavy modules.")
@click.pass_context
def plugins(context: click.Context, as_json: bool, check: bool) -> None:
    """List plugins: name, version, where from, status, what they offer."""
    if context.invoked_subcommand is not None:
        return
    found = [_facts(plugin, check) for plugin in _registry().plugins]
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(map(_lines, found)))


def _registry() -> Registry:
    with redirect_stdout(sys.stderr):  # what plugins print is no part of the list
        return Registry.load()


def _facts(plugin: PluginInfo, check: bool) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": plugin.name,
        "version": plugin.version,
        "distribution": plugin.distribution,
        "module": plugin.module,
        "status": plugin.status,
        "errors": list(plugin.errors),
        "offers": [
            {"kind": kind, "name": spec.name, "summary": spec.summary, "needs": spec.missing()}
            for kind in _KINDS
            for spec in plugin.components.get(kind, ())
        ],
    }
    if plugin.status == "error":
        facts["remedy"] = plugin.remedy
    if check and plugin.status != "blocked":
        from alcore.import_check import check_import

        facts["import"] = check_import(plugin.module)
    return facts


def _lines(facts: dict[str, object]) -> str:
    head = "{name} {version}  [{status}]  from {distribution} ({module})".format(**facts)
    return "\n".join([head, *_offers(facts), *_troubles(facts), *_import(facts)])


def _offers(facts: dict[str, object]) -> list[str]:
    offers = facts["offers"]
    assert isinstance(offers, list)
    return [
        f"  {offer['kind']:<9}{offer['name']:<20}{_needs(offer)}{offer['summary']}"
        for offer in offers
    ]


def _needs(offer: dict[str, object]) -> str:
    needs = offer["needs"]
    assert isinstance(needs, tuple)
    return f"[needs {', '.join(needs)}] " if needs else ""


def _troubles(facts: dict[str, object]) -> list[str]:
    errors = facts["errors"]
    assert isinstance(errors, list)
    switch_off = [f"  to switch it off: {facts['remedy']}"] if "remedy" in facts else []
    return [f"  error: {error}" for error in errors] + switch_off


def _import(facts: dict[str, object]) -> list[str]:
    measured = facts.get("import")
    if not isinstance(measured, dict):
        return []
    if "error" in measured:
        return [f"  import fails: {measured['error']}"]
    heavy = ", ".join(measured["heavy"]) or "none"
    return [f"  import takes {measured['seconds']:.2f} s; heavy modules pulled in: {heavy}"]


@plugins.command()
@click.argument("name")
def show(name: str) -> None:
    """Show a component (or all of a plugin) with its options."""
    registry = _registry()
    shown = [
        _component(kind, full, spec)
        for kind, table in (
            ("strategy", registry.strategies),
            ("model", registry.models),
            ("dataset", registry.datasets),
        )
        for full, spec in table.items()
        if name in (full, spec.name, full.partition("/")[0])
    ]
    if not shown:
        from alcore.errors import UsageError
        from alcore.options import suggest

        every = [*registry.strategies, *registry.models, *registry.datasets]
        known = {part for full in every for part in (full, *full.split("/"))}
        raise UsageError(f"unknown component {name!r}; {suggest(name, known)}")
    click.echo("\n\n".join(shown))


def _component(kind: str, full: str, spec: Spec) -> str:
    lines = [f"{full}  ({kind})", f"  {spec.summary}"]
    if missing := spec.missing():
        lines.append(f"  needs {', '.join(missing)}")
    if isinstance(spec, StrategySpec):
        lines.append(f"  reads {', '.join(sorted(spec.needs)) or 'nothing of the model'}")
        lines += [f"  costs {spec.cost}"] if spec.cost else []
        if spec.exact_up_to is not None:
            lines.append(f"  sees pools up to {spec.exact_up_to:,}; of larger ones as many, drawn")
    formula = getattr(spec, "criterion", None)
    if formula is not None:
        lines.append(f"  direction: {formula.direction}")
        lines += [f"  {line.strip()}" for line in formula.documentation.splitlines()[1:]]
    return "\n".join(lines + [_option(kind, full, info) for info in describe(spec.options)])


def _option(kind: str, full: str, info: OptionInfo) -> str:
    # An experiment has several strategies, so each carries its options where it is listed.
    place = f"--set {kind}.{info.name}={info.default}"
    if kind == "strategy":
        place = f'strategies = [{{ name = "{full}", {info.name} = {json.dumps(info.default)} }}]'
    bounds = [f"at least {info.minimum:g}"] if info.minimum is not None else []
    bounds += [f"at most {info.maximum:g}"] if info.maximum is not None else []
    bounds += [f"one of {', '.join(map(str, info.choices))}"] if info.choices else []
    limits = f" ({'; '.join(bounds)})" if bounds else ""
    return f"  {place}  {info.kind.__name__}: {info.help}{limits}"
