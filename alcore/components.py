"""Descriptors of what a plugin offers: cheap to make, loading nothing until used."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from alcore.errors import AlcoreError
from alcore.options import NoOptions
from alcore.strategies import Criterion, Need

Content = Literal["images", "features"]
Kind = Literal["strategy", "model", "dataset"]
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Lazy:
    """A factory named by text, ``"package.module:function"``, imported at first use."""

    target: str

    def __call__(self, options: Any) -> Any:
        """Import the factory and call it with the component's options."""
        module, _, name = self.target.partition(":")
        return getattr(importlib.import_module(module), name)(options)


Factory = Callable[[Any], Any] | Lazy


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What every descriptor says.

    Attributes:
        name: Short name, unique within the plugin for its kind.
        summary: One line.
        make: From an options object to the component; `Lazy` where its module is heavy.
        options: Options dataclass, its fields made by `alcore.option`.
        requires: Top-level module -> what to install for it, such as
            ``{"tensorflow": "alcore[tensorflow]"}``.
        argument: The option that a text after a colon sets: with "path", ``folder:photos``
            means ``name = "folder", path = "photos"``. None where there is no such form.
    """

    name: str
    summary: str
    make: Factory
    options: type = NoOptions
    requires: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    argument: str | None = None

    def missing(self) -> tuple[str, ...]:
        """What must be installed before this component can be used; empty when ready."""
        wanted = {package for module, package in self.requires.items() if not _found(module)}
        return tuple(sorted(wanted))

    def create(self, options: Any) -> Any:
        """Make the component.

        Raises:
            AlcoreError: Something it requires is not installed.
        """
        if missing := self.missing():
            wanted = " ".join(f'"{package}"' for package in missing)
            raise AlcoreError(f"{self.name!r} needs {', '.join(missing)}; pip install {wanted}")
        return self.make(options)


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


@dataclass(frozen=True, kw_only=True)
class StrategySpec(Spec):
    """A query strategy; `make(options)` returns a `Strategy`.

    Attributes:
        criterion: The formula behind it, where it is one; pages show its value and direction.
        needs: What it reads of its query, besides the order of the pool.
        cost: How time and memory grow with the pool (n samples, c classes) and the batch, in
            one line; "" where nobody has said.
        exact_up_to: The largest pool it can look at as a whole; of a larger one it gets that
            many candidates, drawn with the run's seed. None: any.
    """

    criterion: Criterion | None = None
    needs: frozenset[Need] = frozenset({"probabilities"})
    cost: str = ""
    exact_up_to: int | None = None


@dataclass(frozen=True, kw_only=True)
class ModelSpec(Spec):
    """A model; `make(options)` returns an untrained `Model`.

    Attributes:
        consumes: What it asks of the dataset, "images" or "features".
        backbone: From an options object to the frozen `Backbone` whose features the model
            reads, or to None where these options freeze nothing. The engine computes the
            features once per dataset. None where no option does.
    """

    consumes: Content
    backbone: Factory | None = None


@dataclass(frozen=True, kw_only=True)
class DatasetSpec(Spec):
    """A dataset; `make(options)` returns a `Dataset`.

    Attributes:
        provides: What it offers to models, "images", "features" or both.
        preparer: From an options object to a `Preparer`, where the content must be fetched
            before the dataset can be made. None where nothing is ever fetched.
    """

    provides: frozenset[Content]
    preparer: Factory | None = None
