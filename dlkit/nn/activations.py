"""Activation functions: what a unit makes of the sum that reaches it.

Each function returns a module that keeps the shape of its input `x`, `(B, F)` or `(B, C, H, W)`.
All work element by element, but for `softmax`, and all are torch's own, but for `step`, which torch
has no module for. `f` is the function and `f'` its derivative.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from dlkit.ranges import NonNegativeFloat, PositiveFloat


def identity() -> nn.Module:
    """`f(x) = x`, `f'(x) = 1`: the layer stays linear, and so does any stack of such layers."""
    return nn.Identity()


def step(*, gradient: Literal["none", "straight_through"] = "none") -> nn.Module:
    """`f(x) = 1` for `x >= 0`, else 0; `f'(x) = 0` wherever it exists, so no error gets through.

    The value at 0 is a convention. McCulloch & Pitts 1943; Rosenblatt 1958. Options:

    - `gradient`: `none` is the true derivative, 0, with which nothing before the step learns;
      `straight_through` passes the gradient back as if `f` were the identity (Bengio, Léonard &
      Courville 2013, arXiv:1308.3432).
    """
    return Step(straight_through=gradient == "straight_through")


class Step(nn.Module):
    """1 from 0 on, else 0; see `step`."""

    def __init__(self, *, straight_through: bool) -> None:
        super().__init__()
        self.straight_through = straight_through

    def forward(self, x: Tensor) -> Tensor:
        """0s and 1s of the shape and number format of `x`."""
        # floor has the derivative 0 in torch, where a comparison has none and backward would fail.
        stepped = torch.floor(x.clamp(-1, 0)) + 1
        return stepped + (x - x.detach()) if self.straight_through else stepped

    def extra_repr(self) -> str:
        """What `print(model)` shows in the brackets."""
        return f"straight_through={self.straight_through}"


def sigmoid() -> nn.Module:
    """`f(x) = 1 / (1 + exp(-x))`, `f' = f (1 - f)`, at most 1/4.

    Between 0 and 1, so never centred on 0. Each layer takes at least 3/4 of the gradient away, if
    its weights don't make up for it. LeCun et al. 1998, "Efficient BackProp", section 4.4.
    """
    return nn.Sigmoid()


def relu() -> nn.Module:
    """`f(x) = max(0, x)`, `f'(x) = 1` for `x > 0`, else 0 (at 0 itself, torch takes 0).

    About half of the units are exactly 0 for centred input; a unit that is 0 for every example has
    no gradient and stays so. Nair & Hinton 2010; Glorot, Bordes & Bengio 2011.
    """
    return nn.ReLU()


def tanh() -> nn.Module:
    """`f(x) = 2 sigmoid(2 x) - 1`, `f' = 1 - f^2`, which is 1 at 0.

    Between -1 and 1, centred on 0. LeCun et al. 1998, "Efficient BackProp", section 4.4.
    """
    return nn.Tanh()


def softplus(*, beta: PositiveFloat = 1.0, threshold: PositiveFloat = 20.0) -> nn.Module:
    """`f(x) = ln(1 + exp(beta x)) / beta`, `f'(x) = sigmoid(beta x)`: a smooth ReLU.

    It is above ReLU everywhere, by ln(2)/beta at 0. Dugas et al. 2001. Options:

    - `beta`: the larger, the closer to ReLU.
    - `threshold`: where `beta x` is larger, `f(x) = x`, so that exp cannot overflow.
    """
    return nn.Softplus(beta, threshold)


def elu(*, alpha: PositiveFloat = 1.0) -> nn.Module:
    """`f(x) = x` for `x > 0`, else `alpha (exp(x) - 1)`; `f'(x) = 1`, else `f(x) + alpha`.

    Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289. Options:

    - `alpha`: `f` tends to `-alpha` on the left; only with 1 (the paper's) is `f'` continuous at 0.
    """
    return nn.ELU(alpha)


def softmax() -> nn.Module:
    """`f(x)_i = exp(x_i) / sum_k exp(x_k)` over dimension 1, the features or channels.

    The outputs are positive and sum to 1. `df_i / dx_k = f_i ((i == k) - f_k)`: every input moves
    every output. Bridle 1990. Losses on logits apply it themselves: don't apply it twice.
    """
    return nn.Softmax(dim=1)


def leaky_relu(*, negative_slope: NonNegativeFloat = 0.01) -> nn.Module:
    """`f(x) = x` for `x > 0`, else `negative_slope x`; `f'(x) = 1`, else `negative_slope`.

    No unit is without gradient. Maas, Hannun & Ng 2013. Options:

    - `negative_slope`: 0 is ReLU, 1 the identity; the paper has 0.01.
    """
    return nn.LeakyReLU(negative_slope)


def gelu(*, approximate: Literal["none", "tanh"] = "none") -> nn.Module:
    """`f(x) = x P(x)`, `f'(x) = P(x) + x p(x)`; P and p: normal distribution function and density.

    Hendrycks & Gimpel 2016, arXiv:1606.08415. Options:

    - `approximate`: `tanh` computes `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))` instead
      (section 2 of the paper), as GPT-2 does.
    """
    return nn.GELU(approximate)


def silu() -> nn.Module:
    """`f(x) = x s`, `f'(x) = s (1 + x (1 - s))` with `s = sigmoid(x)`; also called swish.

    Elfwing, Uchibe & Doya 2018, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941.
    """
    return nn.SiLU()
