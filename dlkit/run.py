"""Runs a config: run folder, assembly, training, test, summary."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dlkit import environment, resume
from dlkit.assemble import Assembly, assemble
from dlkit.config.dump import dump
from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError, Diverged, DlkitError, ExitCode, MemoryShortage, StorageError
from dlkit.events import Event, PictureSaved, RunStarted, Sink, Stopped, Tested, Warned
from dlkit.interruption import Interruption
from dlkit.runfolder import RunFolder, create
from dlkit.sinks.checkpoints import Checkpoints
from dlkit.sinks.jsonl import JsonLines
from dlkit.sinks.tensorboard import TensorBoard
from dlkit.training import checkpoint, state
from dlkit.training.allocation import keep_freed_memory
from dlkit.training.evaluation import evaluate
from dlkit.training.guard import NonFinite


@dataclass(frozen=True)
class Result:
    """What came of a run; `summary.json` holds the same."""

    name: str
    folder: str
    kind: str
    """finished, early or interrupted."""
    reason: str
    exit_code: int
    epochs: int
    steps: int
    seconds: float
    parameters: int
    monitor: str
    best_score: float | None
    best_epoch: int | None
    scores: Mapping[str, float]
    """Scores on the test split, `{}` where it is empty or the run was interrupted."""
    weights_epoch: int | None
    """The epoch whose weights were tested."""


class Broadcast:
    """Hands each event to every sink, in the order in which they were added."""

    def __init__(self) -> None:
        self.sinks: list[Sink] = []
        self.scores: Mapping[str, float] = {}

    def emit(self, event: Event) -> None:
        """Tells the sinks."""
        for sink in self.sinks:
            sink.handle(event)

    def close(self) -> None:
        """Closes every sink, also when one of them fails to."""
        with ExitStack() as stack:
            for sink in self.sinks:
                stack.callback(sink.close)


@dataclass(frozen=True)
class Resumption:
    """That a run shall go on, and what may differ."""

    folder: RunFolder
    allow_data_change: bool = False


@dataclass(frozen=True)
class Inheritance:
    """That a new run shall begin with the weights of another run's newest checkpoint."""

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
    interruption = interruption or Interruption()
    broadcast = Broadcast()
    prepare_torch(config)
    with explained(config):
        assembly = assemble(config, broadcast.emit)
    inherited = _inherit(assembly, inheritance) if inheritance else []
    folder = resumption.folder if resumption else create(Path(config.logging.folder), config.name)
    with folder.lock():
        session = Session(assembly, folder, broadcast, interruption)
        notes = session.resume(resumption) if resumption else session.begin()
        broadcast.sinks += [*session.sinks(), *display]
        try:
            return session.train([*inherited, *notes])
        finally:
            broadcast.close()


def prepare_torch(config: RunConfig) -> None:
    """Sets what is global in the process: threads, determinism, how memory is kept."""
    keep_freed_memory()
    if config.fit.threads:
        torch.set_num_threads(config.fit.threads)
    deterministic = config.fit.deterministic
    torch.use_deterministic_algorithms(bool(deterministic), warn_only=deterministic == "warn")


