"""Which device a config trains on, and the data that can lie there as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from dlkit.config.blame import complaint
from dlkit.config.schema import RunConfig
from dlkit.data.dataset import Data, TensorExamples

MOST_BYTES = 4 << 30


def choose_device(config: RunConfig) -> torch.device:
    """The device that `fit.device` asks for; `auto` takes an accelerator where there is one.

    Raises `ConfigError` where there is no such device, or where it cannot do `fit.precision`.
    """
    wanted = config.fit.device
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        wanted = next(name for name, available in there.items() if available)
    kind, _, index = wanted.partition(":")
    if not there[kind] or (index and int(index) >= torch.cuda.device_count()):
        message = f"'fit.device': there is no {wanted} here."
        raise complaint(config, "fit.device", message, "Use auto or cpu.")
    if config.fit.precision == "fp16" and kind == "cpu":
        message = "'fit.precision' fp16 needs an accelerator, but 'fit.device' is cpu."
        raise complaint(config, "fit.precision", message, "Use bf16 or fp32.")
    return torch.device(wanted)


def place(data: Data, device: torch.device) -> Data:
    """In-memory examples moved to an accelerator once, those splits that take at most 4 GiB."""
    if device.type == "cpu":
        return data
    moved: dict[str, Any] = {"normalize": data.normalize and data.normalize.to(device)}
    for split in ("train", "validation", "test"):
        examples = getattr(data, split)
        if isinstance(examples, TensorExamples) and examples.inputs.nbytes <= MOST_BYTES:
            moved[split] = examples.to(device)
    return replace(data, **moved)
