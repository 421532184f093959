"""The embedded demonstration: real digits, a fast linear head, a small CNN. No download."""

from dataclasses import dataclass

from alcore.components import DatasetSpec, Lazy, ModelSpec
from alcore.hookspecs import hookimpl
from alcore.options import option


@dataclass(frozen=True, kw_only=True)
class LogisticOptions:
    """Options of the logistic head."""

    C: float = option(0.1, help="inverse strength of the L2 penalty", minimum=1e-6, maximum=1e6)


@dataclass(frozen=True, kw_only=True)
class CnnOptions:
    """Options of the small CNN."""

    epochs: int = option(20, help="passes over the labelled samples each round", minimum=1)
    batch_size: int = option(32, help="samples per gradient step", minimum=1, maximum=4096)
    learning_rate: float = option(2e-3, help="step size of Adam", minimum=1e-7, maximum=1.0)
    continue_training: bool = option(
        False, help="start from the weights of the previous round instead of anew"
    )


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
    """Logistic head and CNN."""
    return [
        ModelSpec(
            name="logistic",
            summary="logistic regression on standardised features; a fit takes milliseconds",
            make=Lazy(target="alcore_digits.logistic:LogisticHead"),
            options=LogisticOptions,
            consumes="features",
            requires={"sklearn": "scikit-learn"},
        ),
        ModelSpec(
            name="cnn",
            summary="a small convolutional network in Keras; a fit takes seconds",
            make=Lazy(target="alcore_digits.cnn:SmallCnn"),
            options=CnnOptions,
            consumes="images",
            requires={"tensorflow": "alcore[tensorflow]"},
        ),
    ]
