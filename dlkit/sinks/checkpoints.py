"""Saves the training at the ends of epochs, at steps that the loop asks for, and when it stops."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dlkit.errors import StorageError
from dlkit.events import CheckpointDue, CheckpointSaved, EpochDone, Event, Stopped
from dlkit.training.checkpoint import Snapshot, Store


class Checkpoints:
    """Commits `capture()` to `store`; keeps the newest `keep` and that of the best epoch.

    An epoch is saved when its number is a multiple of `every_epochs`, and, where its weights may be
    wanted at the end (`save_best`), when it improved.
    """

    def __init__(
        self,
        store: Store,
        capture: Callable[[], Snapshot],
        best_epoch: Callable[[], int | None],
        emit: Callable[[Event], None],
        *,
        every_epochs: int,
        save_best: bool,
        keep: int,
        environment: Mapping[str, Any],
    ) -> None:
        self.store, self.capture, self.best_epoch, self.emit = store, capture, best_epoch, emit
        self.every_epochs, self.save_best, self.keep = every_epochs, save_best, keep
        self.environment = environment
        self._unsaved = False

    def handle(self, event: Event) -> None:
        """Saves if `event` is worth it. Raises `StorageError`; earlier checkpoints stay valid."""
        if isinstance(event, EpochDone):
            self._unsaved = True
            best = event.improved and self.save_best
            if best or event.epoch % self.every_epochs == 0:
                self.emit(CheckpointDue(event.step, "improved" if best else "epoch"))
        elif isinstance(event, Stopped) and event.kind in ("finished", "early") and self._unsaved:
            self.emit(CheckpointDue(event.step, event.kind))
        elif isinstance(event, CheckpointDue):  # by now, sinks before this one have flushed theirs
            self._save(event.reason)

    def close(self) -> None:
        """Nothing is held open."""

    def _save(self, reason: str) -> None:
        snapshot = self.capture()
        self._unsaved = False
        if (self.store.root / snapshot.name).exists():
            return
        path = self._commit(snapshot)
        self.store.prune(self.keep, self.best_epoch())
        self.emit(CheckpointSaved(snapshot.step, f"{path.parent.name}/{path.name}", reason))

    def _commit(self, snapshot: Snapshot) -> Path:
        """Commits; on a full disk once more after pruning to what must be kept."""
        try:
            return self.store.commit(snapshot, self.environment)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise self._failed(error) from error
        self.store.prune(self.keep, self.best_epoch())
        try:
            return self.store.commit(snapshot, self.environment)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StorageError:
        kept = self.store.candidates()
        safe = (
            f"The checkpoint {kept[0].name} is still valid." if kept else "None was saved before."
        )
        return StorageError(
            f"cannot save a checkpoint in {self.store.root}: {error.strerror or error}. {safe}",
            hint="Make room or permit writing, then go on with --resume.",
        )
