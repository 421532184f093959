"""Downloads, from servers that answer well, badly or not at all."""

import hashlib
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from alcore.download import check_reachable, fetch
from alcore.errors import AlcoreError

CONTENT = bytes(range(256)) * 10_000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: 1_500_000 if self.path == "/half" else None])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def got(url: str, target: Path, *, size: int = len(CONTENT), sha256: str = CHECKSUM) -> list[float]:
    told: list[float] = []
    fetch(url, target, size=size, sha256=sha256, progress=lambda _, done: told.append(done))
    return told


def test_a_file_arrives_whole_and_progress_is_told(server: str, tmp_path: Path) -> None:
    told = got(f"{server}/file", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert len(told) > 1 and told == sorted(told) and told[-1] == 1


@pytest.mark.parametrize(
    ("path", "sha256", "size", "sentence"),
    [
        ("/half", CHECKSUM, len(CONTENT), "127.0.0.1 broke off after 1.5 of 2.6 MB"),
        ("/file", "0" * 64, len(CONTENT), "not the file whose checksum is recorded"),
        ("/file", CHECKSUM, 1000, "not the file whose checksum is recorded"),
        ("/file", CHECKSUM, 2 * len(CONTENT), "broke off after 2.6 of 5.1 MB"),
        ("/missing", CHECKSUM, len(CONTENT), "it answers 404 Not Found"),
    ],
)
def test_anything_else_is_refused(
    server: str, tmp_path: Path, path: str, sha256: str, size: int, sentence: str
) -> None:
    with pytest.raises(AlcoreError, match=sentence):
        got(server + path, tmp_path / "file", size=size, sha256=sha256)


def test_only_http_is_asked(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(AlcoreError, match="no http"):
        check_reachable((tmp_path / "secret").as_uri())


@pytest.mark.parametrize(
    ("listens", "sentence"), [(True, "no answer within 1 s"), (False, "Connection refused")]
)
def test_a_dead_host_is_named_at_once(listens: bool, sentence: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as host:  # accepts, and never answers
        url = f"http://127.0.0.1:{host.getsockname()[1]}/file"
        if not listens:
            host.close()
        begun = time.monotonic()
        with pytest.raises(AlcoreError, match=f"127.0.0.1 cannot be reached: {sentence}"):
            check_reachable(url)
        assert time.monotonic() - begun < 2
