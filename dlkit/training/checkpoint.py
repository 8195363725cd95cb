"""Checkpoints on disk: safetensors and a JSON manifest, committed by one rename, never a pickle.

A checkpoint is a folder `step-00000120-epoch-0003`. It is written under a temporary name, each file
is fsynced, the manifest (sizes and sha256 of the files, and of itself) comes last, the folder is
renamed and its parent fsynced. Killed anywhere, what has a final name is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from dlkit import __version__

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
TEMPORARY = ".tmp-"


@dataclass(frozen=True)
class Snapshot:
    """All that a resumed run needs. Tensors are on the CPU and contiguous; `state` is JSON-able."""

    step: int
    epoch: int
    model: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The checkpoint's folder name; names sort by how far the training was."""
        return f"step-{self.step:08d}-epoch-{self.epoch:04d}"


class Invalid(Exception):
    """Why a checkpoint cannot be used, in words."""


class Store:
    """The checkpoints of one run, under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def candidates(self) -> list[Path]:
        """Folders that look like checkpoints, the furthest first; valid or not."""
        return sorted(self.root.glob("step-*-epoch-*"), reverse=True)

    def of_epoch(self, epoch: int) -> Snapshot:
        """The checkpoint taken at the end of `epoch`. Raises `Invalid` if it cannot be had."""
        for path in self.candidates():
            if epoch_of(path) == epoch:
                return load(path)[0]
        raise Invalid("it is gone")

    def commit(self, snapshot: Snapshot, environment: Mapping[str, Any]) -> Path:
        """Writes `snapshot`; when this returns, it survives a crash. Raises `OSError`.

        What already stands under that name is left: it is the same state, saved before.
        """
        final = self.root / snapshot.name
        if final.exists():
            return final
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f"{TEMPORARY}{snapshot.name}-{secrets.token_hex(4)}"
        temporary.mkdir()
        try:
            self._write(temporary, snapshot, environment)
            os.rename(temporary, final)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _fsync_folder(self.root)
        return final

    def _write(self, folder: Path, snapshot: Snapshot, environment: Mapping[str, Any]) -> None:
        contents = {
            "model.safetensors": safetensors.save(dict(snapshot.model)),
            "optimizer.safetensors": safetensors.save(dict(snapshot.optimizer)),
            "state.json": _to_json(snapshot.state),
        }
        files = {
            name: {"size": len(data), "sha256": _sha256(data)} for name, data in contents.items()
        }
        manifest = {
            "format_version": FORMAT_VERSION,
            "dlkit": __version__,
            "step": snapshot.step,
            "epoch": snapshot.epoch,
            "files": files,
            "environment": dict(environment),
        }
        for name, data in contents.items():
            _write_synced(folder / name, data)
        manifest["sha256"] = _sha256(_to_json(manifest))
        _write_synced(folder / MANIFEST, _to_json(manifest))
        _fsync_folder(folder)

    def sweep(self) -> None:
        """Removes what a killed save left; the run folder must be locked."""
        for leftover in self.root.glob(f"{TEMPORARY}*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def prune(self, keep: int, best_epoch: int | None) -> None:
        """Removes all but the newest `keep` checkpoints and the one of `best_epoch`."""
        for path in self.candidates()[keep:]:
            if epoch_of(path) != best_epoch:
                shutil.rmtree(path, ignore_errors=True)


def epoch_of(path: Path) -> int:
    """The number of complete epochs in the name of the checkpoint `path`."""
    return int(path.name.rpartition("-")[2])


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the checkpoint `path`, checked. Raises `Invalid`."""
    try:
        manifest = json.loads(_read(path, MANIFEST))
        claimed = manifest.pop("sha256")
        version = manifest["format_version"]
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise Invalid("its manifest is damaged") from error
    if claimed != _sha256(_to_json(manifest)):
        raise Invalid("its manifest is damaged")
    if version > FORMAT_VERSION:
        raise Invalid(
            f"it was written by dlkit {manifest['dlkit']} in format {version}; "
            f"this dlkit {__version__} reads formats up to {FORMAT_VERSION}: update dlkit"
        )
    return dict(manifest)


def load(path: Path) -> tuple[Snapshot, dict[str, Any]]:
    """The checkpoint `path` and its manifest, every byte of it checked. Raises `Invalid`."""
    manifest = read_manifest(path)
    data = {name: _checked(path, name, facts) for name, facts in manifest["files"].items()}
    try:
        model = safetensors.load(data["model.safetensors"])
        optimizer = safetensors.load(data["optimizer.safetensors"])
        state = json.loads(data["state.json"])
    except (SafetensorError, ValueError, KeyError) as error:
        raise Invalid(f"a file is not in the format that its name says ({error})") from error
    return Snapshot(manifest["step"], manifest["epoch"], model, optimizer, state), manifest


def _checked(path: Path, name: str, facts: Mapping[str, Any]) -> bytes:
    data = _read(path, name)
    if len(data) != facts["size"]:
        raise Invalid(f"{name} holds {len(data)} bytes instead of {facts['size']}")
    if _sha256(data) != facts["sha256"]:
        raise Invalid(f"{name} does not have the sha256 that the manifest says")
    return data


def _read(path: Path, name: str) -> bytes:
    file = path / name
    if path.is_symlink() or file.is_symlink():
        raise Invalid(f"{file.name if file.is_symlink() else path.name} is a symbolic link")
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"{name} cannot be read ({error.strerror})") from error


def _to_json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _fsync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
