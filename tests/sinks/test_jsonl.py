"""The file of a run: whole, in time, and cut back when the run goes on."""

import os
import subprocess
import sys
import textwrap

import pytest

from dlkit import events as happened
from dlkit.errors import DataError, StorageError
from dlkit.events import (
    CheckpointDue,
    CheckpointSaved,
    EpochDone,
    RunStarted,
    StepDone,
    Stopped,
    Warned,
)
from dlkit.sinks import jsonl
from dlkit.sinks.jsonl import JsonLines, read

tested = happened.Tested  # pytest would take the class for a test


def step(count):
    return StepDone(count, 1, count / 10, {"loss": 1 / count})


def start(resumed_from=None):
    return RunStarted(
        resumed_from or 0,
        "a",
        "runs/a",
        "cpu",
        1,
        2,
        4,
        {"train": 8},
        "validation/loss",
        "min",
        resumed_from,
    )


def write(folder, events, resume_step=None):
    sink = JsonLines(folder, resume_step=resume_step)
    for event in events:
        sink.handle(event)
    sink.close()
    return folder / "events.jsonl"


def test_what_is_written_is_read_back_in_order(tmp_path):
    """The file is the run: same events, same order."""
    events = [
        start(),
        step(1),
        step(2),
        Warned(2, "warm"),
        EpochDone(2, 1, 0.3, {"train/loss": 1}, True),
    ]
    assert read(write(tmp_path, events)) == events


def test_steps_wait_and_all_else_is_written_at_once(tmp_path):
    """A step stays in memory for a moment; any other event takes it to the file."""
    sink = JsonLines(tmp_path)
    path = tmp_path / "events.jsonl"
    sink.handle(step(1))
    assert read(path) == []
    for count, event in enumerate(
        [
            Warned(1, "w"),
            EpochDone(1, 1, 1, {}, True),
            CheckpointDue(1, "r"),
            CheckpointSaved(1, "p", "r"),
            Stopped(1, "early", "r", 1),
        ],
        2,
    ):
        sink.handle(event)
        assert len(read(path)) == count
    sink.close()


def test_a_step_waits_two_seconds_at_most(tmp_path, monkeypatch):
    """Two seconds after the last write a step is written without another event's help."""
    now = [100.0]
    monkeypatch.setattr(jsonl.time, "monotonic", lambda: now[0])
    sink = JsonLines(tmp_path)
    now[0] += 1.9
    sink.handle(step(1))
    assert read(tmp_path / "events.jsonl") == []
    now[0] += 0.1
    sink.handle(step(2))
    assert read(tmp_path / "events.jsonl") == [step(1), step(2)]
    sink.close()


def test_the_file_is_on_the_disk_before_a_checkpoint_can_be(tmp_path, monkeypatch):
    """The event that announces a checkpoint is fsynced; a warning and an epoch's end are not."""
    sink = JsonLines(tmp_path)
    synced = []
    monkeypatch.setattr(jsonl.os, "fsync", synced.append)
    sink.handle(Warned(1, "w"))
    assert synced == []
    sink.handle(EpochDone(1, 1, 1, {}, True))
    assert synced == []
    sink.handle(CheckpointDue(1, "epoch"))
    assert len(synced) == 1
    sink.close()


def test_a_fresh_run_starts_the_file_anew(tmp_path):
    """Nothing to resume: what a killed session left is gone."""
    write(tmp_path, [start(), step(1)])
    assert read(write(tmp_path, [start()])) == [start()]


def test_a_resumed_run_reads_as_one(tmp_path):
    """Steps after the checkpoint are dropped, as is that the run had stopped and been tested."""
    before = [
        start(),
        step(1),
        step(2),
        CheckpointDue(2, "SIGINT"),
        CheckpointSaved(2, "c", "SIGINT"),
    ]
    lost = [step(3), Stopped(3, "interrupted", "SIGINT", 0), tested(3, {}, 3)]
    path = write(tmp_path, before + lost)
    after = [start(resumed_from=2), step(3), step(4)]
    write(tmp_path, after, resume_step=2)
    assert read(path) == before + after
    assert [each.name for each in tmp_path.iterdir()] == ["events.jsonl"]


def test_a_judgement_after_the_checkpoint_of_its_step_is_not_kept_twice(tmp_path):
    """A checkpoint at an epoch's last step comes before the judgement, which is made again."""
    judged = EpochDone(4, 1, 1.0, {"train/loss": 1.0}, True)
    before = [
        start(),
        step(4),
        CheckpointDue(4, "every_steps"),
        CheckpointSaved(4, "c", "every_steps"),
    ]
    path = write(tmp_path, [*before, judged])
    write(tmp_path, [start(resumed_from=4), judged], resume_step=4)
    assert read(path) == [*before, start(resumed_from=4), judged]


