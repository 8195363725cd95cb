"""Lion: the step is the sign of an interpolated momentum (Chen et al. 2023, arXiv:2302.06675)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim import Optimizer


class Lion(Optimizer):
    """Algorithm 2 of the paper, over torch's parameter groups.

    With rate r, decay d and gradient g: `u = sign(b1 m + (1 - b1) g)`; `w <- w (1 - r d) - r u`;
    `m <- b2 m + (1 - b2) g`, where m begins at 0. Every entry moves by r, whatever its gradient.
    """

    def __init__(
        self, groups: list[dict], *, lr: float, betas: tuple[float, float], weight_decay: float
    ) -> None:
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Moves every parameter that has a gradient; there are no closures to evaluate."""
        for group in self.param_groups:
            gradients = {p: p.grad for p in group["params"] if p.grad is not None}
            if gradients:
                self._move([*gradients], [*gradients.values()], group)

    def _move(self, weights: list[Tensor], gradients: list[Tensor], group: dict) -> None:
        momenta = [self._momentum(weight) for weight in weights]
        directions = torch._foreach_lerp(gradients, momenta, group["betas"][0])
        torch._foreach_sign_(directions)
        torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(weights, directions, alpha=-group["lr"])
        torch._foreach_lerp_(momenta, gradients, 1 - group["betas"][1])

    def _momentum(self, weight: Tensor) -> Tensor:
        state = self.state[weight]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(weight)
        momentum: Tensor = state["momentum"]
        return momentum
