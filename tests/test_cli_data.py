"""`alcore data prepare`: what it says and asks, online, offline and interrupted."""

import io
import os
import pty
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

URL = "http://download.tensorflow.org/example_images/flower_photos.tgz"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where packs lie; the network is a proxy that is not there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "usual"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    return tmp_path / "cache" / "alcore" / "tfds"


@pytest.fixture
def online(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A network in which every address answers with a few bytes; gives the addresses asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"photo")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        yield asked
        proxy.shutdown()
        thread.join()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    photo = io.BytesIO()
    Image.new("RGB", (16, 16)).save(photo, format="JPEG")
    with tarfile.open(tmp_path / "flower_photos.tgz", "w:gz") as files:
        for name in ("roses/1.jpg", "tulips/1.jpg"):
            member = tarfile.TarInfo(f"flower_photos/{name}")
            member.size = len(photo.getvalue())
            files.addfile(member, io.BytesIO(photo.getvalue()))
    return tmp_path / "flower_photos.tgz"


def prepare(*arguments: str | Path, code: int = 0) -> str:
    """Run the command without a terminal; what it prints, or its error where it is to fail."""
    done = subprocess.run(
        [sys.executable, "-m", "alcore", "data", "prepare", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def test_an_archive_becomes_the_dataset(place: Path, archive: Path) -> None:
    said = prepare("tf_flowers", "--archive", archive, "--unverified")
    assert said == "tf_flowers is ready: 2 samples\n"
    assert (place / "tf_flowers").is_dir()
    assert prepare("tf_flowers") == said


@pytest.mark.parametrize("refuses", [True, False])
def test_offline_it_names_the_ways_out_within_3_seconds(
    place: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never answers
        if not refuses:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        error = prepare("tf_flowers", "--yes", code=1)
        assert time.monotonic() - begun < 3
    assert "download.tensorflow.org cannot be reached" in error
    assert "alcore data prepare tf_flowers --data-dir FOLDER" in error
    assert "alcore data prepare tf_flowers --archive FILE" in error
    assert len(error.splitlines()) == 1 and not place.exists()


def test_without_a_terminal_it_must_be_told_to_download(online: list[str], place: Path) -> None:
    error = prepare("tf_flowers", code=2)
    assert f"this downloads 229 MB to {place / 'tf_flowers'}; agree with --yes" in error
    assert online == [URL] and not place.exists()


def test_on_a_terminal_it_asks(online: list[str], place: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    command = [sys.executable, "-m", "alcore", "data", "prepare", "tf_flowers"]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 1 and "stopped" in done.stderr
    assert f"Download 229 MB to {place / 'tf_flowers'}? [y/N]" in done.stderr


def test_what_is_no_archive_of_photos_is_refused(online: list[str], place: Path) -> None:
    error = prepare("tf_flowers", "--yes", code=1)
    assert "broke off after 0.0 of 228.8 MB" in error
    assert set(online) == {URL}
    assert [file.name for file in place.iterdir()] == ["tf_flowers.lock"]


def test_ctrl_c_leaves_nothing(place: Path, archive: Path) -> None:
    command = [sys.executable, "-m", "alcore", "data", "prepare", "tf_flowers", "--unverified"]
    with subprocess.Popen(
        [*command, "--archive", archive], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (place / "tf_flowers.part" / "downloads").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.communicate()[1].splitlines()[-1] == "stopped"
    assert process.returncode == 1
    assert [file.name for file in place.iterdir()] == ["tf_flowers.lock"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("flowers",), 2, "did you mean 'tf_flowers'"),
        (("tfds",), 2, "say it like tfds:cifar100"),
        (("tfds:cifar1000",), 2, "did you mean cifar100"),
        (("tf_flowers", "--set", "data_dir"), 2, "must look like"),
        (("tf_flowers", "--set", "epochs=3"), 2, "dataset.epochs is not an option"),
        (("tf_flowers", "--data-dir", "nowhere"), 2, "'nowhere' does not exist"),
        (("tf_flowers", "--set", "data_dir=nowhere"), 1, "TFDS has not prepared 'tf_flowers'"),
        (("tf_flowers", "--archive", "x.tgz"), 2, "cannot read x.tgz: No such file"),
        (("tf_flowers", "--archive", "x.tgz", "--data-dir", "."), 2, "not both"),
    ],
)
def test_mistakes_get_a_sentence(
    place: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    assert sentence in prepare(*arguments, code=code)
    assert not place.exists()


def test_a_dataset_that_is_always_here() -> None:
    assert prepare("digits") == "digits needs no preparation\n"
