"""The set-up of the article: tf_flowers and InceptionV3 pre-trained on iNaturalist."""

from dataclasses import dataclass

from alcore.components import DatasetSpec, Lazy, ModelSpec
from alcore.hookspecs import hookimpl
from alcore.options import option
from alcore_backbones import PRECISION
from alcore_tfds import PackedOptions


@dataclass(frozen=True, kw_only=True)
class InceptionOptions:
    """Options of InceptionV3."""

    handle: str = option(
        "https://tfhub.dev/google/inaturalist/inception_v3/feature_vector/5",
        help="address or folder of a TF2 SavedModel that is a feature vector",
        path=True,
    )
    size: int = option(299, help="height and width of its images", minimum=16, maximum=1024)
    batch: int = option(100, help="samples per gradient step", minimum=1, maximum=4096)
    epochs_head: int = option(3, help="passes of the first round, backbone frozen", minimum=0)
    epochs_fine: int = option(2, help="passes after them, backbone unfrozen", minimum=0)
    epochs_after: int = option(3, help="passes of each later round, from the last one", minimum=0)
    learning_rate_head: float = option(
        1e-3, help="step size of Adam, backbone frozen", minimum=1e-7, maximum=1.0
    )
    learning_rate_fine: float = option(
        1e-5, help="step size of Adam, backbone unfrozen", minimum=1e-7, maximum=1.0
    )
    fine_tune: bool = option(
        True, help="unfreeze the backbone after the head; false: features once, then seconds"
    )
    literal_article: bool = option(
        False,
        help="what the article's script does: it sets trainable = True without compile, which "
        "changes nothing, so epochs_fine only train the head and the backbone never moves",
    )
    augment: bool = option(False, help="mirror half of the photos while the backbone is unfrozen")
    precision: str = option("float32", help=PRECISION, choices=("float32", "bfloat16"))


@hookimpl
def alcore_datasets() -> list[DatasetSpec]:
    """The flowers."""
    return [
        DatasetSpec(
            name="tf_flowers",
            summary="3,670 photos of five kinds of flowers, in the order of the article's splits",
            make=Lazy(target="alcore_flowers.dataset:make"),
            options=PackedOptions,
            provides=frozenset({"images"}),
            preparer=Lazy(target="alcore_flowers.dataset:make_preparer"),
        )
    ]


@hookimpl
def alcore_models() -> list[ModelSpec]:
    """InceptionV3."""
    return [
        ModelSpec(
            name="inception_v3",
            summary="the article's InceptionV3 (iNaturalist, TensorFlow Hub) and a dense layer",
            make=Lazy(target="alcore_flowers.inception:make_model"),
            options=InceptionOptions,
            consumes="images",
            backbone=Lazy(target="alcore_flowers.inception:make_backbone"),
            requires={
                "tensorflow": "alcore[tensorflow]",
                "tensorflow_hub": "alcore[tensorflow]",
            },
            argument="handle",
        )
    ]
