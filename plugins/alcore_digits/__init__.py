"""The embedded demonstration: real digits and a small CNN. No download."""

from dataclasses import dataclass

from alcore.components import DatasetSpec, Lazy, ModelSpec
from alcore.hookspecs import hookimpl
from alcore.options import option
from alcore_backbones import TrainingOptions


@dataclass(frozen=True, kw_only=True)
class CnnOptions(TrainingOptions):
    """Options of the small CNN."""

    learning_rate: float = option(2e-3, help="step size of Adam", minimum=1e-7, maximum=1.0)


@hookimpl
def alcore_datasets() -> list[DatasetSpec]:
    """Digits."""
    return [
        DatasetSpec(
            name="digits",
            summary="1,797 real handwritten digits, 8 x 8 pixels, shipped with scikit-learn",
            make=Lazy(target="alcore_digits.dataset:make"),
            provides=frozenset({"images", "features"}),
            requires={"sklearn": "scikit-learn"},
        )
    ]


@hookimpl
def alcore_models() -> list[ModelSpec]:
    """The CNN; the logistic head is one of alcore_backbones."""
    return [
        ModelSpec(
            name="cnn",
            summary="a small convolutional network in Keras; a fit takes seconds",
            make=Lazy(target="alcore_digits.cnn:make"),
            options=CnnOptions,
            consumes="images",
            requires={"tensorflow": "alcore[tensorflow]"},
        ),
    ]
