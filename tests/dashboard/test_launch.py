"""Starting and ending the server; what its process does not load."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from alcore.errors import AlcoreError, UsageError
from alcore_dashboard import launch

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as busy:
        busy.bind((launch.HOST, 0))
        busy.listen()
        yield busy.getsockname()[1]


def free_port() -> int:
    with listening() as port:
        return port


def test_the_server_listens_here_only_asks_nothing_and_reports_nothing() -> None:
    command = launch.command(8765)
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    for flag in (
        "--server.address=127.0.0.1",
        "--server.port=8765",
        "--server.headless=true",
        "--server.showEmailPrompt=false",
        "--browser.gatherUsageStats=false",
    ):
        assert flag in command


def test_a_taken_port_is_one_clear_sentence() -> None:
    with listening() as port, pytest.raises(UsageError, match=f"port {port} is taken") as refused:
        launch.serve(port)
    assert "choose another with --port" in str(refused.value)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match="is not a port"):
        launch.serve(port)


def test_a_server_that_ends_while_starting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "command", lambda port: [sys.executable, "-c", "exit(3)"])
    with pytest.raises(AlcoreError, match=r"ended while starting \(exit code 3\)"):
        launch.serve(free_port())


def test_it_says_where_it_is_serves_and_ends_cleanly_on_sigterm() -> None:
    port = free_port()
    code = f"from alcore_dashboard.launch import serve; raise SystemExit(serve({port}))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"alcore dashboard: http://127.0.0.1:{port}\n"
            assert b"<title>" in DIRECT.open(f"http://127.0.0.1:{port}/", timeout=10).read()
            with pytest.raises(urllib.error.HTTPError, match="404"):
                DIRECT.open(f"http://127.0.0.1:{port}/thumbnail/1/1", timeout=10)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    launch.check_port(port)


def test_all_pages_together_load_no_framework() -> None:
    code = """
import sys
from pathlib import Path
import alcore_dashboard.server
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(str(alcore_dashboard.server.MAIN), default_timeout=60).run()
for page in ("criteria", "budget", "rounds", "worst", "plugins"):
    app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception and not app.error, page
print(sorted({"tensorflow", "keras", "sklearn", "scipy"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
