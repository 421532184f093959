"""Options of components: dataclass fields with help, bounds and choices.

An options class is a frozen dataclass whose fields are made by `option`. From it come
the `--set` arguments of the command line, `alcore plugins show` and the dashboard's forms.
"""

import dataclasses
import difflib
import math
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from alcore.errors import UsageError

Scalar = bool | int | float | str
_KINDS: tuple[type, ...] = (bool, int, float, str)
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def option(
    default: Scalar,
    *,
    help: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Scalar, ...] = (),
    path: bool = False,
) -> Any:
    """Declare one field of an options dataclass.

    Args:
        default: The value where the user gives none; must itself obey the bounds.
        help: One line for forms and `alcore plugins show`.
        minimum: Smallest value allowed, inclusive (numbers only).
        maximum: Largest value allowed, inclusive (numbers only).
        choices: The only values allowed, where there is a closed list.
        path: Whether it may name a file or folder. One that is there is stored with its whole
            path: a worker may have been started elsewhere.
    """
    facts = {"help": help, "minimum": minimum, "maximum": maximum, "choices": choices}
    facts["path"] = path
    return dataclasses.field(default=default, metadata={"alcore": facts})


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoOptions:
    """The options of a component that has none."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptionInfo:
    """What is known of one option: enough to draw a form field or to check a value."""

    name: str
    kind: type
    default: Scalar
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Scalar, ...] = ()
    path: bool = False


def describe(options_type: type) -> tuple[OptionInfo, ...]:
    """The options of a class in the order of its fields.

    Raises:
        UsageError: A field was not made by `option`, or its type is not bool, int, float or str.
    """
    hints = typing.get_type_hints(options_type)
    return tuple(_info(options_type, field, hints) for field in dataclasses.fields(options_type))


def check_defaults(options_type: type) -> None:
    """Hold every default against its own type, bounds and choices.

    Raises:
        UsageError: A default that a user would not be allowed to give.
    """
    where = f"the default of {options_type.__name__}"
    for info in describe(options_type):
        if check(info, info.default, where=where) != info.default:
            raise _wrong_kind(f"{where}.{info.name}", info.kind, info.default)


def _info(owner: type, field: "dataclasses.Field[Any]", hints: Mapping[str, type]) -> OptionInfo:
    kind = hints[field.name]
    if "alcore" not in field.metadata or kind not in _KINDS:
        raise UsageError(
            f"option {field.name!r} of {owner.__name__} must be made by alcore.option(...) "
            "and be a bool, int, float or str"
        )
    default: Any = field.default
    return OptionInfo(name=field.name, kind=kind, default=default, **field.metadata["alcore"])


def build(options_type: type, values: Mapping[str, object], *, where: str) -> Any:
    """Make an options object from given values; text such as ``"3"`` is read as the field's type.

    Args:
        options_type: A dataclass whose fields were made by `option`.
        values: Option names and values; those missing keep their defaults.
        where: How an error names the owner, such as ``"model"`` in ``model.epochs``.

    Raises:
        UsageError: Unknown name (the nearest is suggested), wrong type, out of bounds.
    """
    known = {info.name: info for info in describe(options_type)}
    for name in values:
        if name not in known:
            raise UsageError(f"{where}.{name} is not an option; {suggest(name, known)}")
    checked = {name: check(known[name], value, where=where) for name, value in values.items()}
    return options_type(**checked)


def check(info: OptionInfo, value: object, *, where: str) -> Scalar:
    """Read one value as the option's type and hold it against bounds and choices."""
    name = f"{where}.{info.name}"
    read = _read(info.kind, value)
    if read is None:
        raise _wrong_kind(name, info.kind, value)
    if info.choices and read not in info.choices:
        raise UsageError(f"{name} must be one of {_listed(map(str, info.choices))}, not {value!r}")
    if info.kind in (int, float):
        _check_bounds(name, float(read), info)
    return read


def _wrong_kind(name: str, kind: type, value: object) -> UsageError:
    return UsageError(f"{name} must be {_NOUNS[kind]}, not {value!r}")


_NOUNS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def _read(kind: type, value: object) -> Scalar | None:
    if kind is bool:
        return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if isinstance(value, bool) or not isinstance(value, _KINDS):
        return None
    if kind is int and isinstance(value, float) and not value.is_integer():
        return None
    if kind is str and not isinstance(value, str):
        return None
    try:
        return typing.cast(Scalar, kind(value))
    except (ValueError, OverflowError):
        return None


def _check_bounds(name: str, value: float, info: OptionInfo) -> None:
    if not math.isfinite(value):
        raise UsageError(f"{name} must be a finite number, not {value}")
    if info.minimum is not None and value < info.minimum:
        raise UsageError(f"{name} must be at least {info.minimum:g}, not {value:g}")
    if info.maximum is not None and value > info.maximum:
        raise UsageError(f"{name} must be at most {info.maximum:g}, not {value:g}")


def with_whole_paths(options_type: type, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The values, with each file or folder that is there by its absolute path."""
    paths = {info.name for info in describe(options_type) if info.path}
    return {
        name: str(found.absolute())
        if name in paths and value and (found := Path(str(value)).expanduser()).exists()
        else value
        for name, value in values.items()
    }


def to_dict(options: Any) -> dict[str, Scalar]:
    """The options as plain values, ready for JSON or TOML."""
    return dataclasses.asdict(options)


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of an "unknown name" sentence: the nearest name, or all of them."""
    names, name = sorted(known), name[:200]
    near = difflib.get_close_matches(name, names, n=1) or [k for k in names if name in k]
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {_listed(names)}" if names else "there are none"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
