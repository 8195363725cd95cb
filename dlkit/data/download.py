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
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from dlkit.data.fingerprint import of_content
from dlkit.errors import DataError, StorageError

ATTEMPTS = 3
TIMEOUT = 30.0
"""Seconds without any answer."""
CHUNK = 1 << 18


class _TransferError(Exception):
    """A transfer that may well succeed when it is tried again."""


class _HttpsRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to https."""

    def redirect_request(  # noqa: PLR0917 - urllib's signature
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if urlsplit(newurl).scheme != "https":
            fp.close()
        _require_https(newurl, f"{req.full_url} redirects to ")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def https_opener(https: urllib.request.BaseHandler | None = None) -> urllib.request.OpenerDirector:
    """An opener that speaks https alone, through a proxy if the environment names one."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        https or urllib.request.HTTPSHandler(),
        _HttpsRedirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),  # raises for every other scheme
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

    What has come so far lies in `path` + `.part`; the final name appears when all of it is there,
    is right, and is on the disk. A `.part` that a killed process left is continued. `mirrors` are
    tried in turn, three attempts in all, with pauses of 1 and 2 seconds.

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
            transfer = _Transfer(file, sha256, max_bytes, opener or https_opener())
            transfer.run(
                sources, pause, f"Put {path.name} into {path.parent} by hand (from {url})."
            )
            _commit(file, part, path)
        except Exception:
            part.unlink(missing_ok=True)
            raise


def _require_https(url: str, prefix: str = "") -> None:
    if urlsplit(url).scheme != "https":
        raise DataError(f"{prefix}{url}: only https is used for downloads")


def _require_content(path: Path, sha256: str) -> None:
    if (found := of_content(path)) != sha256:
        raise DataError(
            f"{path}: its sha256 is {found}, expected {sha256}",
            hint="Remove the file to download it again.",
        )


@contextmanager
def _claimed(part: Path) -> Iterator[IO[bytes]]:
    """The `.part` file, open for this process alone."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("a+b")
    except OSError as error:
        raise _unwritable(part, error) from error
    with file:
        if not _locked(file, part):
            raise DataError(
                f"{part}: another process is downloading this file",
                hint="Start again when it has finished.",
            )
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


@dataclass(frozen=True)
class _Transfer:
    """Fills `file`, open for appending, with the content that `sha256` names."""

    file: IO[bytes]
    sha256: str
    max_bytes: int
    opener: urllib.request.OpenerDirector

    def run(self, sources: Sequence[str], pause: Callable[[float], None], hint: str) -> None:
        """Tries the sources in turn; raises `DataError` with the last trouble if none will do."""
        trouble = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(2.0 ** (attempt - 1))
            url = sources[attempt % len(sources)]
            continued = self.file.seek(0, os.SEEK_END) > 0
            try:
                self._attempt(url)
            except _TransferError as error:
                trouble = str(error)
                continue
            self.file.flush()
            if (found := of_content(Path(self.file.name))) == self.sha256:
                return
            self.file.truncate(0)
            trouble = f"{url}: its sha256 is {found}, expected {self.sha256}"
            if not continued:  # else the beginning may be to blame, which was there before
                break
        raise DataError(trouble, hint=hint)

    def _attempt(self, url: str) -> None:
        """Appends what the file lacks, or starts it anew where the server will not resume."""
        have = self.file.seek(0, os.SEEK_END)
        headers = {"User-Agent": "dlkit"} | ({"Range": f"bytes={have}-"} if have else {})
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - https, checked
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                start = _start(answer, url, have)
                self.file.truncate(start)
                self._copy(answer, url, start)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                self.file.truncate(0)
            raise _TransferError(
                f"{url}: the server answered {error.code} {error.reason}"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise _TransferError(_why(url, error)) from error

    def _copy(self, answer: Any, url: str, start: int) -> None:
        """Appends the body of `answer`, of which the file holds `start` bytes already."""
        size, whole = start, None if answer.length is None else start + answer.length
        while True:
            if max(size, whole or 0) > self.max_bytes:
                raise DataError(
                    f"{url}: the file is larger than the {self.max_bytes} bytes allowed"
                )
            chunk = answer.read(CHUNK)
            if not chunk:
                break
            size += len(chunk)
            try:
                self.file.write(chunk)
            except OSError as error:
                raise _unwritable(Path(self.file.name), error) from error
        if whole is not None and size < whole:
            raise _TransferError(f"{url}: the connection broke off after {size} of {whole} bytes")


def _start(answer: Any, url: str, have: int) -> int:
    """The place in the file that the answer's body belongs to; refuses a web page."""
    if answer.headers.get_content_type() == "text/html":
        raise DataError(
            f"{url}: the server sent a web page instead of the file",
            hint="Is there a login page between this machine and the network?",
        )
    span = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    resumes = answer.status == HTTPStatus.PARTIAL_CONTENT and span and int(span[1]) == have
    return have if resumes else 0


def _why(url: str, error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    host = urlsplit(url).hostname
    if isinstance(reason, socket.gaierror | ConnectionRefusedError) or "unreachable" in str(reason):
        return f"{url}: offline, {host} cannot be reached ({reason})"
    return f"{url}: the transfer failed ({reason})"


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path}: cannot be written ({error.strerror})")


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
        raise _unwritable(path, error) from error
