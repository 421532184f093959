"""Whether a descriptor says what it must, so that nothing that reads it later can stumble."""

import dataclasses
import re
from collections.abc import Mapping, Set

from alcore.components import DatasetSpec, Kind, ModelSpec, Spec
from alcore.errors import AlcoreError
from alcore.options import check_defaults

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CONTENT = frozenset({"images", "features"})


def check_spec(kind: Kind, spec: Spec) -> None:
    """Refuse a descriptor that breaks its contract; nothing it describes is made.

    Raises:
        AlcoreError: Its name, summary, factory, requirements, content or options are wrong.
    """
    if not isinstance(spec.name, str) or not _NAME.fullmatch(spec.name):
        raise AlcoreError(f"the {kind} name {spec.name!r} must be lower case letters, digits and _")
    where = f"of {kind} {spec.name!r}"
    if not isinstance(spec.summary, str):
        raise AlcoreError(f"the summary {where} must be text, not {type(spec.summary).__name__}")
    if not callable(spec.make):
        raise AlcoreError(f"make {where} must be a function or Lazy")
    _check_requires(spec.requires, where)
    _check_content(spec, where)
    if not isinstance(spec.options, type) or not dataclasses.is_dataclass(spec.options):
        raise AlcoreError(f"options {where} must be a dataclass, not {spec.options!r:.60}")
    check_defaults(spec.options)
    spec.options()


def _check_requires(requires: object, where: str) -> None:
    good = isinstance(requires, Mapping) and all(
        isinstance(module, str) and module.isidentifier() and isinstance(package, str)
        for module, package in requires.items()
    )
    if not good:
        # Looking for a submodule would import the package it is in.
        raise AlcoreError(
            f"requires {where} must map top-level modules to what to install, such as "
            f'{{"tensorflow": "alcore[tensorflow]"}}, not {requires!r:.60}'
        )


def _check_content(spec: Spec, where: str) -> None:
    if isinstance(spec, ModelSpec) and spec.consumes not in _CONTENT:
        raise AlcoreError(
            f"consumes {where} must be 'images' or 'features', not {spec.consumes!r:.60}"
        )
    if isinstance(spec, DatasetSpec):
        provides = spec.provides
        if not isinstance(provides, Set) or not provides or not provides <= _CONTENT:
            raise AlcoreError(
                f"provides {where} must be a frozenset of 'images' and 'features' or one of "
                f"them, not {provides!r:.60}"
            )
