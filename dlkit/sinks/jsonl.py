"""The run as a file: every event is a line of `events.jsonl`, and `read` makes events of it again.

Reports, comparisons and plots read this file and nothing else; `codec` says what a line looks like.
"""

from __future__ import annotations

import os
import time
from io import FileIO
from pathlib import Path
from typing import Any

from dlkit.errors import DataError, Location, Problem, StorageError
from dlkit.events import CheckpointDue, Event, StepDone
from dlkit.sinks import codec

NAME = "events.jsonl"
KEEP_SECONDS = 2.0
"""How long the line of a step may wait in memory for the next event."""


class JsonLines:
    """Appends every event to `folder/events.jsonl`; a crash loses a few seconds of steps at most.

    `resume_step=None` starts the file anew. Otherwise the file is cut back to that step, so that
    with what follows it reads as one uninterrupted run (with a `RunStarted` for each session). To
    keep it so after a power failure, this sink must see an event before the sink that saves the
    checkpoint does: then the file is on the disk before the checkpoint is.

    Raises `StorageError` when the file cannot be written, `DataError` when the one to be cut back
    is damaged.
    """

    def __init__(self, folder: Path, *, resume_step: int | None = None) -> None:
        self._path = folder / NAME
        self._pending: list[str] = []
        self._written = time.monotonic()
        try:
            if resume_step is not None and self._path.exists():
                _cut_back(self._path, resume_step)
            # Unbuffered: a buffer that could not be written would be written again when closed.
            self._file = FileIO(self._path, "w" if resume_step is None else "a")
        except OSError as error:
            raise self._failure(error) from error

    def handle(self, event: Event) -> None:
        """Takes note of `event`; all but steps are handed to the system at once."""
        self._pending.append(codec.encode(event) + "\n")
        waited = time.monotonic() - self._written
        if waited >= KEEP_SECONDS or not isinstance(event, StepDone):
            self._write(durably=isinstance(event, CheckpointDue))

    def close(self) -> None:
        """Writes what is pending and closes the file."""
        try:
            self._write()
        finally:
            self._file.close()

    def _write(self, *, durably: bool = False) -> None:
        text, self._pending = "".join(self._pending), []
        self._written = time.monotonic()
        # Half of a surrogate pair (an undecodable file name) becomes the JSON escape of itself.
        data, size = text.encode("utf-8", "backslashreplace"), self._file.tell()
        try:
            while data:
                data = data[self._file.write(data) :]
            if durably:
                os.fsync(self._file.fileno())
        except OSError as error:
            self._drop_torn_line(size)
            raise self._failure(error) from error

    def _drop_torn_line(self, size: int) -> None:
        try:
            self._file.truncate(size)
        except OSError:
            return  # `read` copes with a torn last line

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(
            f"cannot write {self._path}: {error.strerror}.",
            hint="Make room or permit writing, then go on with --resume.",
        )


def read(path: Path) -> list[Event]:
    """The events of the file at `path`, in order; a torn last line is left out.

    Raises `DataError` when the file cannot be read or a line in it is not an event.
    """
    events = []
    for number, (_, record) in enumerate(_records(path), 1):
        try:
            events.append(codec.decode(record))
        except ValueError as error:
            raise _damage(path, number, error) from error
    return events


def _records(path: Path) -> list[tuple[bytes, dict[str, Any]]]:
    """Each whole line of the file, as bytes and as an object."""
    try:
        *lines, _torn = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}.") from error
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append((line, codec.parse(line)))
        except ValueError as error:
            raise _damage(path, number, error) from error
    return records


def _damage(path: Path, number: int, error: ValueError) -> DataError:
    hint = "If the file was edited, undo that; if a newer dlkit wrote it, use that."
    return DataError(Problem(f"{error}.", Location(str(path), number, 1), hint))


def _cut_back(path: Path, step: int) -> None:
    """Replaces the file by its lines up to the checkpoint of `step`, in one atomic move."""
    kept = b"".join(line + b"\n" for line in _kept(_records(path), step))
    temporary = path.with_name(f".tmp-{path.name}")
    with open(temporary, "wb") as file:
        file.write(kept)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _fsync_folder(path.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _kept(records: list[tuple[bytes, dict[str, Any]]], step: int) -> list[bytes]:
    """The lines of a run that goes on after `step`: it has neither stopped nor been tested.

    What follows the checkpoint within its step is done again: the judgement of the epoch, where
    the checkpoint is that of the epoch's last step.
    """
    saved = [
        index
        for index, (_, record) in enumerate(records)
        if record["event"] == "CheckpointSaved" and record["step"] == step
    ]
    until = saved[-1] + 1 if saved else len(records)
    return [
        line
        for line, record in records[:until]
        if record["step"] <= step and record["event"] not in ("Stopped", "Tested")
    ]
