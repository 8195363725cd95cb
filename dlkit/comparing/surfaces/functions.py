"""The surfaces: plain arithmetic in x and y, so that floats, arrays and tensors all pass through.

Values and slopes are written out; a test compares the slopes with autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlkit.errors import ConfigError
from dlkit.registry import did_you_mean

Point = tuple[float, float]
Window = tuple[Point, Point]


@dataclass(frozen=True)
class Surface:
    """A function of two parameters, where descent begins on it, and what counts as arriving.

    `target` is the value to reach and hold. `steps` are taken by every rule. `line` is the segment
    of starts of the basin map. `minima` has the lowest points, `others` the minima above them.
    `window` and `levels` are for drawing.
    """

    name: str
    title: str
    formula: str
    value: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any], tuple[Any, Any]]
    start: Point
    target: float
    steps: int
    window: Window
    levels: tuple[float, ...]
    line: tuple[Point, Point]
    minima: tuple[Point, ...] = ()
    others: tuple[Point, ...] = ()

    @property
    def bounded(self) -> bool:
        """Whether there is a lowest value; a saddle has none, and leaving it for good is the aim."""
        return bool(self.minima)


def find(name: str) -> Surface:
    """The surface of that name. Raises `ConfigError` naming the nearest."""
    if name not in SURFACES:
        raise ConfigError(f"unknown surface '{name}'.{did_you_mean(name, SURFACES)}")
    return SURFACES[name]


def _valley(x: Any, y: Any) -> Any:
    return 0.5 * (x * x + 100 * y * y)


def _valley_slope(x: Any, y: Any) -> tuple[Any, Any]:
    return x, 100 * y


def _saddle(x: Any, y: Any) -> Any:
    return x * x - y * y


def _saddle_slope(x: Any, y: Any) -> tuple[Any, Any]:
    return 2 * x, -2 * y


def _beale(x: Any, y: Any) -> Any:
    """Beale 1958; More, Garbow & Hillstrom 1981 (ACM TOMS 7), problem 5."""
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return a * a + b * b + c * c


def _beale_slope(x: Any, y: Any) -> tuple[Any, Any]:
    y2, y3 = y * y, y * y * y
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
    along_x = 2 * (a * (y - 1) + b * (y2 - 1) + c * (y3 - 1))
    return along_x, 2 * x * (a + 2 * b * y + 3 * c * y2)


def _rosenbrock(x: Any, y: Any) -> Any:
    """Rosenbrock 1960 (The Computer Journal 3)."""
    bend = y - x * x
    return (1 - x) * (1 - x) + 100 * bend * bend


def _rosenbrock_slope(x: Any, y: Any) -> tuple[Any, Any]:
    bend = y - x * x
    return 2 * (x - 1) - 400 * x * bend, 200 * bend


def _minima(x: Any, y: Any) -> Any:
    """Styblinski & Tang 1990 (Neural Networks 3): a quartic in x plus the same one in y."""
    return _quartic(x) + _quartic(y)


def _quartic(x: Any) -> Any:
    squared = x * x
    return 0.5 * (squared * squared - 16 * squared + 5 * x)


def _minima_slope(x: Any, y: Any) -> tuple[Any, Any]:
    return 2 * x * x * x - 16 * x + 2.5, 2 * y * y * y - 16 * y + 2.5


DEEP, SHALLOW = -2.903534027771178, 2.7468027709908373
"""The two minima of the quartic: roots of `2 x^3 - 16 x + 2.5`."""

SURFACES = {
    surface.name: surface
    for surface in (
        Surface(
            "valley",
            "a long valley",
            "(x² + 100 y²) / 2",
            _valley,
            _valley_slope,
            start=(-1.0, 0.1),
            target=1e-3,
            steps=500,
            window=((-1.25, 0.45), (-0.17, 0.17)),
            levels=(0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0),
            line=((-2.0, 0.1), (2.0, 0.1)),
            minima=((0.0, 0.0),),
        ),
        Surface(
            "saddle",
            "leaving a saddle point",
            "x² − y²",
            _saddle,
            _saddle_slope,
            start=(-0.5, 1e-4),
            target=-1.0,
            steps=500,
            window=((-0.75, 0.75), (-0.5, 1.5)),
            levels=(-1.5, -1.0, -0.5, -0.2, -0.05, 0.0, 0.05, 0.2, 0.4),
            line=((-0.5, -0.01), (-0.5, 0.01)),
        ),
        Surface(
            "beale",
            "Beale's function",
            "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
            _beale,
            _beale_slope,
            start=(2.0, 1.7),
            target=1e-2,
            steps=500,
            window=((-1.0, 4.5), (-1.2, 2.2)),
            levels=(0.01, 0.1, 0.5, 2, 8, 30, 100, 300),
            line=((-4.0, 1.7), (4.0, 1.7)),
            minima=((3.0, 0.5),),
        ),
        Surface(
            "rosenbrock",
            "Rosenbrock's bent valley",
            "(1 − x)² + 100 (y − x²)²",
            _rosenbrock,
            _rosenbrock_slope,
            start=(-2.0, 2.0),
            target=1e-2,
            steps=2000,
            window=((-2.4, 2.0), (-1.0, 3.6)),
            levels=(0.1, 1, 5, 20, 80, 300, 1000),
            line=((-2.0, 2.0), (2.0, 2.0)),
            minima=((1.0, 1.0),),
        ),
        Surface(
            "minima",
            "many minima (Styblinski and Tang)",
            "(x⁴ − 16 x² + 5 x + y⁴ − 16 y² + 5 y) / 2",
            _minima,
            _minima_slope,
            start=(0.0, -1.0),
            target=-78.3,
            steps=500,
            window=((-4.2, 4.2), (-4.2, 4.2)),
            levels=(-77, -70, -60, -50, -40, -25, -10, 5),
            line=((-4.0, -1.0), (4.0, -1.0)),
            minima=((DEEP, DEEP),),
            others=((DEEP, SHALLOW), (SHALLOW, DEEP), (SHALLOW, SHALLOW)),
        ),
    )
}
"""Every surface, by the name that `--surface` takes."""
