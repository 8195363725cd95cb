"""In which number format a forward pass runs, and what keeps float16 gradients from vanishing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from dlkit.errors import Diverged

MOST_SKIPS = 50
LEAST_SCALE = 1e-8
FORMATS = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """`fp32`, or autocast to `bf16` or `fp16`; fp16 also scales the loss (Micikevicius et al. 2018,
    arXiv:1710.03740, section 3.2) and skips the steps whose scaled gradients overflow."""

    def __init__(self, name: str, device: torch.device) -> None:
        self.name, self.device = name, device
        self.scaler = torch.amp.GradScaler(device.type, enabled=name == "fp16")
        self.skipped = 0
        self._skipped_in_a_row = 0

    def autocast(self) -> AbstractContextManager[Any]:
        """A new context for one forward pass: a longer one would serve stale cached weights."""
        dtype = FORMATS[self.name]
        return nullcontext() if dtype is None else torch.autocast(self.device.type, dtype=dtype)

    @property
    def scales(self) -> bool:
        """Whether overflow is expected and skipped rather than a sign of divergence."""
        return self.scaler.is_enabled()

    def scaled(self, loss: Tensor) -> Tensor:
        """What to call `backward` on."""
        return self.scaler.scale(loss)

    def unscale(self, optimizers: list[Optimizer]) -> None:
        """Gradients back in their own unit, before they are measured and clipped."""
        for optimizer in optimizers if self.scales else ():
            self.scaler.unscale_(optimizer)

    def step(self, optimizers: list[Optimizer]) -> None:
        """Steps, or skips the step where a scaled gradient overflowed.

        Raises `Diverged` after more than 50 skips in a row, or when the scale falls below 1e-8.
        """
        for optimizer in optimizers:
            self.scaler.step(optimizer)
        if self.scales:
            self._update()

    def _update(self) -> None:
        before = self.scaler.get_scale()
        self.scaler.update()
        overflowed = self.scaler.get_scale() < before
        self.skipped += overflowed
        self._skipped_in_a_row = self._skipped_in_a_row + 1 if overflowed else 0
        if self._skipped_in_a_row > MOST_SKIPS or self.scaler.get_scale() < LEAST_SCALE:
            raise Diverged(
                f"float16 gradients overflowed {self._skipped_in_a_row} times in a row "
                f"(loss scale {self.scaler.get_scale():g})",
                hint="Use fit.precision: bf16 or fp32, or a smaller optimizer.learning_rate.",
            )

    def state(self) -> dict[str, Any]:
        """What a resumed run needs, JSON-able."""
        return {
            "scaler": self.scaler.state_dict(),
            "skipped": self.skipped,
            "skipped_in_a_row": self._skipped_in_a_row,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""
        if self.scales:
            self.scaler.load_state_dict(state["scaler"])
        self.skipped, self._skipped_in_a_row = state["skipped"], state["skipped_in_a_row"]
