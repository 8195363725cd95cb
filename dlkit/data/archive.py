"""Unpacks a tar.gz that may be malicious, into a temporary folder that is renamed at the end."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dlkit.errors import DataError, StorageError

MOST_RATIO = 100
"""How many times larger than the archive its content may be; gzip itself reaches 1,000 on zeros."""
LEFT_OVER = 3600.0
"""Seconds after which a temporary folder beside the target must be a killed process's."""
OVERHEAD = 2048
"""Bytes of headers and padding that an entry may take in the tar itself; a few more for its end."""


def extract(archive: Path, folder: Path, *, max_bytes: int, max_entries: int) -> None:
    """Unpacks the tar.gz `archive` as `folder`, which must not exist.

    Files and folders only: absolute paths, `..`, links, devices and repeated names are refused, and
    so are more than `max_entries` entries, more than `max_bytes` of content, or content more than
    100 times the archive's size. All of this is checked before anything is written.

    Raises `DataError` for an archive that is refused or damaged, `StorageError` if its content
    cannot be written.
    """
    if folder.exists():
        raise DataError(f"{folder}: exists already", hint="Remove it to unpack the archive again.")
    limit = min(max_bytes, MOST_RATIO * archive.stat().st_size)
    with _entries(archive, limit, max_entries) as (_, entries):
        for _entry in entries:
            pass  # the first pass only checks
    try:
        _sweep(folder)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
            content = Path(temporary) / "content"
            content.mkdir()
            with _entries(archive, limit, max_entries) as (tar, entries):
                for entry in entries:
                    _write(tar, entry, content)
            os.rename(content, folder)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written ({error.strerror or error})") from error


@contextmanager
def _entries(
    archive: Path, max_bytes: int, max_entries: int
) -> Iterator[tuple[tarfile.TarFile, Iterator[tarfile.TarInfo]]]:
    """The archive as a stream of bounded length, and its entries, each checked as it comes."""
    limit = max_bytes + OVERHEAD * (max_entries + 10)
    try:
        with (
            gzip.open(archive) as unpacked,
            tarfile.open(fileobj=_Limited(unpacked, limit, archive), mode="r|") as tar,
        ):
            yield tar, _checked(archive, tar, max_bytes, max_entries)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{archive}: damaged ({error})", hint="Download it again.") from error


def _checked(
    archive: Path, tar: tarfile.TarFile, max_bytes: int, max_entries: int
) -> Iterator[tarfile.TarInfo]:
    """The entries; raises `DataError` at one that is not harmless or exceeds a limit."""
    total, files, folders = 0, set[PurePosixPath](), set[PurePosixPath]()
    for count, entry in enumerate(tar, start=1):
        total += entry.size
        if reason := _objection(entry, files, folders):
            raise DataError(f"{archive}: refused, its entry '{entry.name}' {reason}")
        if count > max_entries:
            raise DataError(f"{archive}: refused, it has more than {max_entries} entries")
        if total > max_bytes:
            raise DataError(f"{archive}: refused, it unpacks to more than {max_bytes} bytes")
        yield entry


def _objection(
    entry: tarfile.TarInfo, files: set[PurePosixPath], folders: set[PurePosixPath]
) -> str:
    """What is wrong with an entry, given the names before it (which it joins); "" if nothing is."""
    path = PurePosixPath(entry.name)
    if path.is_absolute() or "\\" in entry.name:
        return "is no relative path"
    if ".." in path.parts:
        return "leaves the folder"
    if not (entry.isreg() or entry.isdir()) or entry.issparse():
        return "is neither a file nor a folder"
    if files.intersection((path, *path.parents)) or (entry.isreg() and path in folders):
        return "is in the place of another"
    folders.update(path.parents)
    (files if entry.isreg() else folders).add(path)
    return ""


class _Limited(io.RawIOBase):
    """Reads from `file`, and refuses to read more than `limit` bytes of it."""

    def __init__(self, file: gzip.GzipFile, limit: int, archive: Path) -> None:
        self._file, self._left, self._limit, self._archive = file, limit, limit, archive

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(chunk)
        if self._left < 0:
            raise DataError(
                f"{self._archive}: refused, it unpacks to more than {self._limit} bytes"
            )
        return chunk


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, content: Path) -> None:
    target = content / entry.name
    if entry.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(entry)
    assert source is not None  # noqa: S101 - only links have none, and they are refused
    with target.open("xb") as file:
        shutil.copyfileobj(source, file)


def _sweep(folder: Path) -> None:
    """Removes what killed extractions left beside `folder`."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        if time.time() - left.stat().st_mtime > LEFT_OVER:
            shutil.rmtree(left, ignore_errors=True)
