"""Losses and gradients of many models at once, one row of parameters each.

`Dense` is for multilayer perceptrons: backpropagation written out in batched matrix products, which
spares autograd's bookkeeping. `Mapped` is for any network without running statistics: `torch.func.vmap`
over its gradient. Both leave each row's result independent of the other rows.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from dlkit.comparing.problem import Layout, Problem, Split

MOST_ACTIVATIONS = 1 << 21
"""How many numbers a layer may put out at once in an evaluation; more models are taken in turn."""


class Gradients(Protocol):
    """What a stack of models asks its network for."""

    method: str
    """How the gradients are had, in words."""
    width: int
    """About how many numbers the largest layer puts out for one example."""

    def losses(self, w: Tensor, x: Tensor, y: Tensor, g: Tensor) -> Tensor:
        """Loss of each row of `w` `(N, P)` on its own batch `x` `(N, B, ...)`, `y` `(N, B)`: `(N,)`.

        Writes the gradients into `g` `(N, P)`.
        """

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """Outputs `(N, K, V)` of each row for the same inputs `x` `(V, ...)`."""


class Dense:
    """Flatten, then linear layers with ReLU between them, under cross-entropy."""

    method = "hand-written gradients"

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.width = max(shape[0] for shape in layout.shapes)
        self._views: list[tuple[Tensor, list[tuple[Tensor, Tensor]]]] = []

    def losses(self, w: Tensor, x: Tensor, y: Tensor, g: Tensor) -> Tensor:
        """See `Gradients.losses`."""
        inputs, layers = [x.flatten(2)], self._layers(w)  # (N, B, F) of each layer
        for weight, bias in layers[:-1]:
            inputs.append(torch.baddbmm(bias.unsqueeze(1), inputs[-1], weight.mT).relu_())
        losses, delta = _cross_entropy(_logits(layers[-1], inputs[-1]), y)  # (N,), (N, K, B)
        for index, (into, into_bias) in reversed([*enumerate(self._layers(g))]):
            torch.sum(delta, 2, out=into_bias)
            if delta.shape[2] == 1:  # one example: an outer product, 1.8 times as fast by itself
                torch.mul(delta, inputs[index], out=into)
            else:
                into.copy_(torch.bmm(delta, inputs[index]))
            if index:
                back = torch.bmm(delta.mT, layers[index][0])  # (N, B, F)
                delta = torch.ops.aten.threshold_backward(back, inputs[index], 0).mT
        return losses

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """See `Gradients.outputs`."""
        flat, layers = x.flatten(1), self._layers(w)
        inputs = flat.expand(len(w), *flat.shape)
        for weight, bias in layers[:-1]:
            inputs = torch.baddbmm(bias.unsqueeze(1), inputs, weight.mT).relu_()
        return _logits(layers[-1], inputs)

    def _layers(self, rows: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Weight `(N, out, in)` and bias `(N, out)` of each layer, in the memory of `rows`.

        The views of the last two arrays are kept: weights and gradients are the same at every update.
        """
        for known, layers in self._views:
            if known is rows:
                return layers
        views = self.layout.views(rows)
        made = list(zip(views[::2], views[1::2], strict=True))
        self._views = [*self._views[-1:], (rows, made)]
        return made


class Mapped:
    """Any network and loss, by `vmap`."""

    method = "vmap"

    def __init__(self, problem: Problem) -> None:
        self.layout, self.loss = problem.layout, problem.loss
        self.network = problem.model(0).to("meta")
        self.width = problem.train.inputs[0].numel() * max(each[0] for each in self.layout.shapes)
        self._losses = vmap(grad_and_value(self._loss), randomness="error")
        self._outputs = vmap(self._forward, in_dims=(0, None), randomness="error")

    def _named(self, w: Tensor) -> dict[str, Tensor]:
        return dict(zip(self.layout.names, self.layout.views(w), strict=True))

    def _forward(self, named: dict[str, Tensor], x: Tensor) -> Tensor:
        outputs: Tensor = functional_call(self.network, named, (x,))
        return outputs

    def _loss(self, named: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        loss: Tensor = self.loss(self._forward(named, x), y)
        return loss

    def losses(self, w: Tensor, x: Tensor, y: Tensor, g: Tensor) -> Tensor:
        """See `Gradients.losses`."""
        gradients, losses = self._losses(self._named(w), x, y)
        torch.cat([gradients[name].flatten(1) for name in self.layout.names], 1, out=g)
        return losses

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """See `Gradients.outputs`."""
        outputs: Tensor = self._outputs(self._named(w), x)  # (N, V, K)
        return outputs.mT


def gradients_for(problem: Problem) -> Gradients:
    """The fastest way for the problem's network. Raises `TypeError` for one that can't be stacked."""
    model = problem.model(0)
    if any(True for _ in model.buffers()):
        raise TypeError("running statistics belong to one model at a time")
    if _is_dense(model) and isinstance(problem.loss, nn.CrossEntropyLoss):
        return Dense(problem.layout)
    return Mapped(problem)


@torch.no_grad()
def scores(ways: Gradients, w: Tensor, split: Split) -> dict[str, Tensor]:
    """Mean cross-entropy and accuracy of each row on `split`: `(N,)` each."""
    loss, accuracy = [], []
    block = max(1, MOST_ACTIVATIONS // (len(split) * ways.width))
    for rows in w.split(block):
        outputs = ways.outputs(rows, split.inputs)  # (n, K, V)
        right = outputs.mT.contiguous().argmax(2) == split.targets  # slow over an axis that strides
        accuracy.append(right.sum(1) / len(split))
        truth = split.targets.expand(len(rows), -1)
        loss.append(nn.functional.cross_entropy(outputs, truth, reduction="none").mean(1))
    return {"loss": torch.cat(loss), "accuracy": torch.cat(accuracy)}


def _is_dense(model: nn.Module) -> bool:
    """Whether the network is a row of linear layers with a ReLU between any two, and nothing else."""
    leaves = [each for each in model.modules() if not [*each.children()]]
    kinds = [type(each) for each in leaves if not isinstance(each, nn.Flatten | nn.Identity)]
    alternating = [nn.ReLU if index % 2 else nn.Linear for index in range(len(kinds))]
    return kinds == alternating and len(kinds) % 2 == 1


def _logits(layer: tuple[Tensor, Tensor], inputs: Tensor) -> Tensor:
    """The last layer's outputs with the examples last, `(N, K, B)`: softmax is faster over rows."""
    weight, bias = layer
    return torch.baddbmm(bias.unsqueeze(2), weight, inputs.mT)


def _cross_entropy(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy of each row `(N,)`, and its gradient with respect to `logits` `(N, K, B)`."""
    logs = logits.log_softmax(1)
    truth = y.unsqueeze(1)
    losses = logs.gather(1, truth).squeeze(1).mean(1).neg_()
    minus = logs.new_full((1, 1, 1), -1.0).expand(truth.shape)
    delta = logs.exp_().scatter_add_(1, truth, minus)
    return losses, delta.div_(logits.shape[2])
