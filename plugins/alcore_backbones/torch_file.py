"""Arrays out of a torch file of the old format, without torch and without running what is in it.

Such a file is a pickle, which may name any function to be called. Here four names are known,
none of which does more than hold values; every other one is refused before it is looked up.
"""

import io
import math
import pickle
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from alcore.errors import AlcoreError, sentence
from alcore.types import FloatArray

LARGEST_FILE = 1 << 30
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_DTYPES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}


class _Tensor(NamedTuple):
    storage: Any
    offset: Any
    shape: Any
    stride: Any
    requires_grad: Any
    hooks: Any


class _Storage(NamedTuple):
    dtype: np.dtype[Any]
    key: str
    size: int


# The version in Python: the one in C allocates gigabytes where a pickle says so in four bytes.
class _Reader(pickle._Unpickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return partial(_Tensor)  # a pickle may set attributes of what it is given
        if module == "torch" and name in _DTYPES:
            return name
        raise ValueError(f"it names {module}.{name}, which no file of weights needs")

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, _, size, _ = pid
        storage = _Storage(_DTYPES[dtype], key, size)
        return self.storages.setdefault(key, storage)


def read_torch_file(path: Path) -> dict[str, FloatArray]:
    """The arrays of a saved `state_dict`, by name.

    Raises:
        AlcoreError: It is larger than 1 GiB, cut off, of another format, or names anything
            beyond arrays.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("it is larger than 1 GiB")
        return _read(io.BytesIO(path.read_bytes()))
    except Exception as error:  # a pickle can make its reader raise nearly anything
        raise AlcoreError(
            f"{path.name} is not a file of weights that alcore reads: {sentence(error)}"
        ) from error


def _read(file: io.BytesIO) -> dict[str, FloatArray]:
    if _Reader(file).load() != _MAGIC or _Reader(file).load() != _PROTOCOL:
        raise ValueError("it does not begin as torch began its files before 2020")
    if not _Reader(file).load()["little_endian"]:
        raise ValueError("it was written on a big-endian machine")
    reader = _Reader(file)
    tensors = reader.load()
    order = _Reader(file).load()
    data = {key: _storage(file, reader.storages[key]) for key in order}
    return {str(name): _array(tensor, data) for name, tensor in tensors.items()}


def _storage(file: io.BytesIO, storage: _Storage) -> FloatArray:
    size = int.from_bytes(file.read(8), "little")
    if size != storage.size:
        raise ValueError(f"storage {storage.key!r} has {size} values instead of {storage.size}")
    values = np.frombuffer(file.read(size * storage.dtype.itemsize), dtype=storage.dtype)
    if len(values) != size:
        raise ValueError("it is cut off")
    return values


def _array(tensor: _Tensor, data: dict[str, FloatArray]) -> FloatArray:
    values = data[tensor.storage.key]
    if math.prod(tensor.shape) > len(values):
        raise ValueError(f"a tensor of shape {tensor.shape} is larger than its storage")
    # NumPy refuses an offset or a stride that would leave the buffer.
    view: FloatArray = np.ndarray(
        tensor.shape,
        values.dtype,
        values,
        offset=tensor.offset * values.itemsize,
        strides=[step * values.itemsize for step in tensor.stride],
    )
    return view.copy()
