"""A run's folder: where its files lie, who may write there, and how a file is written whole."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dlkit.errors import Busy, CheckpointError, StorageError


@dataclass(frozen=True)
class RunFolder:
    """The files of one run, under `path`."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints are."""
        return self.path / "checkpoints"

    @property
    def summary(self) -> Path:
        """The figures of a run that ended; a run without it can be resumed."""
        return self.path / "summary.json"

    @property
    def config(self) -> Path:
        """The resolved config, every default filled in."""
        return self.path / "config.yaml"

    @property
    def crashes(self) -> Path:
        """One line for each crash: from which checkpoint, at which step."""
        return self.path / "crashes.jsonl"

    def write(self, name: str, text: str) -> None:
        """Writes the file `name` whole or not at all. Raises `StorageError`."""
        final, temporary = self.path / name, self.path / f".tmp-{name}"
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise StorageError(f"cannot write {final}: {error.strerror}") from error

    def write_json(self, name: str, value: Any) -> None:
        """The same, as indented JSON."""
        self.write(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def note_crash(self, checkpoint: str | None, step: int, error: str) -> None:
        """Adds a line to `crashes.jsonl`."""
        line = json.dumps({"checkpoint": checkpoint, "step": step, "error": error})
        with self.crashes.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def refuse_third_crash(self) -> None:
        """Raises `CheckpointError` if the last two crashes were the same."""
        if not self.crashes.exists():
            return
        lines = self.crashes.read_text(encoding="utf-8").splitlines()[-2:]
        places = [(json.loads(line)["checkpoint"], json.loads(line)["step"]) for line in lines]
        if len(places) == 2 and places[0] == places[1]:
            raise CheckpointError(
                f"this run has stopped twice at step {places[0][1]} after {places[0][0] or 'its start'}"
                f": {json.loads(lines[-1])['error']}",
                hint="Going on would repeat it. Start a new run with another config; "
                "--resume RUN --weights-only takes over its weights.",
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder for this process. Raises `Busy` naming who has it.

        The lock is the kernel's (flock): it is gone with its process, even after `kill -9`.
        """
        with _opened(self.path / "lock") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                owner = file.read().strip() or "another process"
                raise Busy(f"{self.path} is being written by {owner}") from error
            file.truncate(0)
            file.write(f"pid {os.getpid()} on {socket.gethostname()}")
            file.flush()
            yield


def _opened(path: Path) -> Any:
    try:
        return (
            path.open("a+", encoding="utf-8")
            if not path.exists()
            else path.open("r+", encoding="utf-8")
        )
    except OSError as error:
        raise StorageError(f"cannot write in {path.parent}: {error.strerror}") from error


def create(root: Path, name: str) -> RunFolder:
    """A new folder `root/name-YYYYMMDD-HHMMSS`, numbered if that exists. Raises `StorageError`."""
    stem = f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            path = root / (stem if number == 1 else f"{stem}-{number}")
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return RunFolder(path)
    except OSError as error:
        raise StorageError(
            f"cannot create a run folder in {root}: {error.strerror}",
            hint="Name another with logging.folder.",
        ) from error
    raise StorageError(f"cannot find a free name for a run folder in {root}")


def find(run: Path, root: Path) -> RunFolder:
    """The folder of an existing run, given by its path or by its name under `root`.

    Raises `CheckpointError` if there is none, or if `run` is a file.
    """
    for path in (run, root / run):
        if path.is_file():
            raise CheckpointError(_not_a_run(path))
        if (path / "config.yaml").is_file():
            return RunFolder(path)
    raise CheckpointError(f"there is no run at {run}: no config.yaml in it")


def _not_a_run(path: Path) -> str:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"PK" or magic[:1] == b"\x80":
        return (
            f"{path} is a pickle (a PyTorch .pt file), which can run code: it is not loaded. "
            f"`dlkit import-weights {path}` reads its tensors safely"
        )
    return f"{path} is a file: --resume takes the folder of a run"
