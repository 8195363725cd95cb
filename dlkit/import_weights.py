"""The only place where a pickle may be read, and only its tensors: `weights_only=True`, no fallback.

Versions of torch before 2.10 could be made to run code even so (CVE-2025-32434, CVE-2026-24747): with
those, importing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from dlkit import environment
from dlkit.errors import CheckpointError, StorageError


def import_weights(source: Path, target: Path) -> int:
    """Reads the tensors of the PyTorch file `source` and writes them to `target` as safetensors.

    Returns how many there are. Raises `CheckpointError` if `source` holds anything but tensors, or if
    torch is too old to read it safely; `StorageError` if `target` cannot be written.
    """
    if environment.torch_version() < environment.OLDEST_TORCH:
        raise CheckpointError(
            f"torch {torch.__version__} can be made to run code by a .pt file",
            hint="Update torch to 2.10 or newer to import weights.",
        )
    try:
        content = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # what the reader stumbles over depends on the bytes it was given
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CheckpointError(f"{source} is not a file of plain tensors: {first}") from error
    tensors = _tensors(content, source)
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, target)
    except OSError as error:
        raise StorageError(f"cannot write {target}: {error.strerror}") from error
    return len(tensors)


def _tensors(content: object, source: Path) -> dict[str, Tensor]:
    """The state dict in `content`: itself, or under `state_dict` or `model`."""
    for key in ("state_dict", "model"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise CheckpointError(f"{source} holds a {type(content).__name__}, not tensors by name")
    tensors = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        raise CheckpointError(f"{source} holds no tensors")
    return tensors
