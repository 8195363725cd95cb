"""One process's share of a run: from the start or a checkpoint to the end or an interruption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import Tensor

from dlkit import environment, resume
from dlkit.assemble import Assembly
from dlkit.config.dump import dump
from dlkit.data.dataset import References
from dlkit.errors import ExitCode, StorageError
from dlkit.events import (
    PictureSaved,
    RunStarted,
    Sink,
    Stopped,
    Tested,
    TextTold,
    Warned,
)
from dlkit.interruption import Interruption
from dlkit.runfolder import RunFolder
from dlkit.sinks.broadcast import Broadcast
from dlkit.sinks.checkpoints import Checkpoints
from dlkit.sinks.jsonl import JsonLines
from dlkit.sinks.tensorboard import TensorBoard
from dlkit.training import checkpoint, state
from dlkit.training.evaluation import evaluate
from dlkit.training.guard import NonFinite
from dlkit.trouble import explained, traces


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
    references: Mapping[str, Mapping[str, float]]
    """Scores of rivals on the test split, to be read beside those of the model."""


class Session:
    """Trains an assembly in a locked run folder, and leaves there all that a run leaves."""

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

    def begin(self) -> None:
        """Writes down what the run is made of: config, environment, uncommitted changes."""
        commit, changes = environment.repository(Path.cwd())
        self.folder.write("config.yaml", dump(self.config.resolved()))
        provenance = {
            "commit": commit,
            "command": environment.command(),
            "seed": self.config.fit.seed,
            "data_source": self.assembly.data.source,
            "data_fingerprint": self.assembly.data.fingerprint,
        }
        self.folder.write_json("environment.json", self.environment | provenance)
        if changes:
            self.folder.write("changes.diff", changes)
        if skipped := self.assembly.data.skipped:
            self.folder.write_json("skipped.json", list(skipped))

    def resume(self, *, allow_data_change: bool) -> list[str]:
        """Restores the newest valid checkpoint; returns what the owner should know.

        Raises `CheckpointError` if the run cannot go on as the same run.
        """
        self.folder.refuse_third_crash()
        fingerprint = self.assembly.data.fingerprint
        notes = resume.check_same_run(self.folder, self.config)
        notes += resume.check_same_data(self.folder, fingerprint, allow_change=allow_data_change)
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

    def train(self, display: Sequence[Sink], notes: Sequence[str]) -> Result:
        """Runs the loop, tests the weights that the config asks for, and writes the summary."""
        self.broadcast.sinks += [*self._sinks(), *display]
        try:
            self.broadcast.emit(self._started())
            for words in [*environment.complaints(), *self.assembly.data.warnings, *notes]:
                self._warn(words)
            return self._finish(self._run_loop())
        finally:
            self.broadcast.close()

    def _sinks(self) -> list[Sink]:
        """Those that write to the run folder; that of checkpoints last, so that all that they have
        to write is on the disk before the checkpoint is."""
        step = self.loop.position.step if self.origin else None
        sinks: list[Sink] = [JsonLines(self.folder.path, resume_step=step)]
        if self.config.logging.tensorboard:
            board = TensorBoard(
                self.folder.path, resume_step=step, config=self.config.resolved(), warn=self._warn
            )
            if self.config.logging.graph:
                self._draw_graph(board)
            sinks.append(board)
        checkpoints = Checkpoints(
            self.store,
            lambda: state.capture(self.loop),
            lambda: self.loop.stopping.best_epoch,
            self.broadcast.emit,
            every_epochs=self.config.checkpoints.every_epochs,
            save_best=self.loop.stopping.restore_best,
            keep=self.config.checkpoints.keep,
            environment=self.environment,
        )
        return [*sinks, checkpoints]

    def _draw_graph(self, board: TensorBoard) -> None:
        batch = next(iter(self.loop.feed.train(0, 0)))
        for part in self.loop.engine.parts.values():
            board.graph(part.module, batch.inputs[:1])

    def _started(self) -> RunStarted:
        plan, data = self.loop.plan, self.assembly.data
        return RunStarted(
            step=self.loop.position.step,
            name=self.config.name,
            folder=str(self.folder.path),
            device=environment.device_name(self.assembly.device),
            parameters=self.assembly.parameters,
            epochs=plan.epochs,
            steps_per_epoch=plan.steps_per_epoch,
            examples=data.sizes(),
            monitor=plan.monitor,
            direction=plan.direction,
            resumed_from=self.loop.position.step if self.origin else None,
        )

    def _run_loop(self) -> Stopped:
        self.loop.interrupted = self.interruption.reason
        if self.config.logging.pictures:
            self.loop.show, self.loop.tell = self._show, self._tell
        leaving = traces(self.folder, self.loop, self.origin, self.assembly.indices)
        with leaving, explained(self.config), self.interruption.graceful():
            try:
                return self.loop.run()
            except NonFinite as error:
                position = self.loop.position
                self.broadcast.emit(Stopped(position.step, "diverged", str(error), position.epoch))
                raise

    def _finish(self, stopped: Stopped) -> Result:
        if stopped.kind == "interrupted":
            return self._result(stopped, {}, {}, None)
        with self.loop.engine.judged():
            epoch = self._choose_weights()
            scores, references = self._test(epoch)
        result = self._result(stopped, scores, references, epoch)
        self.folder.write_json("summary.json", asdict(result))
        return result

    def _choose_weights(self) -> int:
        """Takes up the best epoch's weights where early stopping asks for them; their epoch."""
        last, best = self.loop.position.epoch, self.loop.stopping.best_epoch
        if not self.loop.stopping.restore_best or best is None or best == last:
            return last
        try:
            snapshot = self.store.of_epoch(best)
        except checkpoint.Invalid as reason:
            self._warn(
                f"the checkpoint of the best epoch {best} cannot be used: {reason}. "
                "The last weights are tested instead"
            )
            return last
        parts = {name: part.module for name, part in self.loop.engine.parts.items()}
        for name, module in {**parts, **self.assembly.task.companions()}.items():
            state.load_weights(name, module, snapshot.model)
        return best

    def _test(self, weights_epoch: int) -> tuple[Mapping[str, float], References]:
        if self.assembly.test is None:
            return {}, {}
        task, precision = self.assembly.task, self.loop.engine.precision
        seed, batches = self.config.fit.seed, self.assembly.test()
        scores = evaluate(task, precision, batches, seed=seed, thorough=True) or {}
        references = task.references()
        self.loop.preview("test-")
        step = weights_epoch * self.loop.plan.steps_per_epoch
        self.broadcast.emit(Tested(self.loop.position.step, scores, step, references))
        return scores, references

    def _result(
        self,
        stopped: Stopped,
        scores: Mapping[str, float],
        references: References,
        weights_epoch: int | None,
    ) -> Result:
        stopping, position = self.loop.stopping, self.loop.position
        interrupted = stopped.kind == "interrupted"
        return Result(
            name=self.config.name,
            folder=str(self.folder.path),
            kind=stopped.kind,
            reason=stopped.reason,
            exit_code=int(self.interruption.code if interrupted else ExitCode.DONE),
            epochs=position.epoch,
            steps=position.step,
            seconds=position.seconds,
            parameters=self.assembly.parameters,
            monitor=self.loop.plan.monitor,
            best_score=stopping.best,
            best_epoch=stopping.best_epoch,
            scores=scores,
            weights_epoch=weights_epoch,
            references=references,
        )

    def _warn(self, message: str) -> None:
        self.broadcast.emit(Warned(self.loop.position.step, message))

    def _tell(self, name: str, text: str) -> None:
        self.broadcast.emit(TextTold(self.loop.position.step, name, text))

    def _show(self, name: str, picture: Tensor) -> None:
        """Writes a picture `(H, W, 3)` and tells of it."""
        from PIL import Image

        step = self.loop.position.step
        path = self.folder.path / "pictures" / f"{name}-{step:08d}.png"
        try:
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(picture.numpy()).save(path)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
        self.broadcast.emit(PictureSaved(step, name, f"pictures/{path.name}"))
