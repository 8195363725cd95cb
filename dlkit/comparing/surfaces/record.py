"""What was measured on a surface, as one JSON file: every picture is drawn from it alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dlkit.errors import DataError, StorageError

FORMAT = 1
DIGITS = 9
"""Decimals of a point in a path: finer than any picture."""
Point = tuple[float, float]
Role = Literal["best", "third", "triple", "common"]


@dataclass(frozen=True)
class Choice:
    """The best rate of `rule` where the axes are turned by `degrees`; see `choose.Best`."""

    rule: str
    degrees: float
    rate: float
    steps: int | None
    share: float
    decades: float
    edge: bool


@dataclass(frozen=True)
class Trial:
    """One run. `path` begins at the start, in the surface's own, unturned coordinates, `DIGITS` deep.

    `role`: the best rate, a third or three times of it, or the rate that all rules have in common.
    `steps` until the target is held, or None. `diverged` is the step at which the run got beyond
    bounds, where its path ends, or None.
    """

    role: Role
    rule: str
    degrees: float
    rate: float
    steps: int | None
    diverged: int | None
    path: list[Point]


@dataclass(frozen=True)
class Basin:
    """For each rate of the record's `basin_rates`, a letter for each start along its `line`."""

    rule: str
    rows: list[str]


@dataclass(frozen=True)
class NoiseTrial:
    """One run on batches of `batch` examples. `excess` is its mean excess loss at the end."""

    rule: str
    batch: int
    rate: float
    excess: float
    path: list[Point]


@dataclass(frozen=True)
class Noise:
    """A linear model with two weights on real data: the loss is `excess(w) + floor`.

    `hessian` (2, 2) and `minimum` give the excess loss, a valley of `condition` whose axes are
    turned by 45 degrees.
    """

    data: str
    features: tuple[str, str]
    examples: int
    hessian: tuple[Point, Point]
    minimum: Point
    condition: float
    start: Point
    steps: int
    seed: int
    trials: list[NoiseTrial]

    def excess(self, x: Any, y: Any) -> Any:
        """The full loss above its lowest value, at the weights x and y."""
        (a, b), (_, c) = self.hessian
        u, v = x - self.minimum[0], y - self.minimum[1]
        return 0.5 * (a * u * u + 2 * b * u * v + c * v * v)


@dataclass(frozen=True)
class Record:
    """Everything about one surface: what was asked, with what, and what came of it.

    `rules` has the options of each rule; `left_out` the rules that were not run, and why.
    """

    surface: str
    formula: str
    start: Point
    target: float
    steps: int
    rates: list[float]
    rule_for_rates: str
    common_rate: float
    rotations: list[float]
    rules: dict[str, dict[str, Any]]
    left_out: dict[str, str]
    choices: list[Choice]
    trials: list[Trial]
    line: tuple[Point, Point]
    basin_rates: list[float]
    basins: list[Basin]
    noise: Noise | None
    provenance: dict[str, Any]

    def choice(self, rule: str, degrees: float) -> Choice:
        """The choice for `rule` at that rotation."""
        return next(c for c in self.choices if (c.rule, c.degrees) == (rule, degrees))

    def trial(self, rule: str, role: Role, degrees: float = 0.0) -> Trial:
        """The run of `rule` in that role at that rotation."""
        wanted = (rule, role, degrees)
        return next(t for t in self.trials if (t.rule, t.role, t.degrees) == wanted)


def figures(record: Record) -> dict[str, Any]:
    """The numbers of the table, for another program: everything but paths and maps."""
    names = ("surface", "formula", "start", "target", "steps", "rule_for_rates", "left_out")
    numbers = {name: getattr(record, name) for name in names}
    return numbers | {"choices": [asdict(choice) for choice in record.choices]}


def write(record: Record, path: Path) -> None:
    """Writes the record as JSON. Raises `StorageError`."""
    text = json.dumps({"format": FORMAT, **vars(record)}, default=vars, ensure_ascii=False)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error


def read(path: Path) -> Record:
    """The record in the file `path`. Raises `DataError` if it is none."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        return _record(fields)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path} is no record of a surface ({error})",
            hint="Make one with dlkit compare-optimizers --surface NAME.",
        ) from error


def _record(fields: dict[str, Any]) -> Record:
    fields["choices"] = [Choice(**each) for each in fields["choices"]]
    fields["trials"] = [Trial(**_points(each)) for each in fields["trials"]]
    fields["basins"] = [Basin(**each) for each in fields["basins"]]
    if fields["noise"]:
        noise = fields["noise"]
        noise["trials"] = [NoiseTrial(**_points(each)) for each in noise["trials"]]
        for name in ("features", "minimum", "start"):
            noise[name] = tuple(noise[name])
        noise["hessian"] = tuple(tuple(row) for row in noise["hessian"])
        fields["noise"] = Noise(**noise)
    fields["start"] = tuple(fields["start"])
    fields["line"] = tuple(tuple(point) for point in fields["line"])
    return Record(**fields)


def _points(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "path": [tuple(point) for point in fields["path"]]}
