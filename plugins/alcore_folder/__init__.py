"""Photos of your own: a folder with one sub-folder per class, a flat one, or one with a CSV."""

from dataclasses import dataclass

from alcore.components import DatasetSpec, Lazy
from alcore.hookspecs import hookimpl
from alcore.options import option


@dataclass(frozen=True, kw_only=True)
class FolderOptions:
    """Options of an image folder."""

    path: str = option("", help="the folder: one sub-folder per class, or images alone", path=True)
    labels: str = option(
        "",
        help="a CSV file with columns path and label, to be used instead of sub-folders",
        path=True,
    )
    image_size: int = option(
        224,
        help="height and width for models that take images as they come",
        minimum=8,
        maximum=2048,
    )
    broken_allowed: float = option(
        0.2,
        help="share of the images that may be unreadable and left out",
        minimum=0.0,
        maximum=1.0,
    )


@hookimpl
def alcore_datasets() -> list[DatasetSpec]:
    """Image folders."""
    return [
        DatasetSpec(
            name="folder",
            summary="a folder of your own photos, a sub-folder per class, or labels in a CSV file",
            make=Lazy(target="alcore_folder.dataset:make"),
            options=FolderOptions,
            provides=frozenset({"images"}),
            argument="path",
        )
    ]
