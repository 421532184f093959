"""Fetching a file over the network: an answer at once where there is none."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from alcore.errors import AlcoreError
from alcore.models import Progress

ANSWER_SECONDS = 1.0
_STALL_SECONDS = 20
_BLOCK_BYTES = 1 << 20


def check_reachable(url: str) -> None:
    """Ask for a file and hang up.

    Raises:
        AlcoreError: No network, an error, or no answer within a second.
    """
    with _opened(url):
        pass


def fetch(url: str, target: Path, *, size: int, sha256: str, progress: Progress) -> None:
    """Download a file of which size and checksum are known.

    Args:
        url: http or https; proxies of the environment are used.
        target: Where it is written; on errors a part of it may be left there.
        size: Its length in bytes.
        sha256: Its checksum, in hexadecimal.
        progress: Told of "download" at every megabyte.

    Raises:
        AlcoreError: The host does not answer, the transfer breaks off, or what came is not
            that file.
    """
    digest, done = hashlib.sha256(), 0
    with _opened(url) as answer, target.open("xb") as file:
        while done <= size and (block := _read(answer, url, done, size)):
            file.write(block)
            digest.update(block)
            done += len(block)
            progress(f"download {size / 1e6:.0f} MB", min(1.0, done / size))
    if done < size:
        raise _broken_off(url, done, size)
    if done > size or digest.hexdigest() != sha256:
        raise AlcoreError(f"what {url} sent is not the file whose checksum is recorded")


def _read(answer: HTTPResponse, url: str, done: int, size: int) -> bytes:
    try:
        return answer.read(_BLOCK_BYTES)
    except (OSError, HTTPException) as error:
        raise _broken_off(url, done, size) from error


def _broken_off(url: str, done: int, size: int) -> AlcoreError:
    megabytes = f"{done / 1e6:.1f} of {size / 1e6:.1f} MB"
    return AlcoreError(f"{urlsplit(url).hostname} broke off after {megabytes}; try again")


@contextmanager
def _opened(url: str) -> Iterator[HTTPResponse]:
    if urlsplit(url).scheme not in ("http", "https"):
        raise AlcoreError(f"{url} is no http or https address")
    answers: SimpleQueue[HTTPResponse | Exception] = SimpleQueue()
    # A thread, because no timeout bounds the look-up of a name. It may outlive the wait.
    Thread(target=_ask, args=(url, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=ANSWER_SECONDS)
    except Empty:
        answer = TimeoutError(f"no answer within {ANSWER_SECONDS:g} s")
    if isinstance(answer, Exception):
        raise AlcoreError(
            f"{urlsplit(url).hostname} cannot be reached: {_reason(answer)}"
        ) from answer
    with answer:
        yield answer


def _ask(url: str, answers: "SimpleQueue[HTTPResponse | Exception]") -> None:
    try:
        answers.put(urlopen(url, timeout=_STALL_SECONDS))  # noqa: S310 -- http or https: checked
    except Exception as error:
        answers.put(error)


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        error.close()
        return f"it answers {error.code} {error.reason}"
    reason = error.reason if isinstance(error, URLError) else error
    text = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
    return str(text) or type(error).__name__
