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
    """Commits `capture()` to `store`; keeps the newest `keep` and the best.

    An epoch is saved when its number is a multiple of `every_epochs`, or when it improved.
    """

    def __init__(
        self,
        store: Store,
        capture: Callable[[], Snapshot],
        best_epoch: Callable[[], int | None],
        emit: Callable[[Event], None],
        *,
        every_epochs: int,
        keep: int,
        environment: Mapping[str, Any],
    ) -> None:
        self.store, self.capture, self.best_epoch, self.emit = store, capture, best_epoch, emit
        self.every_epochs, self.keep, self.environment = every_epochs, keep, environment

    def handle(self, event: Event) -> None:
        """Saves if `event` is worth it. Raises `StorageError`; earlier checkpoints stay valid."""
        if isinstance(event, EpochDone):
            if event.improved or event.epoch % self.every_epochs == 0:
                self._save("improved" if event.improved else "epoch")
        elif isinstance(event, CheckpointDue):
            self._save(event.reason)
        elif isinstance(event, Stopped) and event.kind in ("finished", "early"):
            self._save(event.kind)

    def close(self) -> None:
        """Nothing is held open."""

    def _save(self, reason: str) -> None:
        snapshot = self.capture()
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
