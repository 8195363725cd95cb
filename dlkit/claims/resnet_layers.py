"""Residual networks counted and at their start: layers with weights, and blocks that do nothing."""

from __future__ import annotations

from functools import partial
from typing import Literal

import torch
from torch import nn

from dlkit.claims.toy_networks import built
from dlkit.data.dataset import Facts
from dlkit.models.resnet import BasicBlock, resnet


def run(*, seed: int = 0) -> dict[str, float]:
    """Convolutions and dense layers of dlkit's `resnet`, shortcuts aside, for three depths.

    He et al. 2016, arXiv:1512.03385, section 4.2: `6n + 2` layers. `change_zero_init` is how much a
    block with `zero_init_residual` differs from its activation alone at the start, `change_default`
    how much one without it does (Goyal et al. 2017, arXiv:1706.02677, section 5.1).
    """
    facts = Facts((1, 8, 8), 10, "classes")
    counts = {}
    depths: tuple[Literal[8, 14, 20], ...] = (8, 14, 20)
    for depth in depths:
        model = built(seed, partial(resnet, facts, nn.ReLU, depth=depth))
        layers = [
            name for name, part in model.named_modules()
            if isinstance(part, nn.Conv2d | nn.Linear) and "downsample" not in name
        ]  # fmt: skip
        counts[f"layers_depth_{depth}"] = float(len(layers))
    silent = built(seed, lambda: resnet(facts, nn.ReLU, zero_init_residual=True))
    usual = built(seed, lambda: resnet(facts, nn.ReLU))
    return counts | {
        "change_zero_init": _change(silent, seed),
        "change_default": _change(usual, seed),
    }


def _change(model: nn.Module, seed: int) -> float:
    """Largest difference between the first block's output and `ReLU(x)`, for a random batch x."""
    block = next(part for part in model.modules() if isinstance(part, BasicBlock))
    x = torch.randn(8, 16, 8, 8, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return float((block(x) - torch.relu(x)).abs().max())
