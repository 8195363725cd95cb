"""Ctrl-C, SIGTERM and SIGHUP save and leave with the exit code that a shell expects."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dlkit.training import checkpoint

LONG = """
data: digits
model: {name: mlp, hidden: [16]}
fit: {epochs: 100000, batch_size: 128, threads: 1}
logging: {every: 5, tensorboard: false, pictures: false}
checkpoints: {every_epochs: 50}
"""


@pytest.fixture
def training(tmp_path: Path) -> subprocess.Popen[str]:
    """A long training that has made its first steps."""
    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "dlkit", "train", "long.yaml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: list(tmp_path.glob("runs/*/checkpoints/step-*")))
    return process


def wait_for(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_saves_and_says_how_to_go_on(
    training: subprocess.Popen[str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """The step in progress is finished, the newest checkpoint is of that step, and the last line has
    the command to resume."""
    training.send_signal(number)
    output, errors = training.communicate(timeout=60)
    assert training.returncode == code, errors
    run = next((tmp_path / "runs").iterdir())
    newest = checkpoint.Store(run / "checkpoints").candidates()[0]
    snapshot, _ = checkpoint.load(newest)
    saved = [
        json.loads(line)
        for line in (run / "events.jsonl").read_text().splitlines()
        if "CheckpointSaved" in line
    ][-1]
    assert saved["path"] == f"checkpoints/{newest.name}"
    assert saved["step"] == snapshot.step == snapshot.state["position"]["step"]
    assert output.splitlines()[-1] == (
        f"Stopped: {number.name}. Next: dlkit train --resume runs/{run.name}"
    )


def test_a_second_signal_stops_at_once(training: subprocess.Popen[str], tmp_path: Path) -> None:
    """Two in a row: no further save is waited for, the checkpoints there are stay valid."""
    training.send_signal(signal.SIGSTOP)
    training.send_signal(signal.SIGINT)
    training.send_signal(signal.SIGTERM)
    training.send_signal(signal.SIGCONT)
    training.communicate(timeout=60)
    assert training.returncode in (130, 143)
    run = next((tmp_path / "runs").iterdir())
    for path in checkpoint.Store(run / "checkpoints").candidates():
        checkpoint.load(path)


def test_a_stopped_process_goes_on(training: subprocess.Popen[str], tmp_path: Path) -> None:
    """SIGSTOP and SIGCONT leave no trace."""
    training.send_signal(signal.SIGSTOP)
    time.sleep(0.3)
    training.send_signal(signal.SIGCONT)
    record = next(tmp_path.glob("runs/*/events.jsonl"))
    seen = record.stat().st_size
    wait_for(lambda: record.stat().st_size > seen)
    training.send_signal(signal.SIGTERM)
    training.communicate(timeout=60)
    assert training.returncode == 143


def test_a_second_process_is_turned_away(training: subprocess.Popen[str], tmp_path: Path) -> None:
    """Another `--resume` of a run that is being written ends with 8, names who has it, and leaves it."""
    run = next((tmp_path / "runs").iterdir())
    other = subprocess.run(
        [sys.executable, "-m", "dlkit", "train", "--resume", run],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert other.returncode == 8
    assert f"is being written by pid {training.pid} on " in other.stderr
    assert training.poll() is None
    training.kill()
    training.communicate(timeout=60)


def test_a_signal_before_training_leaves_nothing(tmp_path: Path) -> None:
    """While it still imports and reads data, SIGTERM ends the command with 143 and no run folder."""
    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "dlkit", "train", "long.yaml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode in (143, -signal.SIGTERM)
    assert not (tmp_path / "runs").exists()