def test_a_judgement_before_the_checkpoint_of_its_step_is_kept(tmp_path):
    """The checkpoint at the end of an epoch holds the judgement: it is not made again."""
    before = [start(), EpochDone(4, 1, 1.0, {}, True), CheckpointSaved(4, "c", "epoch")]
    path = write(tmp_path, [*before, Stopped(4, "finished", "done", 1), tested(4, {}, 4)])
    write(tmp_path, [], resume_step=4)
    assert read(path) == before


def test_a_kill_between_checkpoint_and_its_event_loses_nothing(tmp_path):
    """Without the event, all that the step had is kept."""
    before = [start(), step(3), step(4), EpochDone(4, 1, 1.0, {}, True)]
    path = write(tmp_path, before)
    write(tmp_path, [], resume_step=4)
    assert read(path) == before


@pytest.mark.parametrize(
    "torn", [b'{"event": "Step', b"\0" * 40, b'{"event": "Warned", "step": 1}']
)
def test_a_torn_last_line_is_left_out(tmp_path, torn):
    """A line counts once its line break is written; resuming removes what is left of the other."""
    path = write(tmp_path, [start(), step(1)])
    with path.open("ab") as file:
        file.write(torn)
    assert read(path) == [start(), step(1)]
    write(tmp_path, [step(2)], resume_step=1)
    assert read(path) == [start(), step(1), step(2)]


def test_resuming_without_a_file_starts_one(tmp_path):
    """Who deletes the file keeps the run."""
    assert read(write(tmp_path, [step(3)], resume_step=2)) == [step(3)]


def test_a_damaged_line_is_named(tmp_path):
    """No kill damages a line before the last: reading and resuming both say where it is."""
    path = write(tmp_path, [start()])
    path.write_bytes(path.read_bytes() + b"oops\n")
    message = (
        f"{path}:2:1: not an event. If the file was edited, undo that; "
        "if a newer dlkit wrote it, use that."
    )
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == message
    before = path.read_bytes()
    with pytest.raises(DataError) as caught:
        JsonLines(tmp_path, resume_step=1)
    assert str(caught.value) == message
    assert path.read_bytes() == before


def test_a_missing_file_is_named(tmp_path):
    """A report of a folder without a run says so."""
    with pytest.raises(DataError) as caught:
        read(tmp_path / "events.jsonl")
    assert str(caught.value) == f"cannot read {tmp_path}/events.jsonl: No such file or directory."


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path):
    """The error comes when the sink is made, before anything has been trained."""
    with pytest.raises(StorageError) as caught:
        JsonLines(tmp_path / "missing")
    assert str(caught.value) == (
        f"cannot write {tmp_path}/missing/events.jsonl: No such file or directory. "
        "Make room or permit writing, then go on with --resume."
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_said_once(tmp_path):
    """The event that did not fit raises; closing afterwards does not hide that error by another."""
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    sink = JsonLines(tmp_path)
    with pytest.raises(StorageError, match="No space left on device"):
        sink.handle(Warned(1, "w"))
    sink.close()


def test_a_full_disk_leaves_whole_lines(tmp_path):
    """When the limit falls inside a line, the file is cut back to the line before it."""
    script = """
        import resource, sys
        from pathlib import Path
        from dlkit.errors import StorageError
        from dlkit.events import Warned
        from dlkit.sinks.jsonl import JsonLines

        resource.setrlimit(resource.RLIMIT_FSIZE, (250, 250))
        sink = JsonLines(Path(sys.argv[1]))
        try:
            for count in range(10):
                sink.handle(Warned(count, "x" * 20))
        except StorageError:
            sink.close()
            sys.exit(6)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)], check=False
    )
    assert done.returncode == 6
    data = (tmp_path / "events.jsonl").read_bytes()
    assert data.endswith(b"}\n")
    assert read(tmp_path / "events.jsonl") == [Warned(0, "x" * 20), Warned(1, "x" * 20)]


def test_a_name_that_is_no_unicode_survives(tmp_path):
    """A file name of bytes that are not UTF-8 reaches Python as half a surrogate pair."""
    event = Warned(1, os.fsdecode(b"caf\xe9.png"))
    path = write(tmp_path, [event])
    path.read_bytes().decode("utf-8")
    assert read(path) == [event]


def test_a_failed_rewrite_keeps_the_old_file(tmp_path, monkeypatch):
    """Cutting back replaces the file in one move or not at all."""
    path = write(tmp_path, [start(), step(1), step(2)])
    before = path.read_bytes()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jsonl.os, "fsync", refuse)
    with pytest.raises(StorageError):
        JsonLines(tmp_path, resume_step=1)
    assert path.read_bytes() == before
