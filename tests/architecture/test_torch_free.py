"""Commands that need no torch do not import it, checked in a process of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

TORCH_FREE = {
    "--help": (["--help"], 0),
    "train --help": (["train", "--help"], 0),
    "--version": (["--version"], 0),
    "an unknown command": (["trian"], 2),
    "an unknown option": (["train", "--sedd", "1"], 2),
    "no config": (["train"], 2),
    "a missing config": (["train", "nowhere.yaml"], 2),
    "a resolved config": (["train", "good.yaml", "--print-config"], 0),
    "a syntax error": (["train", "syntax.yaml"], 2),
    "an unknown section": (["train", "section.yaml"], 2),
    "an unknown name": (["train", "name.yaml"], 2),
    "an option of the wrong type": (["train", "option.yaml"], 2),
}
GOOD = "data: digits\nmodel: mlp\n"
CONFIGS = {
    "good.yaml": GOOD,
    "syntax.yaml": "data: [\n",
    "section.yaml": GOOD + "optimiser: adam\n",
    "name.yaml": GOOD + "loss: cross_entropie\n",
    "option.yaml": GOOD + "optimizer: {name: adam, learning_rate: fast}\n",
}
PROGRAM = """
import sys
from dlkit.cli.app import run
code = run(sys.argv[1:])
heavy = sorted({"torch", "torchvision", "sklearn", "tensorboard", "numpy"} & set(sys.modules))
print("IMPORTED", *heavy, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("configs")
    for name, text in CONFIGS.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", TORCH_FREE, ids=str)
def test_a_torch_free_command_imports_no_torch(case: str, folder: Path) -> None:
    """The command ends as it should, and none of the heavy packages was imported on the way."""
    arguments, code = TORCH_FREE[case]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1] == "IMPORTED"


def test_the_check_would_notice_torch(folder: Path) -> None:
    """A command that does need torch shows up in the same measurement."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "train", "good.yaml", "--check"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "torch" in done.stderr.splitlines()[-1].split()
