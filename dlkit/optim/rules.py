"""The update rules a config may name, each a thin door to torch's implementation.

`g` is the gradient, `w` a weight, `r` the learning rate; all operations are per entry. Defaults
are torch's. Torch's `weight_decay` of rules that are not decoupled adds to the gradient, and is not
used: decay reaches those rules through `optim.groups`, the penalty L2 through the loss.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim import Optimizer

from dlkit.errors import OptionError
from dlkit.optim.lion import Lion
from dlkit.ranges import Fraction, NonNegativeFloat, PositiveFloat, Share


def sgd(groups: list[dict], *, learning_rate: PositiveFloat = 1e-3) -> list[Optimizer]:
    """Gradient descent: `w <- w - r g` (Robbins & Monro 1951). Options:

    - `learning_rate`: r.
    """
    return [torch.optim.SGD(groups, lr=learning_rate, fused=_fused(groups))]


def momentum(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-3,
    momentum: Share = 0.9,
    dampening: Share = 0.0,
) -> list[Optimizer]:
    """Heavy ball: `b <- m b + (1 - d) g`, at first `b = g`; `w <- w - r b` (Polyak 1964).

    The rate is outside the buffer, unlike in Sutskever et al. 2013; the two agree while it is
    constant. A lasting gradient moves w by `r / (1 - m)` times itself a step. Options:

    - `learning_rate`: r.
    - `momentum`: m.
    - `dampening`: d.
    """
    optimizer = torch.optim.SGD(
        groups, lr=learning_rate, momentum=momentum, dampening=dampening, fused=_fused(groups)
    )
    return [optimizer]


def nag(
    groups: list[dict], *, learning_rate: PositiveFloat = 1e-3, momentum: Fraction = 0.9
) -> list[Optimizer]:
    """Nesterov's accelerated gradient: `b <- m b + g`; `w <- w - r (g + m b)`.

    Nesterov 1983, in the form of Sutskever et al. 2013, section 2: w is the point looked ahead to,
    where the gradient is taken. Options:

    - `learning_rate`: r.
    - `momentum`: m.
    """
    optimizer = torch.optim.SGD(
        groups, lr=learning_rate, momentum=momentum, nesterov=True, fused=_fused(groups)
    )
    return [optimizer]


def adagrad(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-2,
    initial_accumulator: NonNegativeFloat = 0.0,
    epsilon: PositiveFloat = 1e-10,
) -> list[Optimizer]:
    """AdaGrad: `s <- s + g^2`; `w <- w - r g / (sqrt(s) + e)`.

    Duchi et al. 2011 (JMLR 12), diagonal form. Options:

    - `learning_rate`: r.
    - `initial_accumulator`: s at the start.
    - `epsilon`: e.
    """
    optimizer = torch.optim.Adagrad(
        groups,
        lr=learning_rate,
        initial_accumulator_value=initial_accumulator,
        eps=epsilon,
        fused=_fused(groups),
    )
    return [optimizer]


def rmsprop(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-2,
    alpha: Share = 0.99,
    epsilon: PositiveFloat = 1e-8,
) -> list[Optimizer]:
    """RMSprop: `v <- a v + (1 - a) g^2`; `w <- w - r g / (sqrt(v) + e)`.

    Tieleman & Hinton 2012 (Coursera, lecture 6.5), who take 0.9 for a. v begins at 0 and is not
    corrected for it: the first step is `r / sqrt(1 - a)`, ten times r. Options:

    - `learning_rate`: r.
    - `alpha`: a.
    - `epsilon`: e, outside of the root.
    """
    return [torch.optim.RMSprop(groups, lr=learning_rate, alpha=alpha, eps=epsilon)]


def adadelta(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1.0,
    rho: Share = 0.9,
    epsilon: PositiveFloat = 1e-6,
) -> list[Optimizer]:
    """AdaDelta: `v <- p v + (1 - p) g^2`; `d = sqrt(u + e) / sqrt(v + e) g`; `w <- w - r d`.

    Then `u <- p u + (1 - p) d^2`. Zeiler 2012, arXiv:1212.5701, algorithm 1, where p is 0.95 and
    there is no r. Options:

    - `learning_rate`: r.
    - `rho`: p.
    - `epsilon`: e; it sets the size of the first steps.
    """
    return [torch.optim.Adadelta(groups, lr=learning_rate, rho=rho, eps=epsilon)]


def adam(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-3,
    betas: tuple[Share, Share] = (0.9, 0.999),
    epsilon: PositiveFloat = 1e-8,
    amsgrad: bool = False,
) -> list[Optimizer]:
    """Adam: `m <- b1 m + (1 - b1) g`; `v <- b2 v + (1 - b2) g^2`; a step of `m' / (sqrt(v') + e)`.

    `m' = m / (1 - b1^t)` and `v' = v / (1 - b2^t)` at step t = 1, 2, ... undo the start at 0.
    Kingma & Ba 2015, arXiv:1412.6980, algorithm 1. Options:

    - `learning_rate`: r, about the size of a step.
    - `betas`: b1 and b2.
    - `epsilon`: e.
    - `amsgrad`: the largest v so far in place of v (Reddi et al. 2018, arXiv:1904.09237).
    """
    optimizer = torch.optim.Adam(
        groups, lr=learning_rate, betas=betas, eps=epsilon, amsgrad=amsgrad, fused=_fused(groups)
    )
    return [optimizer]


def adamw(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-3,
    betas: tuple[Share, Share] = (0.9, 0.999),
    epsilon: PositiveFloat = 1e-8,
    amsgrad: bool = False,
    weight_decay: NonNegativeFloat = 0.01,
) -> list[Optimizer]:
    """AdamW: `w <- w (1 - r d)`, then Adam (Loshchilov & Hutter 2019, arXiv:1711.05101).

    The paper decouples d from r as well, torch does not. Options:

    - `learning_rate`: r, about the size of a step.
    - `betas`: b1 and b2, as in Adam.
    - `epsilon`: e, as in Adam.
    - `amsgrad`: the largest v so far in place of v (Reddi et al. 2018, arXiv:1904.09237).
    - `weight_decay`: d, for weights only; `regularization.weight_decay` sets it too.
    """
    optimizer = torch.optim.AdamW(
        _decaying(groups, weight_decay),
        lr=learning_rate,
        betas=betas,
        eps=epsilon,
        amsgrad=amsgrad,
        fused=_fused(groups),
    )
    return [optimizer]


def nadam(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 2e-3,
    betas: tuple[Share, Share] = (0.9, 0.999),
    epsilon: PositiveFloat = 1e-8,
    momentum_decay: NonNegativeFloat = 4e-3,
) -> list[Optimizer]:
    """Adam whose first moment looks one step ahead, as NAG's does (Dozat 2016).

    At step t the moment's weight is `b1 (1 - 0.96^(t c) / 2)`. Options:

    - `learning_rate`: r, about the size of a step.
    - `betas`: b1 and b2, as in Adam.
    - `epsilon`: e, as in Adam.
    - `momentum_decay`: c.
    """
    optimizer = torch.optim.NAdam(
        groups, lr=learning_rate, betas=betas, eps=epsilon, momentum_decay=momentum_decay
    )
    return [optimizer]


def radam(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-3,
    betas: tuple[Share, Share] = (0.9, 0.999),
    epsilon: PositiveFloat = 1e-8,
) -> list[Optimizer]:
    """Adam whose steps are held back while v rests on few gradients: a warm-up of its own.

    Liu et al. 2020, arXiv:1908.03265, algorithm 2. Options:

    - `learning_rate`: r, about the size of a step.
    - `betas`: b1 and b2, as in Adam.
    - `epsilon`: e, as in Adam.
    """
    return [torch.optim.RAdam(groups, lr=learning_rate, betas=betas, eps=epsilon)]


def lion(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-4,
    betas: tuple[Share, Share] = (0.9, 0.99),
    weight_decay: NonNegativeFloat = 0.0,
) -> list[Optimizer]:
    """Lion: every entry moves by r, in the direction of `sign(b1 m + (1 - b1) g)`.

    Chen et al. 2023, arXiv:2302.06675, algorithm 2; defaults of the authors' code. They advise a
    third to a tenth of AdamW's rate, and as many times its decay (section 5). Options:

    - `learning_rate`: r.
    - `betas`: b1 of the step, b2 of the momentum m.
    - `weight_decay`: for weights only; `regularization.weight_decay` sets it too.
    """
    decaying = _decaying(groups, weight_decay)
    return [Lion(decaying, lr=learning_rate, betas=betas, weight_decay=weight_decay)]


def muon(
    groups: list[dict],
    *,
    learning_rate: PositiveFloat = 1e-3,
    momentum: Share = 0.95,
    nesterov: bool = True,
    weight_decay: NonNegativeFloat = 0.1,
    adamw_learning_rate: PositiveFloat = 1e-3,
) -> list[Optimizer]:
    """Muon: the momentum of a hidden layer's matrix, made nearly orthogonal, is the step.

    Jordan et al. 2024 (kellerjordan.github.io/posts/muon). It is for the 2-D weights of hidden
    layers; AdamW moves all else: convolutions, biases, norms, and the output layer, taken to be the
    module's last weight. Raises `OptionError` where no hidden 2-D weight is left. Options:

    - `learning_rate`: of the matrices; a step of shape (n, m) is scaled by `sqrt(max(1, n / m))`.
    - `momentum`: share of the past in the running mean of gradients.
    - `nesterov`: mixes the gradient into the mean once more.
    - `weight_decay`: for weights only, by either; `regularization.weight_decay` sets it too.
    - `adamw_learning_rate`: of all else.
    """
    hidden = _hidden_matrices(groups)
    if not hidden:
        message = "muon moves the 2-D weights of hidden layers, and this model has none"
        raise OptionError("name", message, hint="Use adamw.")
    matrices = torch.optim.Muon(
        _decaying(_part(groups, hidden), weight_decay),
        lr=learning_rate,
        momentum=momentum,
        nesterov=nesterov,
    )
    others = _part(groups, {name for group in groups for name in group["names"]} - hidden)
    return [matrices, *adamw(others, learning_rate=adamw_learning_rate, weight_decay=weight_decay)]


def _fused(groups: list[dict]) -> bool | None:
    """True where torch moves all parameters in one kernel, else None: torch's own choice.

    The fused kernels differ from the plain loops by rounding only, which a test measures.
    """
    devices = {parameter.device.type for group in groups for parameter in group["params"]}
    return True if devices <= {"cpu", "cuda"} else None


def _decaying(groups: list[dict], weight_decay: float) -> list[dict]:
    """The groups, told their decay in torch's way: `weight_decay` for weights, 0 for the others."""
    return [{**group, "weight_decay": weight_decay * group["decays"]} for group in groups]


def _named(groups: list[dict]) -> dict[str, Tensor]:
    return {n: p for group in groups for n, p in zip(group["names"], group["params"], strict=True)}


def _hidden_matrices(groups: list[dict]) -> set[str]:
    """Names of the 2-D weights, but for the output layer's: the last weight that learns at full rate."""
    decaying = [group for group in groups if group["decays"]]
    output = [group["names"][-1] for group in decaying[:1]]
    return {n for n, w in _named(decaying).items() if w.ndim == 2 and n not in output}


def _part(groups: list[dict], names: set[str]) -> list[dict]:
    """The groups with only the parameters in `names`; groups left empty are dropped."""
    parts = []
    for group in groups:
        named = {n: p for n, p in _named([group]).items() if n in names}
        if named:
            parts.append({**group, "params": [*named.values()], "names": [*named]})
    return parts
