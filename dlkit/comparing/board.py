"""A comparison in TensorBoard: each training a run, its settings in the HPARAMS tab. No torch."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlkit.comparing.plan import Cell, contest_of
from dlkit.comparing.record import Outcome, read_outcome, read_timing
from dlkit.errors import StorageError

FOLDER = "tensorboard"
FILE = "events.out.tfevents.comparison"


def write_board(record: Mapping[str, Any], folder: Path) -> Path:
    """Writes every training of `record` under `folder/tensorboard`, and returns that.

    Runs that are there already are left alone: a cell is never trained twice. Raises `StorageError`.
    """
    root = folder / FOLDER
    paces = {each.contest: each.median for each in map(read_timing, record["timings"])}
    try:
        for outcome in map(read_outcome, record["cells"]):
            path = root / run_name(outcome.cell) / FILE
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_events(outcome, paces.get(contest_of(outcome.cell), 1.0)))
    except OSError as error:
        raise StorageError(f"cannot write to {root}: {error.strerror}") from error
    return root


def run_name(cell: Cell) -> str:
    """The folder of a cell: its key, in parts that any file system takes."""
    return "/".join(_safe(part) for part in cell.key.split("/"))


def _safe(part: str) -> str:
    return (
        "".join(each if each.isalnum() or each in "-_.=,+" else "_" for each in part).lstrip(".")
        or "_"
    )


def hparams(cell: Cell) -> dict[str, float | str]:
    """What is set in a cell, as TensorBoard takes it."""
    further = {
        name: float(value) if isinstance(value, int | float) else str(value)
        for name, value in cell.knobs[1:]
    }
    return {
        "task": cell.task,
        "estimator": cell.estimator,
        "rule": cell.rule,
        "learning_rate": cell.rate,
        **further,
        "seed": cell.seed,
        "phase": cell.phase,
    }


def scalars(outcome: Outcome) -> Iterator[tuple[int, dict[str, float]]]:
    """What a training has to show: updates, and by name the values after them."""
    curves = {"train/loss": outcome.train_loss}
    curves |= {f"validation/{name}": curve for name, curve in outcome.validation.items()}
    for step, *values in zip(outcome.updates, *curves.values(), strict=True):
        yield step, dict(zip(curves, values, strict=True))
    if outcome.test:
        yield outcome.updates[-1], {f"test/{name}": each for name, each in outcome.test.items()}
    if outcome.diverged_at is not None:
        yield outcome.diverged_at, {"diverged": 1.0}


def _events(outcome: Outcome, pace: float) -> bytes:
    """An event file's content.

    `pace` is the seconds of an update of the rule alone: TensorBoard's relative time shows them.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    content = io.BytesIO()
    writer = RecordWriter(content)
    writer.write(Event(file_version="brain.Event:2").SerializeToString())
    for summary in _session(hparams(outcome.cell)):
        writer.write(Event(summary=summary).SerializeToString())
    for step, values in scalars(outcome):
        summary = Summary(
            value=[Summary.Value(tag=name, simple_value=each) for name, each in values.items()]
        )
        writer.write(Event(wall_time=step * pace, step=step, summary=summary).SerializeToString())
    return content.getvalue()


def _session(settings: Mapping[str, Any]) -> Iterator[Any]:
    """The beginning and the end of a run for the HPARAMS tab.

    Torch writes the same, but is a second of imports that a report has no other use for.
    """
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import metadata
    from tensorboard.plugins.hparams.api_pb2 import Status
    from tensorboard.plugins.hparams.plugin_data_pb2 import (
        HParamsPluginData,
        SessionEndInfo,
        SessionStartInfo,
    )

    start = SessionStartInfo()
    for name, value in settings.items():
        if isinstance(value, str):
            start.hparams[name].string_value = value
        else:
            start.hparams[name].number_value = value
    end = SessionEndInfo(status=Status.Value("STATUS_SUCCESS"))
    version = metadata.PLUGIN_DATA_VERSION
    for tag, data in (
        (
            metadata.SESSION_START_INFO_TAG,
            HParamsPluginData(session_start_info=start, version=version),
        ),
        (metadata.SESSION_END_INFO_TAG, HParamsPluginData(session_end_info=end, version=version)),
    ):
        summary = Summary(value=[Summary.Value(tag=tag)])
        plugin = summary.value[0].metadata.plugin_data
        plugin.plugin_name, plugin.content = metadata.PLUGIN_NAME, data.SerializeToString()
        yield summary
