"""Image classification datasets of TensorFlow Datasets (TFDS), by name.

TFDS prepares a dataset once; its encoded images are then packed into one file of alcore's own
(see `pack`), so that using the dataset needs neither TFDS nor TensorFlow.
"""

from dataclasses import dataclass

from alcore.components import DatasetSpec, Lazy
from alcore.hookspecs import hookimpl
from alcore.options import option


@dataclass(frozen=True, kw_only=True)
class PackedOptions:
    """Options of every dataset that TFDS prepares."""

    data_dir: str = option(
        "",
        help="folder where TFDS has prepared it; empty: TFDS's own, else it is fetched",
        path=True,
    )
    image_size: int = option(
        224,
        help="height and width for models that take images as they come",
        minimum=8,
        maximum=2048,
    )


@dataclass(frozen=True, kw_only=True)
class TfdsOptions(PackedOptions):
    """Options of datasets of TFDS by name."""

    name: str = option("", help="the dataset's name in TFDS, or name/config, such as cifar100")
    split: str = option("", help="only this split of TFDS; empty: all of them, one after the other")


@hookimpl
def alcore_datasets() -> list[DatasetSpec]:
    """Any dataset of TFDS with an image and a label."""
    return [
        DatasetSpec(
            name="tfds",
            summary="an image classification dataset of TensorFlow Datasets: tfds:cifar100",
            make=Lazy(target="alcore_tfds.dataset:make"),
            options=TfdsOptions,
            argument="name",
            provides=frozenset({"images"}),
            preparer=Lazy(target="alcore_tfds.preparer:make"),
        )
    ]
