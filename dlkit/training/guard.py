"""Keeps weights from moving on a loss or a gradient that is not finite.

Reading a value of the CPU costs nothing, so there every step is checked at once. On an accelerator
reading would make the CPU wait for the device at every step; optimizers with a fused kernel can be
told on the device instead to leave everything as it is (`found_inf`), from the first bad step on, and
the flag is read when the scalars are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from dlkit.training.part import Part


class NonFinite(Exception):
    """`what` (`loss` or `gradient`) was not finite at `step`; no weight was moved by it."""

    def __init__(self, what: str, step: int, terms: Mapping[str, float]) -> None:
        self.what, self.step, self.terms = what, step, dict(terms)
        super().__init__(f"the {what} is not finite at step {step}")


class Guard:
    """Checks losses before `backward` and gradient norms before the step."""

    def __init__(self, device: torch.device, *, immediate: bool) -> None:
        self.immediate = immediate
        self._bad_step = torch.zeros((), dtype=torch.int64, device=device)  # 0: none so far

    def loss(self, loss: Tensor, terms: Mapping[str, Tensor], step: int) -> None:
        """Raises `NonFinite` before anything has moved, or notes the step on the device."""
        if self.immediate:
            if not math.isfinite(loss.item()):
                raise NonFinite("loss", step, {name: term.item() for name, term in terms.items()})
        else:
            self._note(loss, step)

    def gradient(self, part: Part, norm: Tensor, step: int) -> None:
        """The same for the total gradient norm."""
        if self.immediate:
            if not math.isfinite(norm.item()):
                raise NonFinite("gradient", step, {"gradient_norm": norm.item()})
        else:
            self._note(norm, step)
            for optimizer in part.optimizers:
                optimizer.found_inf = (self._bad_step > 0).float()  # type: ignore[attr-defined]

    def read(self) -> None:
        """Raises `NonFinite` if a step was noted on the device since the run began."""
        if not self.immediate and (step := int(self._bad_step.item())):
            raise NonFinite("loss or gradient", step, {})

    def _note(self, value: Tensor, step: int) -> None:
        unseen_and_bad = (self._bad_step == 0) & ~torch.isfinite(value.detach())
        self._bad_step = torch.where(unseen_and_bad, step, self._bad_step)


def must_check_at_once(device: torch.device, parts: Mapping[str, Part]) -> bool:
    """Whether some optimizer cannot be held back on the device."""
    optimizers = [each for part in parts.values() for each in part.optimizers]
    fused = all(group.get("fused") for each in optimizers for group in each.param_groups)
    return device.type == "cpu" or not fused
