"""Whether and from where a run can go on: the same run, the same data, the newest valid checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dlkit import environment
from dlkit.config import text
from dlkit.config.identity import differences
from dlkit.config.schema import RunConfig
from dlkit.errors import CheckpointError
from dlkit.runfolder import RunFolder
from dlkit.training.checkpoint import Invalid, Snapshot, Store, load


@dataclass(frozen=True)
class Found:
    """A checkpoint to go on from, and what its owner should know about it."""

    name: str
    snapshot: Snapshot
    notes: tuple[str, ...]


def check_same_run(folder: RunFolder, config: RunConfig) -> list[str]:
    """What was changed of the run's config, in words, where a run may change it.

    Raises `CheckpointError` naming each key whose change would make it another run (data, model,
    seed, ...).
    """
    saved = text.read(folder.config).data
    identity, free = differences(saved, config.resolved())
    if identity:
        changes = "; ".join(f"'{key}' was {old}, is {new}" for key, old, new in identity)
        raise CheckpointError(
            f"the config is no longer that of {folder.path}: {changes}",
            hint="Undo this to resume, or start a new run; --weights-only takes over its weights.",
        )
    return [f"'{key}' was {old}, is {new}" for key, old, new in free]


def check_same_data(folder: RunFolder, fingerprint: str, *, allow_change: bool) -> list[str]:
    """A note if the data changed since the run began and that is allowed.

    Raises `CheckpointError` if it is not: the run would skip or repeat examples.
    """
    saved = json.loads((folder.path / "environment.json").read_text(encoding="utf-8"))
    if saved["data_fingerprint"] == fingerprint:
        return []
    if not allow_change:
        raise CheckpointError(
            f"the data are not those that {folder.path} began with",
            hint="Restore them, or accept the change with --allow-data-change.",
        )
    return ["the data have changed since the run began"]


def find_checkpoint(folder: RunFolder, now: dict[str, Any]) -> Found | None:
    """The newest checkpoint that is whole; None if the run never saved one.

    Raises `CheckpointError` listing every candidate if none can be used. Deletes nothing.
    """
    rejected: list[str] = []
    for path in Store(folder.checkpoints).candidates():
        try:
            snapshot, manifest = load(path)
        except Invalid as reason:
            rejected.append(f"{path.name} is not used: {reason}")
            continue
        notes = [f"{each}. Going on from {path.name}" for each in rejected]
        inexact = environment.differences(manifest["environment"], now)
        if inexact:
            notes.append(f"the resumed run is not bit-exact because {'; '.join(inexact)}")
        return Found(path.name, snapshot, tuple(notes))
    if rejected:
        listed = "\n".join(f"  {each}" for each in rejected)
        raise CheckpointError(f"no checkpoint of {folder.path} can be used:\n{listed}")
    return None
