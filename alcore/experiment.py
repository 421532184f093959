"""Experiments: strategies x seeds on one dataset and model, written in one TOML file."""

import dataclasses
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alcore.components import Spec
from alcore.errors import UsageError
from alcore.options import (
    OptionInfo,
    Scalar,
    check,
    describe,
    option,
    suggest,
    to_dict,
    with_whole_paths,
)
from alcore.options import build as build_options
from alcore.pipeline import Pipeline
from alcore.plugins import Registry
from alcore.toml_lines import located

MAX_SEEDS = 1000


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component by name with the options that differ from its defaults."""

    name: str
    options: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a publication says of the same experiment, to be shown beside what is measured.

    Attributes:
        source: Who says it.
        chosen_minus_test: Accuracy on the chosen batch before it is learnt, minus accuracy on
            the test split, in points.
        gain: What learning the batch adds to the accuracy on the test split, in points.
    """

    source: str = option("", help="who says it")
    chosen_minus_test: float = option(0.0, help="accuracy on the batch minus on test, in points")
    gain: float = option(0.0, help="what the batch adds on test, in points")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Runs to be compared: every strategy with every seed.

    Attributes:
        title: What people see.
        dataset, model: Components, one each.
        strategies: At least one; include ``random``, the baseline of every comparison.
        seeds: At least one, all different, not negative.
        initial, validation, test: Sizes of the splits; the rest is the pool.
        order: "shuffled", each seed with splits of its own, or "source", one after the other
            in the order that the dataset's source defines: the same for every seed.
        duplicates: "reported", or "together": near-identical samples stay in one split.
        imbalance: How many times as many samples of the most frequent class there are to learn
            from as of the rarest (`alcore.splits.long_tail`); 1: as the dataset has them.
        samples: Budget, labels to buy beyond the initial ones.
        batch: Labels per round.
        spend: The most that these labels may cost, in the unit of the dataset's costs; 0: any.
        pipeline: What surrounds every strategy.
        claims: What somebody else measured, or None.
    """

    title: str
    dataset: Component
    model: Component
    strategies: tuple[Component, ...]
    seeds: tuple[int, ...]
    initial: int
    validation: int
    test: int
    samples: int
    batch: int
    order: str = "shuffled"
    duplicates: str = "reported"
    imbalance: float = 1.0
    spend: float = 0.0
    pipeline: Pipeline = field(default_factory=Pipeline)
    claims: Claims | None = None

    @property
    def rounds(self) -> int:
        """Rounds of each run, the first model included."""
        return -(-self.samples // self.batch) + 1

    @property
    def final_labels(self) -> int:
        """Labels of each run once its budget is spent."""
        return self.initial + self.samples

    def to_toml(self) -> str:
        """The text from which `parse_experiment` makes an equal experiment."""
        import tomli_w

        return tomli_w.dumps(
            {
                "title": self.title,
                "strategies": [_plain(component) for component in self.strategies],
                "seeds": list(self.seeds),
                "dataset": {"name": self.dataset.name, **self.dataset.options},
                "model": {"name": self.model.name, **self.model.options},
                "splits": self._numbers("splits"),
                "budget": self._numbers("budget"),
                **({"selection": changed} if (changed := _changed_fields(self.pipeline)) else {}),
                **({"claims": to_dict(self.claims)} if self.claims else {}),
            }
        )

    def _numbers(self, key: str) -> dict[str, Scalar]:
        """The numbers of a section, and the texts where they are not the default."""
        given = {info: getattr(self, info.name) for info in SETTINGS[key]}
        return {
            info.name: value
            for info, value in given.items()
            if info.kind is int or value != info.default
        }


def _changed_fields(options: object) -> dict[str, Scalar]:
    given = to_dict(options)
    return {
        info.name: v for info in describe(type(options)) if (v := given[info.name]) != info.default
    }


def _plain(component: Component) -> str | dict[str, Scalar]:
    return {"name": component.name, **component.options} if component.options else component.name


def _whole(name: str, default: int, minimum: int, help: str) -> OptionInfo:
    return OptionInfo(name=name, kind=int, default=default, help=help, minimum=minimum)


def _number(name: str, default: float, minimum: float, help: str) -> OptionInfo:
    return OptionInfo(name=name, kind=float, default=default, help=help, minimum=minimum)


def _choice(name: str, choices: tuple[str, ...], help: str) -> OptionInfo:
    return OptionInfo(name=name, kind=str, default=choices[0], help=help, choices=choices)


SETTINGS: Mapping[str, tuple[OptionInfo, ...]] = {
    "splits": (
        _whole("initial", 50, 0, "labelled samples to start from, drawn at random"),
        _whole("validation", 200, 0, "samples for calibration and early stopping"),
        _whole("test", 500, 1, "samples that measure every round"),
        _choice("order", ("shuffled", "source"), "drawn with the seed, or as the source has them"),
        _choice(
            "duplicates", ("reported", "together"), "whether near-identical samples share a split"
        ),
        _number("imbalance", 1.0, 1, "makes the classes a long tail: largest to smallest"),
    ),
    "budget": (
        _whole("samples", 300, 1, "labels to buy beyond the initial ones"),
        _whole("batch", 50, 1, "labels per round"),
        _number("spend", 0.0, 0, "the most that all labels may cost; 0: whatever they cost"),
    ),
}
_KEYS = ("title", "strategies", "seeds", "dataset", "model", *SETTINGS, "selection", "claims")


def parse_experiment(text: str, registry: Registry, *, overrides: Iterable[str] = ()) -> Experiment:
    """Read an experiment.

    Args:
        text: TOML, as in the README.
        registry: Where its components are looked up.
        overrides: ``"model.epochs=3"`` and the like; they win over the text.

    Raises:
        UsageError: One sentence, with the line: not TOML, unknown key or component, bad value.
    """
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise UsageError("the experiment is not valid TOML: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        raise UsageError(f"the experiment is not valid TOML: {error}") from error
    given = tuple(overrides)
    for override in given:
        _override(table, override)
    try:
        return _Reader(text="" if given else text, table=table, registry=registry).experiment()
    except UsageError:
        if given:  # the text's own mistakes come with their line, those of --set have none
            parse_experiment(text, registry)
        raise


def _override(table: dict[str, Any], text: str) -> None:
    path, equals, value = text.partition("=")
    section, _, key = path.strip().partition(".")
    if not equals or not section:
        raise UsageError(f"--set {text!r} must look like model.epochs=3 or seeds=5")
    if not key:
        table[section] = _read_value(section, value.strip())
    elif isinstance(table.setdefault(section, {}), dict):
        table[section][key] = value.strip()
    else:
        raise UsageError(f"--set {text!r}: {section} has no parts")


def _read_value(section: str, value: str) -> object:
    if section == "strategies":
        return [name.strip() for name in value.split(",")]
    return int(value) if section == "seeds" and value.isdecimal() else value


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """One parsed TOML file on its way to an Experiment."""

    text: str
    table: dict[str, Any]
    registry: Registry

    def experiment(self) -> Experiment:
        for key in self.table:
            with located(self.text, key):
                if key not in _KEYS:
                    raise UsageError(f"unknown key {key!r}; {suggest(key, _KEYS)}")
        return Experiment(
            title=self._title(),
            dataset=self._section("dataset"),
            model=self._section("model"),
            strategies=self._strategies(),
            seeds=self._seeds(),
            **self._settings("splits"),
            **self._settings("budget"),
            pipeline=self._options("selection", Pipeline),
            claims=self._options("claims", Claims) if self._part("claims") else None,
        )

    def _title(self) -> str:
        with located(self.text, "title"):
            title = self.table.get("title", "Untitled experiment")
            if not isinstance(title, str) or not title.strip() or len(title) > 200:
                raise UsageError("title must be text of 1 to 200 characters")
            if any(unicodedata.category(character) == "Cc" for character in title):
                raise UsageError("title must be one line without control characters")
            return title.strip()

    def _part(self, key: str) -> dict[str, Any]:
        with located(self.text, key):
            part = self.table.get(key, {})
            if not isinstance(part, dict):
                raise UsageError(f"{key} must be a table: [{key}] and its keys below")
            return part

    def _section(self, key: str) -> Component:
        part = self._part(key)
        if "name" not in part:
            with located(self.text, key):
                raise UsageError(f'[{key}] needs a name, such as name = "digits"')
        return self._component(key, part, (key,))

    def _component(self, kind: str, part: dict[str, Any], path: tuple[str, ...]) -> Component:
        lookup = {
            "dataset": self.registry.dataset,
            "model": self.registry.model,
            "strategy": self.registry.strategy,
        }[kind]
        name, colon, argument = str(part["name"]).partition(":")
        options = {key: value for key, value in part.items() if key != "name"}
        with located(self.text, *path, "name"):
            spec = lookup(name)
            if colon:
                options[_argument_of(spec)] = argument
        for key, value in options.items():
            with located(self.text, *path, key):
                build_options(spec.options, {key: value}, where=kind)
        return Component(name=name, options=_changed(spec.options, options, kind))

    def _strategies(self) -> tuple[Component, ...]:
        with located(self.text, "strategies"):
            given = self.table.get("strategies")
            if not isinstance(given, list) or not given:
                raise UsageError('strategies must be a list, such as ["random", "entropy"]')
            tables = [item if isinstance(item, dict) else {"name": item} for item in given]
            if not all("name" in table for table in tables):
                raise UsageError('each strategy needs a name: "entropy" or {name = "entropy"}')
            read = [self._component("strategy", table, ("strategies",)) for table in tables]
            self._refuse_twice(read)
            return tuple(read)

    def _refuse_twice(self, strategies: list[Component]) -> None:
        names = [self.registry.qualify("strategy", part.name) for part in strategies]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError(f"strategy {twice[0]!r} is listed twice")

    def _seeds(self) -> tuple[int, ...]:
        with located(self.text, "seeds"):
            given = self.table.get("seeds", 1)
            seeds = list(range(given)) if _is_whole(given) and given <= MAX_SEEDS else given
            good = isinstance(seeds, list) and all(_is_whole(s) and s < 2**31 for s in seeds)
            if not good or not 1 <= len(seeds) <= MAX_SEEDS or len(set(seeds)) != len(seeds):
                raise UsageError(
                    f"seeds must be a number of seeds, 1 to {MAX_SEEDS}, or a list of different "
                    f"whole numbers, not {given!r}"
                )
            return tuple(seeds)

    def _options(self, key: str, options_type: type) -> Any:
        part = self._part(key)
        for name in part:
            with located(self.text, key, name):
                build_options(options_type, {name: part[name]}, where=key)
        return build_options(options_type, part, where=key)

    def _settings(self, key: str) -> dict[str, Any]:
        part = self._part(key)
        known = {info.name: info for info in SETTINGS[key]}
        settings: dict[str, Any] = {name: info.default for name, info in known.items()}
        for name, value in part.items():
            with located(self.text, key, name):
                if name not in known:
                    raise UsageError(f"unknown key {key}.{name}; {suggest(name, known)}")
                settings[name] = check(known[name], value, where=key)
        return settings


def _argument_of(spec: Spec) -> str:
    if spec.argument is None:
        raise UsageError(f"{spec.name!r} takes nothing after a colon; give options by their names")
    return spec.argument


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _changed(options_type: type, given: Mapping[str, Any], where: str) -> dict[str, Scalar]:
    full = to_dict(build_options(options_type, given, where=where))
    default = {info.name: info.default for info in describe(options_type)}
    return {name: value for name, value in full.items() if value != default[name]}


def resolved(experiment: Experiment, registry: Registry) -> Experiment:
    """The same experiment with qualified names and whole paths, as it is stored and traced."""
    lookup: dict[str, Callable[[str], Spec]] = {
        "dataset": registry.dataset,
        "model": registry.model,
        "strategy": registry.strategy,
    }

    def full(kind: Any, part: Component) -> Component:
        options = with_whole_paths(lookup[kind](part.name).options, part.options)
        return Component(name=registry.qualify(kind, part.name), options=options)

    return dataclasses.replace(
        experiment,
        dataset=full("dataset", experiment.dataset),
        model=full("model", experiment.model),
        strategies=tuple(full("strategy", part) for part in experiment.strategies),
    )
