"""What ends a training badly: the traces that it leaves in the run folder, and the words for it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import torch

from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError, Diverged, DlkitError, MemoryShortage, StorageError
from dlkit.runfolder import RunFolder
from dlkit.training.guard import NonFinite
from dlkit.training.loop import Loop

NO_DETERMINISM = "does not have a deterministic implementation"
NO_MEMORY = ("can't allocate memory", "not enough memory")


@contextmanager
def explained(config: RunConfig) -> Iterator[None]:
    """Says torch's own errors of memory and determinism in the user's terms."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise memory_shortage(config) from error
    except RuntimeError as error:
        text = str(error)
        if any(words in text for words in NO_MEMORY):
            raise memory_shortage(config) from error
        if NO_DETERMINISM in text:
            operation = text.split(f" {NO_DETERMINISM}", maxsplit=1)[0]
            raise ConfigError(
                f"'fit.deterministic': {operation} has no deterministic form on this device.",
                hint="Set fit.deterministic: warn, or fit.device: cpu.",
            ) from error
        raise


def memory_shortage(config: RunConfig) -> MemoryShortage:
    """What to say, and to try, when memory ran out. The batch size is never changed silently."""
    peak = ""
    if torch.cuda.is_available():
        peak = f" (peak {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB)"
    return MemoryShortage(
        f"out of memory with fit.batch_size {config.fit.batch_size}{peak}. The last checkpoint is kept.",
        hint="Lower fit.batch_size and raise fit.accumulate by the same factor (the gradient stays "
        "the same), or set fit.precision: bf16.",
    )


@contextmanager
def traces(
    folder: RunFolder, loop: Loop, origin: str | None, examples: Callable[[int], list[int]]
) -> Iterator[None]:
    """Writes `crashes.jsonl`, `crash.log` and, for a loss or gradient that is not finite,
    `nonfinite.json` before the error goes on.

    `origin` is the checkpoint that the session went on from; `examples` names those of an update.
    """
    try:
        yield
    except NonFinite as error:
        note(folder, origin, error.step, str(error))
        raise diverged(folder, loop, error, examples(error.step)) from error
    except Exception as error:
        words = str(error) if isinstance(error, DlkitError) else f"{type(error).__name__}: {error}"
        note(folder, origin, loop.position.step, words)
        raise


def note(folder: RunFolder, origin: str | None, step: int, words: str) -> None:
    """Notes a crash and its traceback; a folder that cannot be written is the error itself."""
    with suppress(OSError, StorageError):
        folder.note_crash(origin, step, words)
        folder.write("crash.log", traceback.format_exc())


def diverged(folder: RunFolder, loop: Loop, error: NonFinite, examples: list[int]) -> Diverged:
    """Writes `nonfinite.json` and says what to try."""
    rate = next(iter(loop.engine.parts.values())).rate
    report = {
        "what": error.what,
        "step": error.step,
        "learning_rate": rate,
        "examples": examples,
        "terms": {name: str(value) for name, value in error.terms.items()},
    }
    folder.write_json("nonfinite.json", report)
    return Diverged(
        f"{error} (learning rate {rate:g}). The weights are those before that step; "
        f"{folder.path / 'nonfinite.json'} has its examples and loss terms.",
        hint="Lower optimizer.learning_rate, add warm-up, or bound gradients with "
        "regularization.clip_norm.",
    )
