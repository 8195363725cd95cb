"""Runs the real command in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

SMALL = """
data: digits
model: {name: mlp, hidden: [16]}
optimizer: {name: adam, learning_rate: 0.003}
regularization: {dropout: 0.1}
fit: {epochs: 2, batch_size: 128, threads: 1}
logging: {every: 5, tensorboard: false, pictures: false}
"""

Dlkit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config that trains in a moment; runs go to `runs` beside it."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture
def dlkit(tmp_path: Path) -> Dlkit:
    """`dlkit(arguments...)` in the temporary folder; output captured as text."""

    def call(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "dlkit", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **options,
        )

    return call


@pytest.fixture
def summary(dlkit: Dlkit) -> Callable[..., dict[str, Any]]:
    """The JSON that `dlkit train ... --json` prints, for a training that must succeed."""

    def call(*arguments: Sequence[object]) -> dict[str, Any]:
        done = dlkit("train", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return call
