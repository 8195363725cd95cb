"""A part of a task as the engine moves it: a network, its optimizers, its schedule, its penalties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlkit.errors import ConfigError
from dlkit.optim.groups import is_weight
from dlkit.optim.schedules import Schedule
from dlkit.training.averaging import Average


@dataclass(frozen=True)
class Penalty:
    """`strength` times the sum of |w| (`l1`) or of w squared (`l2`), over weights.

    Biases and norm parameters are left out unless `include_biases` (Goodfellow et al. 2016, section
    7.1). With `proximal`, L1 is not added to the loss: after each step every weight is moved towards 0
    by rate times strength and stops there (Parikh & Boyd 2014, section 6.5.2), which gives exact zeros.
    """

    kind: str
    strength: float
    include_biases: bool = False
    proximal: bool = False

    def on(self, parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
        """Those of `parameters` that the penalty acts on."""
        return [p for p in parameters if self.include_biases or is_weight(p)]

    def over(self, parameters: Iterable[nn.Parameter]) -> Tensor:
        """The penalty of those that it acts on, as a scalar tensor with a gradient."""
        power = torch.abs if self.kind == "l1" else torch.square
        return self.strength * torch.stack([power(w).sum() for w in self.on(parameters)]).sum()


@dataclass(frozen=True)
class Part:
    """One named network that an update may move."""

    name: str
    module: nn.Module
    optimizers: list[Optimizer]
    schedule: Schedule
    penalties: tuple[Penalty, ...] = ()
    clip_norm: float | None = None
    clip_value: float | None = None
    average: Average | None = None
    """Follows the weights, and is judged in their place."""
    parameters: list[nn.Parameter] = field(init=False)

    def __post_init__(self) -> None:
        trainable = [p for p in self.module.parameters() if p.requires_grad]
        if not trainable:  # backward(inputs=[]) would raise at the first step
            raise ConfigError(f"part '{self.name}' has no trainable parameter")
        object.__setattr__(self, "parameters", trainable)

    def penalty_terms(self) -> dict[str, Tensor]:
        """The penalties that are added to the loss, by their names."""
        added = [penalty for penalty in self.penalties if not penalty.proximal]
        return {penalty.kind: penalty.over(self.parameters) for penalty in added}

    def set_rate(self, step: int) -> None:
        """Sets each group's rate for the update that follows `step` updates."""
        factor = self.schedule.factor(step)
        for group in self._groups():
            group["lr"] = group["initial_lr"] * factor

    @property
    def rate(self) -> float:
        """The rate of the first group, as last set."""
        return float(self._groups()[0]["lr"])

    def clear_gradients(self) -> None:
        """Forgets gradients; `backward(inputs=...)` adds to what is there."""
        for parameter in self.parameters:
            parameter.grad = None

    def gradients(self) -> list[Tensor]:
        """The gradients that the last backward pass left."""
        return [p.grad for p in self.parameters if p.grad is not None]

    def clip(self, norm: Tensor) -> None:
        """Bounds the gradient: each entry first, then its norm (Pascanu et al. 2013, algorithm 1)."""
        if self.clip_value is not None:
            nn.utils.clip_grad_value_(self.parameters, self.clip_value)
            norm = nn.utils.get_total_norm(self.gradients())
        if self.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(self.parameters, self.clip_norm, norm)

    @torch.no_grad()
    def shrink(self) -> None:
        """The proximal step of L1: soft thresholding by strength times the rate of a weight's group."""
        for penalty in self.penalties:
            if penalty.proximal:
                for group in self._groups():
                    threshold = group["lr"] * penalty.strength
                    for weight in penalty.on(group["params"]):
                        weight.copy_(nn.functional.softshrink(weight, threshold))

    def _groups(self) -> list[dict]:
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]