class Session:
    """One process's share of a run: from the start or a checkpoint to the end or an interruption."""

    def __init__(
        self,
        assembly: Assembly,
        folder: RunFolder,
        broadcast: Broadcast,
        interruption: Interruption,
    ) -> None:
        self.assembly, self.folder, self.broadcast = assembly, folder, broadcast
        self.interruption = interruption
        self.loop, self.config = assembly.loop, assembly.config
        self.store = checkpoint.Store(folder.checkpoints)
        self.environment = environment.describe(assembly.device)
        self.origin: str | None = None
        """The checkpoint that this session went on from."""

    def begin(self) -> list[str]:
        """Writes down what the run is made of: config, environment, uncommitted changes."""
        commit, changes = environment.repository(Path.cwd())
        self.folder.write("config.yaml", dump(self.config.resolved()))
        self.folder.write_json(
            "environment.json",
            self.environment
            | {
                "commit": commit,
                "command": environment.command(),
                "seed": self.config.fit.seed,
                "data_source": self.assembly.data.source,
                "data_fingerprint": self.assembly.data.fingerprint,
            },
        )
        if changes:
            self.folder.write("changes.diff", changes)
        return []

    def resume(self, resumption: Resumption) -> list[str]:
        """Restores the newest valid checkpoint; returns what the owner should know.

        Raises `CheckpointError` if the run cannot go on as the same run.
        """
        self.folder.refuse_third_crash()
        notes = resume.check_same_run(self.folder, self.config)
        notes += resume.check_same_data(
            self.folder, self.assembly.data.fingerprint, allow_change=resumption.allow_data_change
        )
        self.store.sweep()
        found = resume.find_checkpoint(self.folder, self.environment)
        if found is None:
            return [
                *notes,
                "nothing to resume: no checkpoint was saved. Starting afresh, same seed",
            ]
        state.restore(self.loop, found.snapshot)
        self.origin = found.name
        return [*notes, *found.notes]

    def sinks(self) -> list[Sink]:
        """Those that write to the run folder. Events are on disk before the checkpoint after them."""
        step = self.loop.position.step if self.origin else None
        sinks: list[Sink] = [JsonLines(self.folder.path, resume_step=step)]
        if self.config.logging.tensorboard:
            board = TensorBoard(
                self.folder.path,
                resume_step=step,
                hparams=_hparams(self.config),
                warn=self._warn,
                config_text=dump(self.config.resolved()),
            )
            if self.config.logging.graph:
                self._draw_graph(board)
            sinks.append(board)
        sinks.append(
            Checkpoints(
                self.store,
                lambda: state.capture(self.loop),
                lambda: self.loop.stopping.best_epoch,
                self.broadcast.emit,
                every_epochs=self.config.checkpoints.every_epochs,
                save_best=self.loop.stopping.restore_best,
                keep=self.config.checkpoints.keep,
                environment=self.environment,
            )
        )
        return sinks

    def _draw_graph(self, board: TensorBoard) -> None:
        batch = next(iter(self.loop.feed.train(0, 0)))
        for part in self.loop.engine.parts.values():
            board.graph(part.module, batch.inputs[:1])

    def train(self, notes: Sequence[str]) -> Result:
        """Runs the loop, tests the weights that the config asks for, and writes the summary."""
        self.broadcast.emit(self._started())
        for note in [*self.assembly.data.warnings, *notes]:
            self._warn(note)
        self.loop.interrupted = self.interruption.reason
        if self.config.logging.pictures:
            self.loop.show = self._show
        with self._noting_crashes(), explained(self.config), self.interruption.graceful():
            stopped = self.loop.run()
        if stopped.kind == "interrupted":
            return self._result(stopped, {}, None)
        weights_epoch = self._choose_weights()
        result = self._result(stopped, self._test(weights_epoch), weights_epoch)
        self.folder.write_json("summary.json", asdict(result))
        return result

    def _started(self) -> RunStarted:
        plan, data = self.loop.plan, self.assembly.data
        examples = {split: len(getattr(data, split)) for split in ("train", "validation", "test")}
        return RunStarted(
            self.loop.position.step,
            self.config.name,
            str(self.folder.path),
            environment.device_name(self.assembly.device),
            self.assembly.parameters,
            plan.epochs,
            plan.steps_per_epoch,
            examples,
            plan.monitor,
            plan.direction,
            self.loop.position.step if self.origin else None,
        )

    def _choose_weights(self) -> int:
        """Takes up the best epoch's weights where early stopping asks for them; returns their epoch."""
        stopping, epoch = self.loop.stopping, self.loop.position.epoch
        if not stopping.restore_best or stopping.best_epoch in (None, epoch):
            return epoch
        best = self.store.at_epoch(stopping.best_epoch)
        try:
            if best is None:
                raise checkpoint.Invalid("it is gone")
            snapshot, _ = checkpoint.load(best)
        except checkpoint.Invalid as reason:
            self._warn(
                f"the checkpoint of the best epoch {stopping.best_epoch} cannot be used: {reason}."
                " The last weights are tested instead"
            )
            return epoch
        for name, part in self.loop.engine.parts.items():
            state.load_weights(name, part.module, snapshot.model)
        return int(stopping.best_epoch)

    def _test(self, weights_epoch: int) -> Mapping[str, float]:
        if self.assembly.test is None:
            return {}
        scores = (
            evaluate(
                self.assembly.task,
                self.loop.engine.precision,
                self.assembly.test(),
                seed=self.config.fit.seed,
            )
            or {}
        )
        step = weights_epoch * self.loop.plan.steps_per_epoch
        self.broadcast.emit(Tested(self.loop.position.step, scores, step))
        return scores

    def _result(self, stopped: Stopped, scores: Mapping[str, float], weights: int | None) -> Result:
        stopping, position = self.loop.stopping, self.loop.position
        return Result(
            self.config.name,
            str(self.folder.path),
            stopped.kind,
            stopped.reason,
            int(self.interruption.code if stopped.kind == "interrupted" else ExitCode.DONE),
            position.epoch,
            position.step,
            position.seconds,
            self.assembly.parameters,
            self.loop.plan.monitor,
            stopping.best,
            stopping.best_epoch,
            scores,
            weights,
        )

    def _warn(self, message: str) -> None:
        self.broadcast.emit(Warned(self.loop.position.step, message))

    def _show(self, name: str, picture: Tensor) -> None:
        from PIL import Image

        step = self.loop.position.step
        path = self.folder.path / "pictures" / f"{name}-{step:08d}.png"
        try:
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(picture.numpy()).save(path)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
        self.broadcast.emit(PictureSaved(step, name, f"pictures/{path.name}"))

    @contextmanager
    def _noting_crashes(self) -> Iterator[None]:
        """Leaves traces of what ends the training: `nonfinite.json`, `crash.log`, `crashes.jsonl`."""
        try:
            yield
        except NonFinite as error:
            raise self._diverged(error) from error
        except DlkitError as error:
            self._note(str(error), self.loop.position.step)
            raise
        except Exception as error:
            self._note(f"{type(error).__name__}: {error}", self.loop.position.step)
            raise

    def _note(self, error: str, step: int) -> None:
        try:
            self.folder.note_crash(self.origin, step, error)
            self.folder.write("crash.log", traceback.format_exc())
        except (OSError, StorageError):
            pass  # the folder itself is the trouble; the error that led here says so

    def _diverged(self, error: NonFinite) -> Diverged:
        rate = next(iter(self.loop.engine.parts.values())).rate
        report = {
            "what": error.what,
            "step": error.step,
            "learning_rate": rate,
            "examples": self.assembly.indices(error.step),
            "terms": {name: str(value) for name, value in error.terms.items()},
        }
        stopped = Stopped(self.loop.position.step, "diverged", str(error), self.loop.position.epoch)
        self.broadcast.emit(stopped)
        self._note(str(error), error.step)
        self.folder.write_json("nonfinite.json", report)
        return Diverged(
            f"{error} (learning rate {rate:g}). The weights are those before that step; "
            f"{self.folder.path / 'nonfinite.json'} has its examples and loss terms.",
            hint="Lower optimizer.learning_rate, add warm-up, or bound gradients with "
            "regularization.clip_norm.",
        )


