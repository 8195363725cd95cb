"""Losses: how far outputs are from targets, as one number that training makes smaller.

Each function returns a module that maps outputs `(B, K)` and targets to a scalar, the mean over
examples. Targets are class indices `(B,)` int64, or values `(B, K)` float. Losses of values take
classes as well: class `c` becomes the one-hot row with 1 at `c`. `s` is a row of outputs, `t` a row
of targets, `y` the true class.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from dlkit.ranges import NonNegativeFloat, PositiveFloat, Share


def cross_entropy(*, label_smoothing: Share = 0.0) -> nn.Module:
    """`-ln softmax(s)_y` on raw outputs (logits); softmax is part of it, so don't apply it before.

    It is the expected code length of the truth under the code that suits the prediction, in nats;
    `ln K` for a uniform guess. Goodfellow, Bengio & Courville 2016, section 6.2.2.3. Options:

    - `label_smoothing`: this share of each target is spread evenly over all K classes, the true one
      included (Szegedy et al. 2016, arXiv:1512.00567, section 7).
    """
    return nn.CrossEntropyLoss(label_smoothing=label_smoothing)


def binary_cross_entropy() -> nn.Module:
    """`-t ln p - (1 - t) ln(1 - p)` with `p = sigmoid(s)`, the mean over all B K raw outputs.

    Each output is a yes/no question of its own, whose answers need not sum to 1.
    """
    return OnValues(nn.BCEWithLogitsLoss())


def hinge(*, variant: Literal["crammer_singer", "one_vs_rest"] = "crammer_singer") -> nn.Module:
    """Zero once the true class wins by a margin of 1, on raw scores; after softmax it never would.

    Targets are class indices only. Cortes & Vapnik 1995. Options:

    - `variant`: `crammer_singer` is `max(0, 1 + max_{k != y} s_k - s_y)` (Crammer & Singer 2001);
      `one_vs_rest` is `sum_k max(0, 1 - t_k s_k)` with `t_y = 1` and all other `t_k = -1`.
    """
    return CrammerSinger() if variant == "crammer_singer" else OneVersusRest()


def mse() -> nn.Module:
    """`(s - t)^2`, the mean over all B K elements; its minimum is the mean of the targets.

    Minimising it is maximum likelihood under normal noise of a fixed variance (Bishop 2006, 1.2.5).
    """
    return OnValues(nn.MSELoss())


def half_mse() -> nn.Module:
    """`(s - t)^2 / 2`, the mean over all B K elements, so that the derivative is just `s - t`."""
    return OnValues(nn.MSELoss(), factor=0.5)


def l1() -> nn.Module:
    """`|s - t|`, the mean over all B K elements; its minimum is the median of the targets."""
    return OnValues(nn.L1Loss())


def huber(*, delta: PositiveFloat = 1.0) -> nn.Module:
    """`e^2 / 2` for `|e| <= delta`, else `delta (|e| - delta / 2)`, with `e = s - t`.

    The mean over all B K elements. Squared near 0, yet an outlier pulls no harder than `delta`.
    Huber 1964. Options:

    - `delta`: where the one turns into the other, in the unit of the targets.
    """
    return OnValues(nn.HuberLoss(delta=delta))


def epsilon_insensitive(*, epsilon: NonNegativeFloat = 0.1) -> nn.Module:
    """`max(0, |s - t| - epsilon)`, the mean over all B K elements (support vector regression).

    Vapnik 1995; Smola & Schölkopf 2004, doi:10.1023/B:STCO.0000035301.49549.88. Options:

    - `epsilon`: errors up to this cost nothing, in the unit of the targets; 0 is `l1`.
    """
    return OnValues(EpsilonInsensitive(epsilon))


class OnValues(nn.Module):
    """`factor` times a loss of real-valued targets, to which classes are given as one-hot rows."""

    def __init__(self, loss: nn.Module, *, factor: float = 1.0) -> None:
        super().__init__()
        self.loss, self.factor = loss, factor

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """A scalar, from outputs `(B, K)` and targets `(B,)` int64 or `(B, K)` float."""
        if not targets.is_floating_point():
            targets = functional.one_hot(targets, outputs.shape[1]).to(outputs.dtype)  # (B, K)
        return self.factor * self.loss(outputs, targets)


class EpsilonInsensitive(nn.Module):
    """Absolute errors beyond `epsilon`; see `epsilon_insensitive`."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """A scalar, from outputs and targets of one shape."""
        errors = functional.l1_loss(outputs, targets, reduction="none")
        return torch.relu(errors - self.epsilon).mean()


class CrammerSinger(nn.Module):
    """How far the best wrong class is from losing by 1; see `hinge`."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """A scalar, from outputs `(B, K)`, K of at least 2, and targets `(B,)` int64."""
        own = functional.one_hot(targets, outputs.shape[1]).bool()  # (B, K)
        best_other = outputs.masked_fill(own, -torch.inf).amax(1)  # (B,)
        return torch.relu(1 + best_other - outputs.gather(1, targets[:, None])[:, 0]).mean()


class OneVersusRest(nn.Module):
    """A margin of 1 on the right side of 0 for each class by itself; see `hinge`."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """A scalar, from outputs `(B, K)` and targets `(B,)` int64."""
        signs = 2 * functional.one_hot(targets, outputs.shape[1]) - 1  # (B, K), 1 or -1
        return torch.relu(1 - signs * outputs).sum(1).mean()
