"""The run in TensorBoard: scalars, histograms, pictures, the config and the HPARAMS tab.

`tensorboard --logdir runs` shows every run as `NAME/tensorboard`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlkit.config.dump import dump
from dlkit.events import (
    CheckpointDue,
    EpochDone,
    Event,
    HistogramTaken,
    PictureSaved,
    RunStarted,
    StepDone,
    Stopped,
    Tested,
    TextTold,
)

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.utils.tensorboard import SummaryWriter

FOLDER = "tensorboard"
FLUSH_SECONDS = 10


class TensorBoard:
    """Writes events to `folder/tensorboard`, `folder` being that of the run.

    TensorBoard takes a second to import, which is done when there is something to write. `config` is
    the resolved config, shown as text, and flat as hyperparameters. When TensorBoard is broken or
    cannot write, `warn` is called once and the training goes on without it. After a resumption
    TensorBoard hides what an earlier session wrote for later steps than `resume_step`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        resume_step: int | None = None,
        config: Mapping[str, Any],
        warn: Callable[[str], None],
    ) -> None:
        self._folder, self._resume_step = folder, resume_step
        self._config, self._warn = config, warn
        self._start = resume_step or 0
        self._writer: SummaryWriter | None = None
        self._broken = False

    def handle(self, event: Event) -> None:
        """Writes what `event` has to show."""
        match event:
            case RunStarted():
                self._start = event.step
            case CheckpointDue() if self._writer:  # what is shown shall not lag what is saved
                self._attempt(lambda writer: writer.flush())
            case (
                StepDone() | EpochDone() | HistogramTaken() | PictureSaved() | TextTold() | Tested()
            ):
                self._attempt(lambda writer: self._write(writer, event))
            case Stopped(kind="finished" | "early"):
                self._attempt(lambda writer: _write_hparams(writer, flat(self._config), ended=True))

    def graph(self, model: nn.Module, example: Tensor) -> None:
        """Writes the graph of `model`, traced in evaluation mode on `example`: a batch, on the
        model's device. A model that cannot be traced is worth a warning, no more."""

        def draw(writer: SummaryWriter) -> None:
            try:
                _write_graph(writer, model, example)
            except Exception as error:
                self._warn(f"No graph in TensorBoard: {_first_line(error)}")

        self._attempt(draw)

    def close(self) -> None:
        """Writes what is pending and closes the file, if there is one."""
        if self._writer is not None:
            self._attempt(lambda writer: writer.close())

    def _attempt(self, write: Callable[[SummaryWriter], None]) -> None:
        if self._broken:
            return
        try:
            self._writer = self._writer or self._opened()
            write(self._writer)
        except Exception as error:  # whatever a broken install raises, it must not end the run
            self._broken = True
            self._warn(f"TensorBoard is off, the training goes on: {_first_line(error)}")

    def _opened(self) -> SummaryWriter:
        from torch.utils.tensorboard import SummaryWriter

        # TensorBoard hides the steps from `purge_step` on.
        purge = None if self._resume_step is None else self._resume_step + 1
        writer = SummaryWriter(
            str(self._folder / FOLDER), purge_step=purge, flush_secs=FLUSH_SECONDS
        )
        writer.add_text("config", _literal(dump(self._config)), self._start)
        _write_hparams(writer, flat(self._config), ended=False)
        return writer

    def _write(self, writer: SummaryWriter, event: Event) -> None:
        match event:
            case StepDone():
                _write_scalars(writer, event.scalars, event.step)
            case EpochDone():
                _write_scalars(writer, event.scores, event.step)
            case HistogramTaken():
                _write_histogram(writer, event)
            case PictureSaved():
                _write_picture(writer, event, self._folder / event.path)
            case TextTold():
                writer.add_text(event.name, _literal(event.text), event.step)
            case Tested():
                for rival, scores in {"test": event.scores, **event.references}.items():
                    named = {f"{rival}/{name}": value for name, value in scores.items()}
                    _write_scalars(writer, named, event.weights_step)
                writer.flush()


def _literal(text: str) -> str:
    """`text` as Markdown shows it unchanged: four blanks make a line code."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _write_scalars(writer: SummaryWriter, scalars: Mapping[str, float], step: int) -> None:
    for name, value in scalars.items():
        writer.add_scalar(name, value, step)


def _write_histogram(writer: SummaryWriter, event: HistogramTaken) -> None:
    writer.add_histogram_raw(
        event.name,
        min=event.edges[0],
        max=event.edges[-1],
        num=sum(event.counts),
        sum=event.total,
        sum_squares=event.squares,
        bucket_limits=event.edges[1:],
        bucket_counts=event.counts,
        global_step=event.step,
    )


def _write_picture(writer: SummaryWriter, event: PictureSaved, path: Path) -> None:
    import numpy
    from PIL import Image

    with Image.open(path) as picture:
        pixels = numpy.asarray(picture.convert("RGB"))  # (H, W, 3)
    writer.add_image(event.name, pixels, event.step, dataformats="HWC")


def _write_hparams(writer: SummaryWriter, hparams: Mapping[str, Any], *, ended: bool) -> None:
    """The beginning or the end of this run for the HPARAMS tab.

    `SummaryWriter.add_hparams` writes to a folder of its own, under the run's, and an experiment
    summary that fixes the columns: TensorBoard takes the first that it finds for all runs, so
    those of another model would lose theirs. Without it, the columns are those of all runs, and
    the metrics all their scalars, the test scores among them.
    """
    from torch.utils.tensorboard.summary import hparams as summaries

    _, beginning, end = summaries(dict(hparams), {})
    file: Any = writer.file_writer
    file.add_summary(end if ended else beginning)


def _write_graph(writer: SummaryWriter, model: nn.Module, example: Tensor) -> None:
    import contextlib
    import io
    import warnings

    import torch

    devices = [example.device] if example.device.type == "cuda" else []
    with contextlib.ExitStack() as stack:
        # A copy, and the random state put back: a sink must not change the run.
        stack.enter_context(torch.random.fork_rng(devices=devices))
        stack.enter_context(warnings.catch_warnings(action="ignore"))  # of each `if` on a shape
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))  # prints when it fails
        writer.add_graph(copy.deepcopy(model).eval(), example)


def flat(config: Mapping[str, Any]) -> dict[str, bool | int | float | str]:
    """What is set, by dotted key; how the run is logged and saved is no hyperparameter."""
    values: dict[str, bool | int | float | str] = {}
    pending = [
        (key, value) for key, value in config.items() if key not in ("logging", "checkpoints")
    ]
    while pending:
        key, value = pending.pop(0)
        if isinstance(value, Mapping):
            pending = [(f"{key}.{name}", inner) for name, inner in value.items()] + pending
        elif value is not None:
            values[key] = value if isinstance(value, bool | int | float | str) else str(value)
    return values


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
