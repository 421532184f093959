"""Finding plugins, keeping their failures to themselves, and naming what they offer.

A plugin is an entry point of the group ``alcore``. Built-ins come the same way; their
distribution is alcore itself. Nothing a plugin does at import or in a hook can stop the
others: what went wrong is kept as text and listed.
"""

import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, TypeVar

import pluggy

from alcore import hookspecs
from alcore.components import DatasetSpec, Kind, ModelSpec, Spec, StrategySpec
from alcore.errors import AlcoreError, UsageError, sentence
from alcore.options import suggest
from alcore.spec_check import check_spec
from alcore.strategies import Criterion
from alcore.top_utility import criterion_spec

GROUP = "alcore"
BLOCK_VARIABLE = "ALCORE_BLOCK_PLUGINS"
NO_PLUGINS_VARIABLE = "ALCORE_NO_PLUGINS"
STRICT_VARIABLE = "ALCORE_STRICT_PLUGINS"

Status = Literal["ok", "error", "blocked"]
_HOOKS: Mapping[str, tuple[Kind, type[Spec]]] = {
    "alcore_strategies": ("strategy", StrategySpec),
    "alcore_models": ("model", ModelSpec),
    "alcore_datasets": ("dataset", DatasetSpec),
}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
S = TypeVar("S", bound=Spec)


@dataclass(frozen=True, kw_only=True)
class PluginInfo:
    """One installed plugin, working or not.

    Attributes:
        name: The entry point's name, the first half of ``plugin/component``.
        module: What the entry point names.
        distribution: Installed package it came with.
        version: Version of that package.
        status: "ok"; "error" when anything went wrong; "blocked" when switched off.
        errors: One sentence each; components that are not named here still work.
        components: What it offers, by kind.
        clashes: Whether another plugin had its name first.
    """

    name: str
    module: str
    distribution: str
    version: str
    status: Status
    errors: tuple[str, ...] = ()
    components: Mapping[Kind, tuple[Spec, ...]]
    clashes: bool = False

    @property
    def built_in(self) -> bool:
        """Whether it is shipped with alcore."""
        return self.distribution == "alcore"

    @property
    def remedy(self) -> str:
        """How to switch the plugin off."""
        block = f"set {BLOCK_VARIABLE}={self.distribution if self.clashes else self.name}"
        return block if self.built_in else f"{block}, or: pip uninstall {self.distribution}"


@dataclass(frozen=True, kw_only=True)
class Registry:
    """All plugins and the components that work, by qualified name ``plugin/component``."""

    plugins: tuple[PluginInfo, ...]

    @classmethod
    def load(
        cls,
        *,
        block: Iterable[str] | None = None,
        built_in_only: bool | None = None,
        strict: bool | None = None,
    ) -> "Registry":
        """Find and import every plugin.

        Args:
            block: Names of plugins, or of distributions, to leave out; None reads
                ALCORE_BLOCK_PLUGINS (comma-separated).
            built_in_only: Leave out all that is not part of alcore; None reads ALCORE_NO_PLUGINS.
            strict: Raise the first failure with its traceback, for plugin authors; None
                reads ALCORE_STRICT_PLUGINS.
        """
        blocked = _blocked_names() if block is None else frozenset(block)
        only = _is_set(NO_PLUGINS_VARIABLE) if built_in_only is None else built_in_only
        loader = _Loader(strict=_is_set(STRICT_VARIABLE) if strict is None else strict)
        found = [point for point in _entry_points() if not only or _from_alcore(point)]
        return cls(plugins=tuple(loader.info(point, blocked) for point in found))

    @property
    def strategies(self) -> Mapping[str, StrategySpec]:
        """Strategies by qualified name."""
        return self._by_name("strategy", StrategySpec)

    @property
    def models(self) -> Mapping[str, ModelSpec]:
        """Models by qualified name."""
        return self._by_name("model", ModelSpec)

    @property
    def datasets(self) -> Mapping[str, DatasetSpec]:
        """Datasets by qualified name."""
        return self._by_name("dataset", DatasetSpec)

    def strategy(self, name: str) -> StrategySpec:
        """The strategy of that short or qualified name; UsageError names the nearest."""
        return self.strategies[self.qualify("strategy", name)]

    def model(self, name: str) -> ModelSpec:
        """The model of that short or qualified name; UsageError names the nearest."""
        return self.models[self.qualify("model", name)]

    def dataset(self, name: str) -> DatasetSpec:
        """The dataset of that short or qualified name; UsageError names the nearest."""
        return self.datasets[self.qualify("dataset", name)]

    def qualify(self, kind: Kind, name: str) -> str:
        """The full ``plugin/component`` name.

        Raises:
            UsageError: No such component, or the short name stands for several.
        """
        known = list(self._by_name(kind, Spec))
        matches = [full for full in known if name in (full, full.partition("/")[2])]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(f"{kind} {name!r} is ambiguous; say one of {', '.join(matches)}")
        short = {full.partition("/")[2] for full in known}
        raise UsageError(f"unknown {kind} {name!r}; {suggest(name, {*short, *known})}")

    def source(self, qualified: str) -> str:
        """Distribution and version a component came with, such as ``"alcore 0.1.0"``."""
        name = qualified.partition("/")[0]
        plugin = next(p for p in self.plugins if p.name == name and p.components)
        return f"{plugin.distribution} {plugin.version}"

    def _by_name(self, kind: Kind, of: type[S]) -> dict[str, S]:
        return {
            f"{plugin.name}/{spec.name}": spec
            for plugin in self.plugins
            for spec in plugin.components.get(kind, ())
            if isinstance(spec, of)
        }


