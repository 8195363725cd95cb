"""`dlkit train --check`: everything but training. Does the config fit together, does it start well?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

from dlkit.assemble import Assembly, assemble
from dlkit.config.schema import DEFAULT_LOSSES, RunConfig
from dlkit.data.batches import Batch
from dlkit.environment import device_name
from dlkit.run import prepare_process
from dlkit.trouble import explained


@dataclass(frozen=True)
class Report:
    """What a check found; losses are those before any training."""

    device: str
    parameters: int
    examples: dict[str, int]
    input_shape: tuple[int, ...]
    outputs: int
    steps: int
    first_losses: dict[str, float]
    chance: float | None
    """Cross-entropy of guessing every class equally: ln K. None for other losses."""
    without_gradient: tuple[str, ...]
    """Parameters that the first batch gives no gradient: nothing can learn there."""
    warnings: tuple[str, ...]

    def figures(self) -> dict[str, Any]:
        """As JSON-able numbers."""
        return {**self.__dict__}

    def text(self) -> str:
        """In lines for the terminal."""
        losses = "  ".join(f"{name} {value:.4g}" for name, value in self.first_losses.items())
        chance = f"  (guessing gives ln {self.outputs} = {self.chance:.4g})" if self.chance else ""
        silent = ", ".join(self.without_gradient) or "none"
        examples = "  ".join(f"{split} {count}" for split, count in self.examples.items())
        lines = [
            f"device            {self.device}",
            f"examples          {examples}",
            f"shapes            {self.input_shape} -> {self.outputs} outputs",
            f"parameters        {self.parameters}",
            f"steps             {self.steps}",
            f"losses at start   {losses}{chance}",
            f"without gradient  {silent}",
            *(f"warning           {warning}" for warning in self.warnings),
            "The config is fit to run; nothing was written.",
        ]
        return "\n".join(lines)


def check(config: RunConfig) -> Report:
    """Assembles `config`, and takes the losses and gradients of its first batch without a step.

    Raises what `run` would raise before training.
    """
    prepare_process(config)
    with explained(config):
        assembly = assemble(config, emit=lambda event: None)
        batch = next(iter(assembly.loop.feed.train(0, 0)))
        losses, silent = _first_gradients(assembly, batch)
    plan, data = assembly.loop.plan, assembly.data
    target, takes = data.facts.target, config.takes()
    # Only the data can tell what a csv yields. A model with losses of its own has none of these.
    loss = config.loss_name() or DEFAULT_LOSSES.get(target if takes == "either" else takes)
    is_entropy = target in ("classes", "tokens") and loss == "cross_entropy"
    return Report(
        device_name(assembly.device),
        assembly.parameters,
        data.sizes(),
        data.facts.input_shape,
        data.facts.outputs,
        plan.epochs * plan.steps_per_epoch,
        losses,
        math.log(data.facts.outputs) if is_entropy else None,
        tuple(silent),
        data.warnings,
    )


def _first_gradients(assembly: Assembly, batch: Batch) -> tuple[dict[str, float], list[str]]:
    """Each update's terms, and the parameters of its part that it leaves without a gradient."""
    losses: dict[str, float] = {}
    silent: list[str] = []
    for update in assembly.task.updates(batch):
        part = assembly.loop.engine.parts[update.part]
        names = [name for name, p in part.module.named_parameters() if p.requires_grad]
        total = torch.stack(list(update.terms.values())).sum()
        gradients = torch.autograd.grad(
            total, part.parameters, allow_unused=True, retain_graph=True
        )
        silent += [
            name for name, g in zip(names, gradients, strict=True) if g is None or not g.any()
        ]
        losses |= {name: term.item() for name, term in update.terms.items()}
    return losses, silent
