"""Feature vectors or probabilities of your own, in a .npz or Parquet file.

| .npz | Parquet | what |
|---|---|---|
| `features` or `probabilities` (n, d) | a list column of that name, or numeric columns | required |
| `ids` | `id` or `ids` | texts or whole numbers, all different; else row numbers |
| `labels` | `label` or `labels` | class names or class numbers from 0; -1, "" or null if unknown |
| `class_names` | | else the labels' own |
| `order` or `tfds_order` | likewise | row numbers in the order of the source |
"""

from dataclasses import dataclass

from alcore.components import DatasetSpec, Lazy
from alcore.hookspecs import hookimpl
from alcore.options import option


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """Options of a table."""

    path: str = option("", help="a .npz or Parquet file with features or probabilities", path=True)
    clusters: int = option(
        0,
        help="use this many k-means clusters as classes instead of the labels; 0 for the labels",
        minimum=0,
        maximum=10_000,
    )


@hookimpl
def alcore_datasets() -> list[DatasetSpec]:
    """Tables."""
    return [
        DatasetSpec(
            name="table",
            summary="your own feature vectors or probabilities, with labels, from .npz or Parquet",
            make=Lazy(target="alcore_table.dataset:make"),
            options=TableOptions,
            provides=frozenset({"features"}),
            requires={"sklearn": "scikit-learn"},
            argument="path",
        )
    ]
