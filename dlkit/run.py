"""Runs a config: assembly, run folder, session, result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from dlkit import environment, resume
from dlkit.assemble import Assembly, assemble
from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError
from dlkit.events import Sink
from dlkit.interruption import Interruption
from dlkit.runfolder import RunFolder, create
from dlkit.session import Result, Session
from dlkit.sinks.broadcast import Broadcast
from dlkit.training import state
from dlkit.training.allocation import keep_freed_memory
from dlkit.trouble import explained


@dataclass(frozen=True)
class Resumption:
    """That the run in `folder` shall go on; its data may have changed where that is allowed."""

    folder: RunFolder
    allow_data_change: bool = False


@dataclass(frozen=True)
class Inheritance:
    """That a new run shall begin with the weights of another's newest checkpoint.

    With `partial`, tensors that the model has not, or has in another shape, are left out.
    """

    folder: RunFolder
    partial: bool = False


def run(
    config: RunConfig,
    *,
    display: Sequence[Sink] = (),
    interruption: Interruption | None = None,
    resumption: Resumption | None = None,
    inheritance: Inheritance | None = None,
) -> Result:
    """Trains `config` in a folder of its own, or goes on in that of `resumption`.

    Raises a `DlkitError`; before the run folder exists if config or data are at fault.
    """
    broadcast = Broadcast()
    prepare_process(config)
    with explained(config):
        assembly = assemble(config, broadcast.emit)
    notes = inherit(assembly, inheritance) if inheritance else []
    folder = resumption.folder if resumption else create(Path(config.logging.folder), config.name)
    with folder.lock():
        session = Session(assembly, folder, broadcast, interruption or Interruption())
        if resumption:
            notes += session.resume(allow_data_change=resumption.allow_data_change)
        else:
            session.begin()
        return session.train(display, notes)


def prepare_process(config: RunConfig) -> None:
    """Sets what is global in the process: threads, determinism, how memory is kept."""
    keep_freed_memory()
    if config.fit.threads:
        torch.set_num_threads(config.fit.threads)
    deterministic = config.fit.deterministic
    torch.use_deterministic_algorithms(bool(deterministic), warn_only=deterministic == "warn")


def inherit(assembly: Assembly, inheritance: Inheritance) -> list[str]:
    """Gives a new run the weights of another's newest valid checkpoint; says what was left out.

    Raises `CheckpointError` if they do not fit and `partial` does not allow that.
    """
    found = resume.find_checkpoint(inheritance.folder, environment.describe(assembly.device))
    if found is None:
        raise ConfigError(f"{inheritance.folder.path} has no checkpoint to take weights from.")
    notes = [f"weights are taken from {inheritance.folder.path}, {found.name}"]
    for name, part in assembly.loop.engine.parts.items():
        model, partial = found.snapshot.model, inheritance.partial
        left = state.load_weights(name, part.module, model, partial=partial)
        notes += [f"not taken over: {each}" for each in left]
    return notes
