"""The update rules over stacked models: each a function of weights, gradients and memory `(n, P)`.

`w` is moved in place, `g` may be used up, `s` holds what the rule remembers, `t` counts from 1, and
`rate` `(n, 1)` is each model's own; the other knobs are the same for all rows. Every rule equals
`torch.optim` (see `dlkit.optim.rules` for formulas and papers) but for the order of roundings, which a
test measures. No row is looked at from another, so a model's path does not depend on who is beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dlkit.comparing.problem import Layout

Memory = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """`step` moves; `memory` names the tensors that it keeps, which begin at 0.

    `decoupled` rules take `decay` `(P,)` and shrink weights themselves; the decay of the others is
    added to their gradient. `whole` rules must see all columns of a row, in the order of `layout`.
    """

    step: Callable[..., None]
    memory: tuple[str, ...] = ()
    decoupled: bool = False
    whole: bool = False


def sgd(w: Tensor, g: Tensor, s: Memory, t: int, rate: Tensor) -> None:
    """`w <- w - r g`."""
    w.addcmul_(g, rate, value=-1)


def momentum(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    momentum: float = 0.9,
    dampening: float = 0.0,
) -> None:
    """`b <- m b + (1 - d) g`, at first `b = g`; `w <- w - r b`."""
    s["b"].mul_(momentum).add_(g, alpha=1.0 if t == 1 else 1 - dampening)
    w.addcmul_(s["b"], rate, value=-1)


def nag(w: Tensor, g: Tensor, s: Memory, t: int, rate: Tensor, *, momentum: float = 0.9) -> None:
    """`b <- m b + g`; `w <- w - r (g + m b)`."""
    s["b"].mul_(momentum).add_(g)
    w.addcmul_(g.add_(s["b"], alpha=momentum), rate, value=-1)


def adagrad(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    initial_accumulator: float = 0.0,
    epsilon: float = 1e-10,
) -> None:
    """`s <- s + g^2`; `w <- w - r g / (sqrt(s) + e)`."""
    if t == 1 and initial_accumulator:
        s["sum"].fill_(initial_accumulator)
    s["sum"].addcmul_(g, g)
    w.addcdiv_(g.mul_(rate), s["sum"].sqrt().add_(epsilon), value=-1)


def rmsprop(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    alpha: float = 0.99,
    epsilon: float = 1e-8,
) -> None:
    """`v <- a v + (1 - a) g^2`; `w <- w - r g / (sqrt(v) + e)`."""
    s["v"].mul_(alpha).addcmul_(g, g, value=1 - alpha)
    w.addcdiv_(g.mul_(rate), s["v"].sqrt().add_(epsilon), value=-1)


def adadelta(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    rho: float = 0.9,
    epsilon: float = 1e-6,
) -> None:
    """`v <- p v + (1 - p) g^2`; `d = sqrt((u + e) / (v + e)) g`; `u` likewise of d; `w <- w - r d`."""
    s["v"].mul_(rho).addcmul_(g, g, value=1 - rho)
    ratio = s["u"].add(epsilon).div_(s["v"].add(epsilon)).sqrt_()
    g.mul_(ratio)
    s["u"].mul_(rho).addcmul_(g, g, value=1 - rho)
    w.addcmul_(g, rate, value=-1)


def _moments(g: Tensor, s: Memory, betas: tuple[float, float]) -> None:
    s["m"].lerp_(g, 1 - betas[0])
    s["v"].mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])


def adam(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> None:
    """`w <- w - r m' / (sqrt(v') + e)` with corrected moments.

    Numerator and denominator are both multiplied by the root of v's correction, which saves a pass.
    """
    _moments(g, s, betas)
    root = math.sqrt(1 - betas[1] ** t)
    size = rate * (root / (1 - betas[0] ** t))  # (n, 1)
    torch.sqrt(s["v"], out=g)
    w.addcdiv_(s["m"] * size, g.add_(epsilon * root), value=-1)


def adamw(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    decay: Tensor | None = None,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> None:
    """`w <- w (1 - r d)`, then Adam."""
    _shrink(w, rate, decay)
    adam(w, g, s, t, rate, betas=betas, epsilon=epsilon)


def nadam(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
    momentum_decay: float = 4e-3,
) -> None:
    """Adam whose first moment looks one step ahead."""
    _moments(g, s, betas)
    now, ahead = (betas[0] * (1 - 0.5 * 0.96 ** (step * momentum_decay)) for step in (t, t + 1))
    s["product"] = s.get("product", 1.0) * now
    step = g.mul_((1 - now) / (1 - s["product"]))
    step.add_(s["m"], alpha=ahead / (1 - s["product"] * ahead)).mul_(rate)
    root = math.sqrt(1 - betas[1] ** t)
    w.addcdiv_(step, s["v"].sqrt().add_(epsilon * root), value=-root)


def radam(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> None:
    """Adam, its steps scaled by how far v can be trusted; without v as long as it cannot."""
    _moments(g, s, betas)
    size = rate / (1 - betas[0] ** t)
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
    if length <= 5:
        w.addcmul_(s["m"], size, value=-1)
        return
    trust = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    torch.sqrt(s["v"], out=g)
    w.addcdiv_(s["m"] * size, g.add_(epsilon), value=-math.sqrt(trust * (1 - betas[1] ** t)))


def lion(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    decay: Tensor | None = None,
    betas: tuple[float, float] = (0.9, 0.99),
) -> None:
    """`u = sign(b1 m + (1 - b1) g)`; `w <- w (1 - r d) - r u`; `m <- b2 m + (1 - b2) g`."""
    _shrink(w, rate, decay)
    w.addcmul_(torch.lerp(g, s["m"], betas[0]).sign_(), rate, value=-1)
    s["m"].lerp_(g, 1 - betas[1])


def muon(
    w: Tensor,
    g: Tensor,
    s: Memory,
    t: int,
    rate: Tensor,
    *,
    layout: Layout,
    schedule: float,
    decay: Tensor | None = None,
    momentum: float = 0.95,
    nesterov: bool = True,
    adamw_learning_rate: float = 1e-3,
) -> None:
    """The momentum of hidden matrices made nearly orthogonal; AdamW, whose base rate is its own and
    is multiplied by `schedule`, for all else."""
    own = torch.full_like(rate, adamw_learning_rate * schedule)
    for index, span in enumerate(layout.spans):
        part = {name: s[name][:, span] for name in ("m", "v")}
        shrink = None if decay is None else decay[span]
        if index not in layout.hidden:
            adamw(w[:, span], g[:, span], part, t, own, decay=shrink)
            continue
        gradient = g[:, span]
        part["m"].lerp_(gradient, 1 - momentum)
        blend = gradient.lerp(part["m"], momentum) if nesterov else part["m"]
        rows, columns = layout.shapes[index]
        step = orthogonalised(blend.reshape(-1, rows, columns)).flatten(1)
        _shrink(w[:, span], rate, shrink)
        w[:, span].addcmul_(step.to(w.dtype), rate * math.sqrt(max(1, rows / columns)), value=-1)


def orthogonalised(
    matrices: Tensor, *, dtype: torch.dtype = torch.bfloat16, steps: int = 5, least: float = 1e-7
) -> Tensor:
    """Newton and Schulz's iteration of degree 5 on each matrix `(n, A, B)`, in torch's form and dtype.

    Jordan et al. 2024 (kellerjordan.github.io/posts/muon), coefficients of `torch.optim.Muon`.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.to(dtype)
    x = x.mT if tall else x
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=least)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def _shrink(w: Tensor, rate: Tensor, decay: Tensor | None) -> None:
    if decay is not None:
        w.addcmul_(w * decay, rate, value=-1)


RULES = {
    "sgd": Rule(sgd),
    "momentum": Rule(momentum, ("b",)),
    "nag": Rule(nag, ("b",)),
    "adagrad": Rule(adagrad, ("sum",)),
    "rmsprop": Rule(rmsprop, ("v",)),
    "adadelta": Rule(adadelta, ("u", "v")),
    "adam": Rule(adam, ("m", "v")),
    "adamw": Rule(adamw, ("m", "v"), decoupled=True),
    "nadam": Rule(nadam, ("m", "v")),
    "radam": Rule(radam, ("m", "v")),
    "lion": Rule(lion, ("m",), decoupled=True),
    "muon": Rule(muon, ("m", "v"), decoupled=True, whole=True),
}
"""The rules that can be stacked, by their names in the catalogue."""
