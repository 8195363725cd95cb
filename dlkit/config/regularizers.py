"""What each name of the section `regularization` does: the part of the run that it acts in.

Each function's signature is the schema of the regularizer's options; the first option may be
written alone, `dropout: 0.3` for `dropout: {rate: 0.3}`. `w` is a weight, `lambda` the strength.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dlkit.ranges import Degrees, NaturalInt, NonNegativeFloat, PositiveFloat, Share


@dataclass(frozen=True)
class Route:
    """Where a regularizer acts, and the options that it sets there."""

    section: Literal["model", "loss", "optimizer", "engine", "data"]
    options: Mapping[str, Any]


def l1(
    *,
    strength: NonNegativeFloat,
    method: Literal["subgradient", "proximal"] = "subgradient",
    include_biases: bool = False,
) -> Route:
    """Adds `lambda sum |w|` to the loss (Tibshirani 1996). Options:

    - `strength`: lambda.
    - `method`: `subgradient` adds the term to the loss, and weights hover near 0 without reaching
      it; `proximal` moves each weight by rate times lambda towards 0 after each step and stops
      there, which gives exact zeros (Parikh & Boyd 2014, section 6.5.2).
    - `include_biases`: also biases and the parameters of normalisations.
    """
    proximal = method == "proximal"
    penalty = {"strength": strength, "include_biases": include_biases, "proximal": proximal}
    return Route("engine", {"l1": penalty})


def l2(*, strength: NonNegativeFloat, include_biases: bool = False) -> Route:
    """Adds `lambda sum w^2` to the loss (Goodfellow et al. 2016, section 7.1.1). Options:

    - `strength`: lambda. The gradient is `2 lambda w`, so it is torch's `weight_decay` of 2 lambda
      (torch adds `weight_decay w` to the gradient: it leaves out the 2 of the derivative).
    - `include_biases`: also biases and the parameters of normalisations.
    """
    return Route("engine", {"l2": {"strength": strength, "include_biases": include_biases}})


def weight_decay(*, rate: NonNegativeFloat) -> Route:
    """Shrinks each weight by learning rate times `rate` a step, apart from the gradient.

    Loshchilov & Hutter 2019, arXiv:1711.05101, in the form of torch's AdamW. Equal to `l2` of half
    the rate for plain SGD, and for no rule with a memory. Options:

    - `rate`: the share of the weight, before it is multiplied with the learning rate.
    """
    return Route("optimizer", {"weight_decay": rate})


def dropout(*, rate: Share) -> Route:
    """Zeroes hidden units at random while training (Srivastava et al. 2014). Options:

    - `rate`: the share that is zeroed.
    """
    return Route("model", {"dropout": rate})


def batch_norm(*, on: bool = True) -> Route:
    """Normalises each feature over the batch (Ioffe & Szegedy 2015, arXiv:1502.03167). Options:

    - `on`: whether the model does it.
    """
    return Route("model", {"batch_norm": on})


def label_smoothing(*, amount: Share) -> Route:
    """Mixes each target with the uniform distribution (Szegedy et al. 2016). Options:

    - `amount`: the share of the uniform distribution over all classes.
    """
    return Route("loss", {"label_smoothing": amount})


def clip_norm(*, max_norm: PositiveFloat) -> Route:
    """Scales a gradient down whose norm is too large (Pascanu et al. 2013, algorithm 1). Options:

    - `max_norm`: the largest norm of all gradients together.
    """
    return Route("engine", {"clip_norm": max_norm})


def clip_value(*, max_value: PositiveFloat) -> Route:
    """Cuts each entry of the gradient by itself, which may turn its direction. Options:

    - `max_value`: the largest absolute value of an entry.
    """
    return Route("engine", {"clip_value": max_value})


def weight_averaging(*, decay: Share) -> Route:
    """Judges, tests and keeps a running average of the weights in place of the last ones.

    Of running statistics too, as Tarvainen & Valpola 2017, arXiv:1703.01780. Options:

    - `decay`: the share of itself that the average keeps at each update, so that it looks back over
      about `1 / (1 - decay)` of them; less in the first updates. The paper has 0.99, and 0.999 later.
    """
    return Route("engine", {"weight_averaging": decay})


def augmentation(
    *,
    shift: NaturalInt = 0,
    horizontal_flip: bool = False,
    vertical_flip: bool = False,
    quarter_turns: bool = False,
    rotation: Degrees = 0.0,
    zoom: Share = 0.0,
    cutout: NaturalInt = 0,
    colour: Share = 0.0,
) -> Route:
    """Changes training images at random in ways that keep their class. Options:

    - `shift`: moves up to so many pixels, along each axis.
    - `horizontal_flip`: swaps left and right in half of the cases.
    - `vertical_flip`: swaps top and bottom in half of the cases: for aerial photos, say.
    - `quarter_turns`: turns square images by 0, 90, 180 or 270 degrees.
    - `rotation`: turns by up to so many degrees, either way.
    - `zoom`: scales by a factor from `1 - zoom` to `1 + zoom`.
    - `cutout`: blanks a square of so many pixels a side (DeVries & Taylor 2017, arXiv:1708.04552).
    - `colour`: scales brightness, contrast, saturation and each channel by factors from `1 - colour` to
      `1 + colour` (as Liu et al. 2016, SSD, arXiv:1512.02325).
    """
    options = {
        "shift": shift,
        "horizontal_flip": horizontal_flip,
        "vertical_flip": vertical_flip,
        "quarter_turns": quarter_turns,
        "rotation": rotation,
        "zoom": zoom,
        "cutout": cutout,
        "colour": colour,
    }
    return Route("data", options)