def _inherit(assembly: Assembly, inheritance: Inheritance) -> list[str]:
    """Gives a new run the weights of another's newest valid checkpoint."""
    found = resume.find_checkpoint(inheritance.folder, environment.describe(assembly.device))
    if found is None:
        raise ConfigError(f"{inheritance.folder.path} has no checkpoint to take weights from")
    notes = [f"weights are taken from {inheritance.folder.path}, {found.name}"]
    for name, part in assembly.loop.engine.parts.items():
        left = state.load_weights(
            name, part.module, found.snapshot.model, partial=inheritance.partial
        )
        notes += [f"not taken over: {each}" for each in left]
    return notes


def _hparams(config: RunConfig) -> dict[str, Any]:
    """The config as flat numbers and strings, for TensorBoard's HPARAMS."""
    flat: dict[str, Any] = {}

    def collect(prefix: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                collect(f"{prefix}.{key}" if prefix else key, inner)
        elif value is not None:
            flat[prefix] = (
                value if isinstance(value, bool | int | float | str) else json.dumps(value)
            )

    collect("", {k: v for k, v in config.resolved().items() if k not in ("logging", "checkpoints")})
    return flat


@contextmanager
def explained(config: RunConfig) -> Iterator[None]:
    """Says torch's own errors of memory and determinism in the user's terms."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise _memory_shortage(config) from error
    except RuntimeError as error:
        text = str(error)
        if "can't allocate memory" in text or "not enough memory" in text:
            raise _memory_shortage(config) from error
        if "does not have a deterministic implementation" in text:
            operation = text.split(" does not have", maxsplit=1)[0]
            raise ConfigError(
                f"'fit.deterministic': {operation} has no deterministic form on this device",
                hint="Set fit.deterministic: warn, or fit.device: cpu.",
            ) from error
        raise


def _memory_shortage(config: RunConfig) -> MemoryShortage:
    peak = ""
    if torch.cuda.is_available():
        peak = f" (peak {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB)"
    return MemoryShortage(
        f"out of memory with fit.batch_size {config.fit.batch_size}{peak}. The last checkpoint is kept.",
        hint="Lower fit.batch_size and raise fit.accumulate by the same factor (the gradient stays the "
        "same), or set fit.precision: bf16.",
    )