def _blocked_names() -> frozenset[str]:
    names = os.environ.get(BLOCK_VARIABLE, "").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").lower() not in ("", "0", "false", "no")


def _entry_points() -> list[EntryPoint]:
    # A set first: an editable install can list the same distribution twice.
    unique = {(p.name, p.value, _distribution(p)[0]): p for p in entry_points(group=GROUP)}
    order = sorted(unique, key=lambda key: (key[2] != "alcore", *key))
    return [unique[key] for key in order]


def _distribution(point: EntryPoint) -> tuple[str, str]:
    return (point.dist.name, point.dist.version) if point.dist else ("unknown", "unknown")


def _from_alcore(point: EntryPoint) -> bool:
    return _distribution(point)[0] == "alcore"


class _Loader:
    """Loads entry points one by one; remembers the names that are taken."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._taken: dict[str, str] = {}

    def info(self, point: EntryPoint, block: frozenset[str]) -> PluginInfo:
        errors: list[str] = []
        components: dict[Kind, tuple[Spec, ...]] = {}
        distribution, version = _distribution(point)
        blocked = not block.isdisjoint((point.name, distribution))
        if not blocked:
            for kind, spec in self._guarded(lambda: self._specs(point, errors), errors) or ():
                components[kind] = (*components.get(kind, ()), spec)
        return PluginInfo(
            name=point.name,
            module=point.value,
            distribution=distribution,
            version=version,
            status="blocked" if blocked else "error" if errors else "ok",
            errors=tuple(errors),
            components=components,
            clashes=self._taken.get(point.name, distribution) != distribution,
        )

    def _guarded(self, action: Callable[[], Any], errors: list[str]) -> Any:
        try:
            return action()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a plugin may even call sys.exit at import
            if self._strict:
                raise
            errors.append(sentence(error))
            return None

    def _specs(self, point: EntryPoint, errors: list[str]) -> list[tuple[Kind, Spec]]:
        self._take_name(point)
        manager = _manager(point.load(), point.name)
        offered: list[tuple[Kind, Spec]] = []
        for hook in _HOOKS:
            for implementation in getattr(manager.hook, hook).get_hookimpls():
                call = implementation.function
                offered += self._guarded(partial(_offers, hook, call), errors) or []
        return [item for item in offered if self._acceptable(item, offered, errors)]

    def _take_name(self, point: EntryPoint) -> None:
        if not _NAME.fullmatch(point.name):
            raise AlcoreError(f"the plugin name {point.name!r} must be letters, digits, . _ and -")
        owner = self._taken.setdefault(point.name, _distribution(point)[0])
        if owner != _distribution(point)[0]:
            raise AlcoreError(f"the plugin name {point.name!r} is already taken by {owner}")

    def _acceptable(
        self, item: tuple[Kind, Spec], offered: list[tuple[Kind, Spec]], errors: list[str]
    ) -> bool:
        accepted = self._guarded(lambda: _check_offer(item, offered), errors)
        return accepted is True


def _manager(module: object, name: str) -> pluggy.PluginManager:
    if not hasattr(module, "__dict__"):
        raise AlcoreError(f"its entry point names {_type(module)}; it must name a module")
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module, name=name)
    manager.check_pending()
    implemented = {hook for hook in _HOOKS if getattr(manager.hook, hook).get_hookimpls()}
    for function in _unmarked(module, implemented):
        known = ", ".join(_HOOKS)
        raise AlcoreError(
            f"{function} looks like a hook but is not one; the hooks are {known}, "
            "each marked with @alcore.hookimpl"
        )
    if not implemented:
        raise AlcoreError(f"{name} implements no hook; the hooks are {', '.join(_HOOKS)}")
    return manager


def _unmarked(module: object, implemented: set[str]) -> Iterator[str]:
    for name, value in vars(module).items():
        if name.startswith("alcore_") and inspect.isfunction(value) and name not in implemented:
            yield name


def _offers(hook: str, call: Callable[[], Any]) -> list[tuple[Kind, Spec]]:
    kind, wanted = _HOOKS[hook]
    answer, offered = call(), []
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes):
        raise AlcoreError(
            f"{hook} returned {_type(answer)}; it must return a list of {_of(wanted)}"
        )
    for item in answer:
        spec = criterion_spec(item) if isinstance(item, Criterion) else item
        if not isinstance(spec, wanted):
            raise AlcoreError(f"{hook} listed {_type(item)}; it must list {_of(wanted)}")
        offered.append((kind, spec))
    return offered


def _type(value: object) -> str:
    return f"{type(value).__name__} ({value!r:.60})"


def _of(wanted: type[Spec]) -> str:
    extra = " or Criterion" if wanted is StrategySpec else ""
    return f"{wanted.__name__}{extra} objects"


def _check_offer(item: tuple[Kind, Spec], offered: list[tuple[Kind, Spec]]) -> bool:
    kind, spec = item
    check_spec(kind, spec)
    if sum((k, other.name) == (kind, spec.name) for k, other in offered) > 1:
        raise AlcoreError(f"the plugin offers several components as {kind} {spec.name!r}")
    return True
