"""The dataset `table`."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from alcore.errors import AlcoreError, UsageError, sentence
from alcore.probabilities import check_ids, check_probabilities, row_from_0
from alcore.types import FloatArray, IntArray
from alcore_table import TableOptions
from alcore_table.files import CONTENT, ORDERS, AnyArray, read_npz, read_parquet
from alcore_table.labels import read_labels

_BLOCK = 4096


class Table:
    """Rows in the order of the file; ids are row numbers where the file has none.

    Attributes:
        source_order: Only where the file has an array called order or tfds_order: its rows in
            the order of their source, shape (n,), int64.
        costs: Only where the file has an array of this name: what each label costs, shape (n,),
            float64, above 0.
    """

    source_order: IntArray
    costs: FloatArray

    def __init__(
        self,
        ids: Sequence[str],
        content: AnyArray,
        labelled: tuple[tuple[str, ...] | None, IntArray | None],
        *,
        fingerprint: str,
    ) -> None:
        self.ids = tuple(ids)
        self._content = content
        self.class_names, self._labels = labelled
        self.fingerprint = fingerprint

    @property
    def known_labels(self) -> IntArray | None:
        """Class index per row, -1 where unknown; None where the file has no labels."""
        return None if self._labels is None else self._labels.copy()

    def features(self, positions: IntArray) -> FloatArray:
        """Shape (m, d), float32, whatever the file stores."""
        return np.asarray(self._content[positions], dtype=np.float32)

    def images(self, positions: IntArray) -> FloatArray:
        """None: these are numbers."""
        raise AlcoreError("a table has no images; choose a model that reads features")

    def thumbnail(self, position: int) -> None:
        """None: there is nothing to see."""
        return


def make(options: TableOptions) -> Table:
    """Read and check a file.

    Raises:
        UsageError: The file is missing, damaged or of another kind, or something in it is
            wrong; the place is named.
    """
    if not options.path:
        raise UsageError("the dataset table needs a path, such as table:features.npz")
    path = Path(options.path).expanduser()
    readers = {".npz": read_npz, ".parquet": read_parquet}
    if path.suffix.lower() not in readers:
        raise UsageError(f"cannot read {path}: its name must end in {' or '.join(readers)}")
    try:
        arrays = readers[path.suffix.lower()](path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or sentence(error)
        raise UsageError(f"cannot read {path}: {why}") from error
    kind = next(name for name in CONTENT if name in arrays)
    content = arrays[kind]
    _check_numbers(content, f"{path}: {kind}")
    ids = _ids(arrays, len(content), str(path))
    names, labels = read_labels(
        arrays, len(content), content.shape[1] if kind == "probabilities" else None, str(path)
    )
    if kind == "probabilities":
        check_probabilities(content, ids, class_names=names, source=str(path))
    if options.clusters:
        names, labels = _clusters(content, options.clusters, str(path))
        digest.update(labels.tobytes())
    made = Table(ids, content, (names, labels), fingerprint=digest.hexdigest())
    _add_extras(made, arrays, str(path))
    return made


def _add_extras(made: Table, arrays: Mapping[str, AnyArray], source: str) -> None:
    if all(name in arrays for name in ORDERS):
        raise UsageError(f"{source}: expected one of {' and '.join(ORDERS)}, not both")
    for name in ORDERS:
        if name in arrays:
            made.source_order = _order(arrays[name], len(made.ids), f"{source}: {name}")
    if "costs" in arrays:
        made.costs = _costs(arrays["costs"], len(made.ids), f"{source}: costs")


def _costs(costs: AnyArray, n: int, source: str) -> FloatArray:
    if costs.dtype.kind not in "fiu" or costs.shape != (n,):
        raise UsageError(
            f"{source}: expected one number per row, {n} of them, not {costs.dtype} of shape "
            f"{costs.shape}"
        )
    costs = costs.astype(np.float64)
    if not (np.isfinite(costs) & (costs > 0)).all():
        row = int((~(np.isfinite(costs) & (costs > 0))).argmax())
        raise UsageError(f"{source}: expected numbers above 0, not {costs[row]} in row {row}")
    costs.flags.writeable = False
    return costs


def _check_numbers(table: AnyArray, source: str) -> None:
    if table.dtype.kind not in "fiub" or table.ndim != 2 or not table.size:
        raise UsageError(
            f"{source}: expected numbers of shape (samples, columns), at least one of each, not "
            f"{table.dtype} of shape {table.shape}"
        )
    for start in range(0, len(table), _BLOCK):
        with np.errstate(over="ignore"):
            good = np.isfinite(table[start : start + _BLOCK].astype(np.float32))
        if not good.all():
            row, column = np.argwhere(~good)[0].tolist()
            raise UsageError(
                f"{source}: expected finite numbers, not {table[start + row, column]} in column "
                f"{column} of {row_from_0(start + row)}"
            )


def _ids(arrays: Mapping[str, AnyArray], n: int, source: str) -> list[str]:
    if "ids" not in arrays:
        return [str(row) for row in range(n)]
    found = arrays["ids"]
    if found.ndim != 1 or found.dtype.kind not in "Uiu":
        raise UsageError(
            f"{source}: expected ids to be a list of texts or whole numbers, not {found.dtype} "
            f"of shape {found.shape}"
        )
    ids = [str(name) for name in found.tolist()]
    check_ids(ids, n, source=source)
    return ids


def _order(order: AnyArray, n: int, source: str) -> IntArray:
    whole = order.dtype.kind in "iu" and order.shape == (n,)
    if not whole or not np.array_equal(np.sort(order), np.arange(n)):
        raise UsageError(f"{source}: expected each of the {n} row numbers, from 0, once")
    order = order.astype(np.int64)
    order.flags.writeable = False
    return order


def _clusters(content: AnyArray, k: int, source: str) -> tuple[tuple[str, ...], IntArray]:
    """The same on every load: a fixed seed, and one thread, as sums depend on their number."""
    if not 2 <= k <= len(content):
        raise UsageError(f"{source}: expected from 2 to {len(content)} clusters, not {k}")
    with threadpool_limits(limits=1):
        # The default first centres take ten times as long; small batches leave clusters empty.
        means = MiniBatchKMeans(n_clusters=k, init="random", batch_size=_BLOCK, random_state=0)
        labels = means.fit_predict(content.astype(np.float32)).astype(np.int64)
    if (found := len(np.unique(labels))) < k:
        raise UsageError(f"{source}: only {found} of {k} clusters have a sample; ask for fewer")
    return tuple(f"cluster {index}" for index in range(k)), labels
