"""How parameters learn: which are weights, that decay, and which learn at a share of the rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Rule = Callable[..., list[Optimizer]]
"""A component of `optim.rules`: `(groups, *, learning_rate, ...)` to its optimizers."""


def is_weight(parameter: Tensor) -> bool:
    """Whether decay and penalties apply to `parameter`: whether it has two axes or more.

    Biases and the scales and shifts of normalisations have one, and are left alone (Goodfellow et
    al. 2016, section 7.1: a bias needs little data, and shrinking it underfits).
    """
    return parameter.ndim >= 2


def parameter_groups(module: nn.Module) -> list[dict[str, Any]]:
    """The trainable parameters of `module` as torch's parameter groups: weights, then the others.

    A group has `params`, their `names` in `module`, `decays`: whether weight decay is for it, and
    `rate_share`: the share of the learning rate at which it learns. That is 1, or what the module that
    holds the parameters says by an attribute of this name; groups of a larger share come first.
    """
    shares = _rate_shares(module)
    groups: dict[tuple[float, bool], dict[str, nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            kind = (shares.get(parameter, 1.0), is_weight(parameter))
            groups.setdefault(kind, {})[name] = parameter
    return [
        {"params": [*named.values()], "names": [*named], "decays": decays, "rate_share": share}
        for (share, decays), named in sorted(groups.items(), key=itemgetter(0), reverse=True)
    ]


def _rate_shares(module: nn.Module) -> dict[nn.Parameter, float]:
    told = ((each, getattr(each, "rate_share", None)) for each in module.modules())
    return {p: share for each, share in told if share is not None for p in each.parameters()}


def build_optimizers(
    rule: Rule, options: Mapping[str, Any], module: nn.Module, *, weight_decay: float = 0.0
) -> list[Optimizer]:
    """The optimizers of `rule` for `module`, each group's base rate noted as `initial_lr`: the rule's
    rate times the group's share.

    `weight_decay` is decoupled, and is for rules that have no such option of their own. The list is
    empty where nothing is trainable. What the rule refuses is raised as `OptionError`.
    """
    groups = parameter_groups(module)
    optimizers = rule(groups, **options) if groups else []
    for optimizer in optimizers:
        if weight_decay:
            decouple(optimizer, weight_decay)
        for group in optimizer.param_groups:
            group["lr"] *= group["rate_share"]
            group["initial_lr"] = group["lr"]
    return optimizers


def decouple(optimizer: Optimizer, weight_decay: float) -> None:
    """Makes each step of `optimizer` begin with `w <- w (1 - rate weight_decay)`.

    That is decoupled weight decay for any rule, in the form of torch's AdamW, which multiplies with
    the scheduled rate (Loshchilov & Hutter 2019, arXiv:1711.05101, section 2). As there, only the
    groups that decay are touched, and of these only parameters with a gradient.
    """

    @torch.no_grad()
    def shrink(optimizer: Optimizer, *_: Any) -> None:
        for group in optimizer.param_groups:
            moving = [p for p in group["params"] if p.grad is not None]
            if group["decays"] and moving:
                torch._foreach_mul_(moving, _factor(optimizer, group["lr"] * weight_decay))

    optimizer.register_step_pre_hook(shrink)


def _factor(optimizer: Optimizer, share: float) -> float | Tensor:
    """`1 - share`; but 1, told on the device, if a fused step will be held back by `found_inf`."""
    held_back = getattr(optimizer, "found_inf", None)
    if held_back is None:
        return 1 - share
    return 1 - share * (held_back == 0).float()
