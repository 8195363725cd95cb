"""With what a run was made: versions, device, threads, and the state of the user's repository.

Environment variables are never recorded: they may hold secrets.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from dlkit import __version__

PACKAGES = ("torch", "torchvision", "numpy", "safetensors", "tensorboard")
OLDEST_TORCH = (2, 10)
"""Before it, a .pt file could run code even when only tensors were asked for (CVE-2026-24747)."""
EXACTNESS = ("torch", "device", "threads", "deterministic")
"""What must be equal for a resumed run to be bit for bit the uninterrupted one."""


def describe(device: torch.device) -> dict[str, Any]:
    """Versions, device and threads of this process."""
    return {
        "dlkit": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{package: _version(package) for package in PACKAGES},
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
    }


def complaints() -> list[str]:
    """What is wrong with this environment, in words: a torch that dlkit was not made for."""
    if torch_version() >= OLDEST_TORCH:
        return []
    oldest = ".".join(map(str, OLDEST_TORCH))
    return [f"torch {torch.__version__} is older than {oldest}, which dlkit needs: update it"]


def torch_version() -> tuple[int, int]:
    """Major and minor version of the installed torch."""
    major, minor = re.findall(r"\d+", torch.__version__)[:2]
    return int(major), int(minor)


def differences(saved: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Why a resumed run may not be bit-exact, in words; empty if nothing stands in the way."""
    return [
        f"{key} was {saved.get(key)}, is {now.get(key)}"
        for key in EXACTNESS
        if saved.get(key) != now.get(key)
    ]


def device_name(device: torch.device) -> str:
    """`cpu`, `mps`, or the accelerator's own name."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type


def repository(folder: Path) -> tuple[str | None, str]:
    """The commit of the repository around `folder`, and its uncommitted changes as a diff.

    `(None, "")` where there is no repository, or no git.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    return (commit.strip(), _git(folder, "diff", "HEAD") or "") if commit else (None, "")


def command() -> str:
    """The command line of this process."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
