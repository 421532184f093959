"""The arrays of a table's file, before any of them is believed."""

import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from alcore.errors import UsageError

AnyArray: TypeAlias = npt.NDArray[Any]

CONTENT = ("features", "probabilities")
ORDERS = ("order", "tfds_order")
_ARRAYS = frozenset({*CONTENT, *ORDERS, "ids", "labels", "class_names", "costs"})
_NAMED = {"id": "ids", "label": "labels", "cost": "costs"}
_COLUMNS = {**_NAMED, **{name: name for name in (*_NAMED.values(), *ORDERS)}}
_MAPPED_FROM_BYTES = 2**20
_LOCAL_HEADER = 30  # bytes, APPNOTE.TXT 4.3.7; the lengths of two further fields stand at 26


def read_npz(path: Path) -> dict[str, AnyArray]:
    """The arrays of a .npz file that a table may have; large uncompressed ones memory-mapped.

    Raises:
        UsageError: It is damaged or holds pickled objects, which are never loaded.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name.removesuffix(".npy"): name for name in archive.namelist()}
            _check_content(path, members)
            found = _ARRAYS & members.keys()
            return {name: _array(path, archive, members[name]) for name in sorted(found)}
    except UsageError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"{path}: expected a whole .npz file ({error}); write it with numpy.savez"
        ) from error


def _array(path: Path, archive: zipfile.ZipFile, member: str) -> AnyArray:
    info = archive.getinfo(member)
    with archive.open(info) as stream:
        shape, by_column, dtype = _header(stream)
        if dtype.hasobject:
            raise UsageError(
                f"{path}: array {member.removesuffix('.npy')!r} holds Python objects, which are "
                "not read; save it as text or numbers, such as array.astype(str)"
            )
        begin = stream.tell()
        if begin + math.prod(shape) * dtype.itemsize != info.file_size:
            raise ValueError(f"array {member!r} is not as long as its shape {shape} needs")
        order: Literal["C", "F"] = "F" if by_column else "C"
        if info.compress_type != zipfile.ZIP_STORED or info.file_size < _MAPPED_FROM_BYTES:
            return np.frombuffer(stream.read(), dtype=dtype).reshape(shape, order=order)
    begin += _LOCAL_HEADER + _name_and_extra(path, info.header_offset)
    return np.memmap(
        path, dtype=dtype, mode="r", offset=info.header_offset + begin, shape=shape, order=order
    )


def _header(stream: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    readers: dict[tuple[int, int], Callable[[Any], Any]] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"version {version} of the .npy format")
    shape, by_column, dtype = readers[version](stream)
    return shape, by_column, dtype


def _name_and_extra(path: Path, header_offset: int) -> int:
    with path.open("rb") as file:
        file.seek(header_offset + _LOCAL_HEADER - 4)
        lengths: tuple[int, int] = struct.unpack("<HH", file.read(4))
    return sum(lengths)


def read_parquet(path: Path) -> dict[str, AnyArray]:
    """Columns id, label, cost and order, and either one column of lists or numeric ones.

    Raises:
        UsageError: It is damaged, or has another column.
    """
    try:
        with path.open("rb") as file:
            table = pq.ParquetFile(file).read()
    except pa.ArrowException as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise UsageError(f"{path}: expected a whole Parquet file ({why})") from error
    named = [name for name in table.column_names if name in _COLUMNS]
    if len({_COLUMNS[name] for name in named}) < len(named):
        raise UsageError(f"{path}: columns {', '.join(named)} mean the same twice; keep one each")
    if "class_names" in table.column_names:
        raise UsageError(f"{path}: expected class names in column 'label', not 'class_names'")
    arrays = {_COLUMNS[name]: _plain(path, name, table[name]) for name in named}
    lists = [name for name in CONTENT if name in table.column_names]
    if lists:
        return arrays | {name: _from_lists(path, name, table[name]) for name in lists}
    return arrays | {"features": _from_columns(path, table.drop_columns(named))}


def _plain(path: Path, name: str, column: Any) -> AnyArray:
    if pa.types.is_nested(column.type):
        raise UsageError(
            f"{path}: expected texts or whole numbers in column {name!r}, not {column.type}"
        )
    return np.array(column.to_pylist())


def _from_lists(path: Path, name: str, column: Any) -> AnyArray:
    kind = column.type
    types = pa.types
    if not (types.is_fixed_size_list(kind) or types.is_list(kind) or types.is_large_list(kind)):
        raise UsageError(f"{path}: expected lists of numbers in column {name!r}, not {kind}")
    widths = pc.unique(pc.list_value_length(column)).to_pylist()
    if len(widths) != 1 or not widths[0]:
        raise UsageError(
            f"{path}: expected lists of one length in column {name!r}, not {str(widths[:5])[1:-1]}"
        )
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return np.concatenate(parts).reshape(len(column), widths[0])


def _from_columns(path: Path, table: Any) -> AnyArray:
    _check_content(path, ["features"] if table.num_columns else [])
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise UsageError(
                f"{path}: expected numbers in column {name!r}, not {kind}; others than id, label, "
                "cost and features must go"
            )
    return np.column_stack([column.to_numpy() for column in table.columns])


def _check_content(path: Path, names: Collection[str]) -> None:
    found = [name for name in CONTENT if name in names]
    if len(found) != 1:
        what = "both" if found else f"neither; it has {', '.join(names) or 'nothing'}"
        raise UsageError(f"{path}: expected either features or probabilities, found {what}")
