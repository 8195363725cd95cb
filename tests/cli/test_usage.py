"""The command line itself: help, versions, typos, closed pipes."""

import subprocess
import sys
from typing import Any

import pytest

from dlkit import __version__


def test_the_version_is_the_package_s(dlkit: Any) -> None:
    """`dlkit --version`."""
    assert dlkit("--version").stdout == f"dlkit {__version__}\n"


def test_help_names_the_commands(dlkit: Any) -> None:
    """On stdout, exit code 0."""
    done = dlkit("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("train", "tensorboard", "import-weights"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "error: no such command 'trian'. Did you mean 'train'?"),
        (["train", "--sedd", "1"], "error: no such option: --sedd"),
        (["train", "x.yaml", "--set"], "error: option '--set' requires an argument"),
        (["train"], "error: nothing to train: name a config, or a run to --resume."),
        (["train", "x.yaml", "--weights-only"], "error: --weights-only begins a new run"),
        (["tensorboard", "nowhere"], "error: there is no folder nowhere"),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_in_one_line(dlkit: Any, arguments: list[str], message: str) -> None:
    """Exit code 2, stdout empty, no traceback."""
    done = dlkit(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback(dlkit: Any) -> None:
    """The message is there too, last."""
    done = dlkit("train", "missing.yaml", "--debug")
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")


def test_a_reader_that_leaves_is_no_error(dlkit: Any, tmp_path: Any) -> None:
    """`dlkit --help | head -0` ends without a traceback."""
    command = f"{sys.executable} -m dlkit --help | head -c 1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert "Traceback" not in done.stderr
