"""Optimizers on their way down a long valley: the old animation, computed anew."""

from __future__ import annotations

from collections.abc import Callable

from dlkit.dictionary.drawing import Dot, Line, Picture, contours
from dlkit.dictionary.forms.adam import adam
from dlkit.dictionary.forms.optimizers import momentum, nag
from dlkit.dictionary.forms.scaling_optimizers import adagrad, rmsprop

START, STEEPNESS, STEPS = (-4.0, 1.0), 20.0, 40
RULES: tuple[tuple[str, str, Callable[..., list[float]], dict[str, float]], ...] = (
    ("gradient descent", "勾配降下法", momentum, {"learning_rate": 0.08, "momentum": 0.0}),
    ("momentum", "モメンタム法", momentum, {"learning_rate": 0.02}),
    ("NAG", "NAG", nag, {"learning_rate": 0.04}),
    ("AdaGrad", "AdaGrad", adagrad, {"learning_rate": 2.56}),
    ("RMSprop", "RMSprop", rmsprop, {"learning_rate": 0.04, "alpha": 0.9}),
    ("Adam", "Adam", adam, {"learning_rate": 0.08}),
)
"""Each rule with its rate: the best of 0.005 times 1, 2, 4, ... 512, to be within 0.04 and stay."""


def draw() -> Picture:
    """40 steps on `(w_1^2 + 20 w_2^2) / 2` from (-4, 1); the valley lies along an axis."""
    window = ((-4.5, 1.5), (-1.8, 1.8))
    return Picture(
        *window,
        lines=[
            *contours(lambda a, b: (a * a + STEEPNESS * b * b) / 2, (1, 6), *window, cells=40),
            *(
                Line(path(rule, options), label, ja, moving=True)
                for label, ja, rule, options in RULES
            ),
        ],
        dots=[Dot(*START, "start", "出発点"), Dot(0, 0, "minimum", "最小点")],
    )


def path(
    rule: Callable[..., list[float]], options: dict[str, float], steps: int = STEPS
) -> list[tuple[float, float]]:
    """The start and the points after it; no rule here mixes the two parameters."""
    along = [START[0], *rule(lambda w: w, START[0], steps, **options)]
    across = [START[1], *rule(lambda w: STEEPNESS * w, START[1], steps, **options)]
    return [*zip(along, across, strict=True)]
