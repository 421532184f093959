"""Handles: found here, in tensorflow_hub's cache, or refused in one sentence without TensorFlow."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import local_hub
from alcore.errors import UsageError
from alcore.testing.models import check_model
from alcore_backbones import HubOptions, alcore_models, precision
from alcore_backbones.hub import HubBackbone, fetched, locate
from alcore_backbones.precision import choose_precision

HANDLE = "https://hub.invalid/feature_vector/1"
REFUSED = """
import sys, time
from alcore_backbones import HubOptions
from alcore_backbones.hub import HubBackbone
start = time.monotonic()
try:
    HubBackbone(HubOptions(handle=sys.argv[1]))
except Exception as error:
    print(type(error).__name__, time.monotonic() - start, "tensorflow" in sys.modules, error)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return local_hub.save_feature_vector(tmp_path_factory.mktemp("hub") / "tiny")


def options(folder: Path) -> HubOptions:
    return HubOptions(handle=str(folder), size=local_hub.SIZE)


def test_features_are_those_of_the_savedmodel(folder: Path) -> None:
    backbone = HubBackbone(options(folder))
    images = np.random.default_rng(0).random((32, 32, 32, 3), dtype=np.float32)
    features = backbone.embed(images)
    assert features.shape == (32, local_hub.WIDTH) and features.dtype == np.float32
    expected = local_hub.tf.saved_model.load(str(folder))(images, training=False)
    np.testing.assert_allclose(features, expected, atol=1e-5)


def test_identity_follows_the_content_not_the_place(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    before = HubBackbone(options(folder)).identity
    assert HubBackbone(options(copy)).identity == before
    data = next(copy.glob("variables/*.data*"))
    data.write_bytes(data.read_bytes()[:-1] + b"\x01")
    assert HubBackbone(options(copy)).identity != before
    other = HubOptions(handle=str(folder), size=64)
    assert HubBackbone(other).identity != before


def test_a_cached_handle_needs_no_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    cached = tmp_path / hashlib.sha1(HANDLE.encode(), usedforsecurity=False).hexdigest()
    shutil.copytree(folder, cached)
    assert locate(HANDLE) == fetched(HANDLE) == cached
    assert HubBackbone(options(folder)).identity == HubBackbone(options(Path(cached))).identity


@pytest.mark.parametrize("handle", [HANDLE, "http://10.255.255.1/feature_vector/1"])
def test_no_network_is_said_at_once(
    handle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    command = [sys.executable, "-c", REFUSED, handle]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kind, seconds, tensorflow, message = done.stdout.split(maxsplit=3)
    assert kind == "AlcoreError" and float(seconds) < 2 and tensorflow == "False"
    assert "is not on this machine and" in message and "cannot be reached" in message


def test_what_is_no_savedmodel_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    old = shutil.copytree(folder, tmp_path / "old")
    (old / "tfhub_module.pb").touch()
    for handle in ("", "nowhere", str(tmp_path / "empty"), str(old)):
        with pytest.raises(UsageError, match="must be the http address or the folder"):
            locate(handle)


def test_bfloat16_is_refused_where_it_would_change_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(precision, "_CPU", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text("flags : fpu avx2\n")
    with pytest.raises(UsageError, match="no effect on this CPU"):
        choose_precision("bfloat16")
    (tmp_path / "cpuinfo").write_text("flags : fpu amx_bf16\n")
    with pytest.raises(UsageError, match="already runs with another precision"):
        choose_precision("bfloat16")
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", "STRICT")
    choose_precision("bfloat16")
    assert os.environ["ONEDNN_DEFAULT_FPMATH_MODE"] == "BF16"


def test_the_hub_model_passes_the_conformance_checks(folder: Path) -> None:
    from dataclasses import dataclass, replace

    from alcore.options import option

    @dataclass(frozen=True, kw_only=True)
    class Local(HubOptions):
        handle: str = option(str(folder), help="here")
        size: int = option(local_hub.SIZE, help="small")

    spec = next(spec for spec in alcore_models() if spec.name == "hub")
    check_model(replace(spec, options=Local))
