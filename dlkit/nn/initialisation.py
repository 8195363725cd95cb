"""Where the weights start: random, at a scale that carries signals through many layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from dlkit.ranges import InitialisationName

SCHEMES: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_uniform_,
    "he": partial(nn.init.kaiming_normal_, nonlinearity="relu"),
    "lecun": partial(nn.init.kaiming_normal_, nonlinearity="linear"),
    "orthogonal": nn.init.orthogonal_,
}
"""Each fills a weight `(outputs, inputs, ...)` in place, from torch's global generator."""


def initialise(model: nn.Module, *, scheme: InitialisationName = "default") -> None:
    """Draws the weights of all dense and convolutional layers anew, and sets their biases to 0.

    Normalisation layers keep scale 1 and shift 0. `n_in` and `n_out` are a layer's inputs and
    outputs, each times the area of its kernel. Options:

    - `scheme`: `default` keeps what torch drew, uniform in `±1/sqrt(n_in)`, biases too;
      `xavier` is uniform with variance `2 / (n_in + n_out)`, for activations of slope 1 at 0, such
      as tanh (Glorot & Bengio 2010, equation 16);
      `he` is normal with variance `2 / n_in`, which makes up for the half that ReLU sets to 0 (He
      et al. 2015, arXiv:1502.01852, equation 10);
      `lecun` is normal with variance `1 / n_in` (LeCun et al. 1998, "Efficient BackProp", 4.6);
      `orthogonal` has rows, or columns, of length 1 at right angles (Saxe et al. 2014,
      arXiv:1312.6120).
    """
    if scheme == "default":
        return
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            SCHEMES[scheme](layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
