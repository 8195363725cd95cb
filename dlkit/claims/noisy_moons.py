"""Noisy half-moons and networks too large for them: shared by the experiments on overfitting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout, relu

Examples = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Fitted:
    """Means over the networks at the end, and the losses of each (networks,) on the way."""

    train_loss: float
    held_out_loss: float
    held_out_accuracy: float
    course: Sequence[tuple[Tensor, ...]] = ()
    """Loss on training, validation and held-out examples after every so many updates."""

    @property
    def gap(self) -> float:
        """By how much the held-out loss is above the training loss."""
        return self.held_out_loss - self.train_loss


def moons(networks: int, count: int, *, noise: float = 0.35) -> Examples:
    """Points (networks, count, 2) near two interleaved half-circles, and which of them
    (networks, count): other points for each network. From the global generator."""
    angle = math.pi * torch.rand(networks, count)
    classes = torch.randint(2, (networks, count))
    x = torch.where(classes == 0, torch.cos(angle), 1 - torch.cos(angle))
    y = torch.where(classes == 0, torch.sin(angle), 0.5 - torch.sin(angle))
    return torch.stack([x, y], dim=2) + noise * torch.randn(networks, count, 2), classes


class Networks(nn.Module):
    """`count` networks side by side: 2 inputs, two hidden layers of ReLU, 2 outputs; He's init."""

    def __init__(
        self, count: int, *, width: int = 32, batch_norm: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        sizes = [(2, width), (width, width), (width, 2)]
        self.weights = nn.ParameterList(
            math.sqrt(2 / n) * torch.randn(count, n, m) for n, m in sizes
        )
        self.biases = nn.ParameterList(torch.zeros(count, 1, m) for _, m in sizes)
        self.norms = nn.ModuleList(nn.BatchNorm1d(count * width) for _ in sizes[1:])
        self.batch_norm, self.dropout = batch_norm, dropout

    def forward(self, x: Tensor) -> Tensor:
        """Logits (networks, B, 2) of points (networks, B, 2)."""
        last = len(self.weights) - 1
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = x @ weight + bias  # (networks, B, width)
            if i == last:
                break
            if self.batch_norm:
                x = _each_unit(self.norms[i], x)
            x = dropout(relu(x), self.dropout, self.training)
        return x


def fit(
    *,
    networks: int = 16,
    examples: int = 60,
    updates: int = 800,
    rate: float = 0.1,
    batch: int = 20,
    l2: float = 0.0,
    dropout: float = 0.0,
    batch_norm: bool = False,
    record_every: int = 0,
    seed: int = 0,
) -> Fitted:
    """Trains `networks` by mini-batch SGD, each on `examples` points of its own, and measures them
    on 1,000 other points each. `l2` is the strength of the penalty on the weights, without biases.
    With `record_every`, losses are measured on the way, also on 200 points for validation.
    """
    course: list[tuple[Tensor, ...]] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        train, validation, held_out = (moons(networks, n) for n in (examples, 200, 1000))
        model = Networks(networks, batch_norm=batch_norm, dropout=dropout)
        optimizer = _sgd(model, rate, l2)
        for update in range(1, updates + 1):
            chosen = torch.randperm(examples)[:batch]
            # the sum over the networks, so that each gets the gradient of its own mean loss
            loss = _cross_entropy(model(train[0][:, chosen]), train[1][:, chosen]).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if record_every and update % record_every == 0:
                sets = (train, validation, held_out)
                course.append(tuple(_measure(model, each)[0] for each in sets))
    (train_loss, _), (loss, accuracy) = _measure(model, train), _measure(model, held_out)
    return Fitted(float(train_loss.mean()), float(loss.mean()), float(accuracy.mean()), course)


def _sgd(model: Networks, rate: float, l2: float) -> torch.optim.SGD:
    # torch adds `weight_decay w` to the gradient: half of what the penalty's derivative is
    norms = model.norms.parameters() if model.batch_norm else ()
    groups: list[dict[str, Any]] = [
        {"params": list(model.weights), "weight_decay": 2 * l2},
        {"params": [*model.biases, *norms]},
    ]
    return torch.optim.SGD(groups, rate)


def _each_unit(norm: nn.Module, x: Tensor) -> Tensor:
    """Batch normalization of each unit of each network; x: (networks, B, width)."""
    flat = x.transpose(0, 1).flatten(1)  # (B, networks * width)
    normalised: Tensor = norm(flat).unflatten(1, (x.shape[0], -1)).transpose(0, 1)
    return normalised


def _cross_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    """The mean loss of each network (networks,); logits: (networks, B, 2)."""
    return cross_entropy(logits.transpose(1, 2), classes, reduction="none").mean(1)


@torch.no_grad()
def _measure(model: Networks, examples: Examples) -> tuple[Tensor, Tensor]:
    """Loss and accuracy of each network (networks,) in evaluation mode."""
    model.eval()
    logits = model(examples[0])  # (networks, B, 2)
    model.train()
    return _cross_entropy(logits, examples[1]), (logits.argmax(2) == examples[1]).float().mean(1)
