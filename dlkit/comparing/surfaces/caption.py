"""What pictures of a record say and how they show each rule: captions, signs, colours, dashes."""

from __future__ import annotations

from dlkit.comparing.surfaces.functions import find
from dlkit.comparing.surfaces.record import Choice, Record, Trial

_BLUE, _RED, _GREEN, _PURPLE = "#0072b2", "#d55e00", "#009e73", "#aa3377"
STYLES: dict[str, tuple[str, str]] = {
    "sgd": (_BLUE, "solid"),
    "momentum": (_BLUE, "dashed"),
    "nag": (_BLUE, "dotted"),
    "adagrad": (_RED, "solid"),
    "rmsprop": (_RED, "dashed"),
    "adadelta": (_RED, "dotted"),
    "adam": (_GREEN, "solid"),
    "nadam": (_GREEN, "dashed"),
    "radam": (_GREEN, "dotted"),
    "lion": (_PURPLE, "solid"),
}
"""A colour a family, a dash a member; the colours after Okabe and Ito, safe for the colour-blind."""

SIGNS = dict(zip(STYLES, "smngrdavel", strict=True))
"""A letter a rule, where a picture has no room for its name."""


def number(value: float) -> str:
    """Three digits, with a true minus: `0.0178`, `−0.5`, `1e-05`."""
    return f"{value:.3g}".replace("-", "−", 1) if value < 0 else f"{value:.3g}"


def point(place: tuple[float, float]) -> str:
    """`(−1, 0.1)`."""
    return f"({number(place[0])}, {number(place[1])})"


def degrees(angle: float) -> str:
    """`22.5°`."""
    return f"{angle:g}°"


def steps(count: int | None) -> str:
    """The number of steps, or `never`."""
    return "never" if count is None else str(count)


def title(record: Record) -> str:
    """`A long valley`."""
    name = find(record.surface).title
    return f"{name[0].upper()}{name[1:]}"


def setting(record: Record) -> str:
    """Function, start, target, steps: what every run of the record has in common."""
    return (
        f"f(x, y) = {record.formula}; start {point(record.start)}; target f ≤ "
        f"{number(record.target)}; {record.steps} steps for every rule, no clipping, no noise"
    )


def rotations(record: Record) -> str:
    """How the surface was turned."""
    angles = ", ".join(degrees(angle) for angle in record.rotations)
    return f"rotation: surface and start turned by {angles} about the origin, the rule's axes kept"


def rates(record: Record) -> str:
    """The rule by which rates were chosen."""
    return f"rates: {record.rule_for_rates}"


def outcome(trial: Trial) -> str:
    """What became of a run: `38 steps`, `never`, `diverged at 12`."""
    if trial.steps is not None:
        return f"{trial.steps} step{'s' * (trial.steps != 1)}"
    return "never" if trial.diverged is None else f"diverged at {trial.diverged}"


DOUBTS = (
    "steps in brackets: a single rate of the grid holds the target, by chance; "
    "*: the best rate is at the grid's edge"
)


def judged(record: Record, choice: Choice) -> str:
    """The steps, marked as `DOUBTS` says: `38`, `(8)`, `12*`."""
    text = steps(choice.steps) + "*" * choice.edge
    lone = choice.steps is not None and round(choice.share * len(record.rates)) == 1
    return f"({text})" if lone else text
