"""What the displays and the event file may import: they start before torch does."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (
            "codec formats history jsonl plain sparkline table tensorboard words display",
            ("torch", "rich", "tensorboard", "numpy", "PIL"),
        ),
        ("progress view", ("torch", "tensorboard", "numpy", "PIL")),
    ],
)
def test_importing_a_sink_imports_no_library(modules, absent):
    """A fresh interpreter has neither torch nor TensorBoard after the import; rich only to draw."""
    names = ", ".join(f"dlkit.sinks.{name}" for name in modules.split())
    script = f"import {names}, sys; print([n for n in {absent} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_making_a_tensorboard_sink_does_not_import_torch():
    """Only what is written costs the second that TensorBoard takes to import."""
    script = (
        "import sys; from pathlib import Path; from dlkit.sinks.tensorboard import TensorBoard\n"
        "TensorBoard(Path('.'), config={}, warn=print).close()\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
