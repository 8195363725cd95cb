"""Downloads files of known content: https only, sha256 pinned, capped, whole or not at all."""

from __future__ import annotations

import fcntl
import http.client
import os
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from dlkit.data.fingerprint import of_content
from dlkit.errors import DataError, StorageError

ATTEMPTS = 3
TIMEOUT = 30.0
"""Seconds without any answer."""
CHUNK = 1 << 18


class _Unfinished(Exception):
    """A transfer that may well succeed when it is tried again."""


class _HttpsRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to https."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        _require_https(newurl, f"{req.full_url} redirects to ")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def https_opener(https: urllib.request.BaseHandler | None = None) -> urllib.request.OpenerDirector:
    """An opener that speaks https (through a proxy if the environment names one) and nothing else."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        https or urllib.request.HTTPSHandler(),
        _HttpsRedirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def fetch(
    url: str,
    path: Path,
    *,
    sha256: str,
    max_bytes: int,
    mirrors: Sequence[str] = (),
    opener: urllib.request.OpenerDirector | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Downloads `url` to `path`, unless the same content is there already.

    What has come so far lies in `path` + `.part`; the final name appears when all of it is there, is
    right, and is on the disk. A `.part` that a killed process left is continued. `mirrors` are tried
    in turn, three attempts in all, with pauses of 1 and 2 seconds.

    Raises `DataError` if the file cannot be had or is not what was asked for, `StorageError` if it
    cannot be written; nothing is left behind then.
    """
    sources = [url, *mirrors]
    for source in sources:
        _require_https(source)
    if path.exists():
        _require_content(path, sha256)
        return
    part = path.with_name(path.name + ".part")
    with _claimed(part) as file:
        try:
            by_hand = f"Put {path.name} into {path.parent} by hand (from {url})."
            _obtain(sources, file, sha256, max_bytes, opener or https_opener(), pause, by_hand)
            _commit(file, part, path)
        except Exception:
            part.unlink(missing_ok=True)
            raise


def _require_https(url: str, prefix: str = "") -> None:
    if urlsplit(url).scheme != "https":
        raise DataError(f"{prefix}{url}: only https is used for downloads")


def _require_content(path: Path, sha256: str) -> None:
    if (found := of_content(path)) != sha256:
        raise DataError(f"{path}: its sha256 is {found}, expected {sha256}",
                        hint="Remove the file to download it again.")  # fmt: skip


@contextmanager
def _claimed(part: Path) -> Iterator[IO[bytes]]:
    """The `.part` file, open for this process alone."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("a+b")
    except OSError as error:
        raise StorageError(f"{part}: cannot be written ({error.strerror})") from error
    with file:
        if not _locked(file, part):
            raise DataError(f"{part}: another process is downloading this file",
                            hint="Start again when it has finished.")  # fmt: skip
        yield file


def _locked(file: IO[bytes], part: Path) -> bool:
    """Whether `file` is this process's alone, and still what stands under the name `part`."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    try:  # another process may have finished and renamed it since it was opened
        return os.path.samestat(os.fstat(file.fileno()), part.stat())
    except FileNotFoundError:
        return False


def _obtain(
    sources: Sequence[str],
    file: IO[bytes],
    sha256: str,
    max_bytes: int,
    opener: urllib.request.OpenerDirector,
    pause: Callable[[float], None],
    by_hand: str,
) -> None:
    """Fills `file` with the content that `sha256` names."""
    trouble = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(2.0 ** (attempt - 1))
        continued = file.seek(0, os.SEEK_END) > 0
        try:
            _transfer(sources[attempt % len(sources)], file, max_bytes, opener)
        except _Unfinished as error:
            trouble = str(error)
            continue
        if (found := _digest(file)) == sha256:
            return
        file.truncate(0)
        trouble = f"{sources[attempt % len(sources)]}: its sha256 is {found}, expected {sha256}"
        if not continued:  # a stale .part may be to blame, another attempt would give the same
            break
    raise DataError(trouble, hint=by_hand)


def _transfer(
    url: str, file: IO[bytes], max_bytes: int, opener: urllib.request.OpenerDirector
) -> None:
    """Appends to `file` what it lacks of `url`, or starts it anew where the server will not resume."""
    have = file.seek(0, os.SEEK_END)
    request = urllib.request.Request(url, headers={"User-Agent": "dlkit"})  # noqa: S310 - https, checked
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            start = _start(answer, url, have)
            file.truncate(start)
            _copy(answer, url, file, start, max_bytes)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            file.truncate(0)
        raise _Unfinished(f"{url}: the server answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Unfinished(_why(url, error)) from error


def _start(answer: Any, url: str, have: int) -> int:
    """The place in the file that the answer's body belongs to; refuses a web page."""
    if answer.headers.get_content_type() == "text/html":
        raise DataError(f"{url}: the server sent a web page instead of the file",
                        hint="Is there a login page between this machine and the network?")  # fmt: skip
    span = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return (
        have
        if answer.status == http.client.PARTIAL_CONTENT and span and int(span[1]) == have
        else 0
    )


def _copy(answer: Any, url: str, file: IO[bytes], start: int, max_bytes: int) -> None:
    length = answer.headers.get("Content-Length")
    size = start
    while True:
        if max(size, start + int(length or 0)) > max_bytes:
            raise DataError(f"{url}: the file is larger than the {max_bytes} bytes it should have")
        chunk = answer.read(CHUNK)
        if not chunk:
            break
        size += len(chunk)
        try:
            file.write(chunk)
        except OSError as error:
            raise StorageError(f"{file.name}: cannot be written ({error.strerror})") from error
    if length is not None and size < start + int(length):
        raise _Unfinished(
            f"{url}: the connection broke off after {size} of {start + int(length)} bytes"
        )


def _why(url: str, error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    host = urlsplit(url).hostname
    if isinstance(reason, socket.gaierror | ConnectionRefusedError) or "unreachable" in str(reason):
        return f"{url}: offline, {host} cannot be reached ({reason})"
    return f"{url}: the transfer failed ({reason})"


def _digest(file: IO[bytes]) -> str:
    file.flush()
    return of_content(Path(file.name))


def _commit(file: IO[bytes], part: Path, path: Path) -> None:
    """Gives the finished file its final name once it is on the disk."""
    try:
        file.flush()
        os.fsync(file.fileno())
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error
