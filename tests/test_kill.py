"""Killed by `kill -9` at random moments, a run goes on to the weights of the uninterrupted one."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from dlkit.config.load import load
from dlkit.run import Resumption, run
from dlkit.runfolder import RunFolder
from dlkit.training import checkpoint

CONFIG = """
data: digits
model: {name: cnn, channels: [4], dense: [16]}
optimizer: {name: momentum, learning_rate: 0.02}
schedule: one_cycle
regularization: {dropout: 0.2, batch_norm: true, augmentation: {shift: 1}}
early_stopping: {name: patience, patience: 3}
fit: {epochs: 4, batch_size: 64, threads: 1}
logging: {every: 3, tensorboard: false, pictures: false, folder: FOLDER}
checkpoints: {every_steps: 4}
"""
KILLS = 30


def train(config: Path, folder: Path | None) -> None:
    """Starts a run, or goes on with the one in `folder`."""
    resumption = Resumption(RunFolder(folder)) if folder else None
    run(load(config), resumption=resumption)


def in_a_process(config: Path, folder: Path | None, kill_after: float | None) -> bool:
    """Trains in a forked process; kills it after so many seconds. Whether it ended by itself."""
    child = os.fork()
    if child == 0:
        try:
            train(config, folder)
        except BaseException:
            os._exit(1)
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status == 0


def final(folder: Path) -> dict[str, list[float]]:
    """The tensors of the newest checkpoint."""
    snapshot, _ = checkpoint.load(checkpoint.Store(folder / "checkpoints").candidates()[0])
    return {
        name: tensor.tolist() for name, tensor in {**snapshot.model, **snapshot.optimizer}.items()
    }


def steps_told(folder: Path) -> list[int]:
    """The steps of the `StepDone` events in the run's record."""
    from dlkit.events import StepDone
    from dlkit.sinks.jsonl import read

    return [event.step for event in read(folder / "events.jsonl") if isinstance(event, StepDone)]


@pytest.mark.timeout(600)
def test_thirty_kills_change_nothing(tmp_path: Path) -> None:
    """Each run is killed again and again, resumed until it ends, and compared with one that was left
    alone: weights, moments, and the steps in its record."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.replace("FOLDER", str(tmp_path / "whole")), encoding="utf-8")
    began = time.monotonic()
    assert in_a_process(config, None, None)
    length = time.monotonic() - began
    whole = next((tmp_path / "whole").iterdir())
    chance, kills, attempt = random.Random(0), 0, 0
    while kills < KILLS:
        attempt += 1
        root = tmp_path / f"killed-{attempt}"
        config.write_text(CONFIG.replace("FOLDER", str(root)), encoding="utf-8")
        folder = None
        while not in_a_process(
            config, folder, chance.uniform(0.1, 1.0) * length if kills < KILLS else None
        ):
            kills += 1
            folder = (
                next(
                    (path for path in root.iterdir() if (path / "environment.json").exists()), None
                )
                if root.exists()
                else None
            )
        finished = next(path for path in root.iterdir() if (path / "summary.json").exists())
        assert final(finished) == final(whole)
        assert steps_told(finished) == steps_told(whole)
    assert kills >= KILLS
