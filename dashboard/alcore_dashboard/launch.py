"""Starting the dashboard's server as a process of its own, and ending it cleanly."""

import http.client
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from alcore.errors import AlcoreError, UsageError

HOST = "127.0.0.1"
DEFAULT_PORT = 8501
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


def command(port: int) -> list[str]:
    """The command line that serves the dashboard on this machine only."""
    options = {
        "server.address": HOST,
        "server.port": port,
        "server.headless": "true",
        "server.showEmailPrompt": "false",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    app = Path(__file__).with_name("server.py")
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(app), *flags]


def serve(port: int | None = None, *, open_browser: bool = False) -> int:
    """Serve the dashboard until Ctrl-C or SIGTERM.

    Args:
        port: Where to listen; None means 8501.
        open_browser: Open the page once it answers.

    Returns:
        Exit code: 0 after Ctrl-C or SIGTERM, else that of the server.

    Raises:
        UsageError: The port is taken or not allowed.
        AlcoreError: The server ended or did not answer while starting.
    """
    port = DEFAULT_PORT if port is None else port
    check_port(port)
    address = f"http://{HOST}:{port}"
    with _terminable(), _server(port) as server:
        try:
            _wait_until_healthy(server, port)
            click.echo(f"alcore dashboard: {address}")
            if open_browser:
                webbrowser.open(address)
            return server.wait()
        except KeyboardInterrupt:
            return 0


def check_port(port: int) -> None:
    """Refuse a port that cannot be listened on, in one sentence."""
    if not 1 <= port <= 65535:
        raise UsageError(f"port {port} is not a port; choose one from 1024 to 65535")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server will: a port whose last connections are closing down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise UsageError(f"port {port} needs special rights; choose one above 1023") from error
        except OSError as error:
            raise UsageError(
                f"port {port} is taken, perhaps by a dashboard that is already running at "
                f"http://{HOST}:{port}; choose another with --port"
            ) from error


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the waiting as Ctrl-C does."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _server(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command(port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise AlcoreError(f"the dashboard ended while starting (exit code {server.returncode})")
        if _is_healthy(port):
            return
        time.sleep(0.05)
    raise AlcoreError(f"the dashboard did not answer within {_START_SECONDS:.0f} seconds")


def _is_healthy(port: int) -> bool:
    # Not urllib: it would ask the proxy of the environment.
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
