"""What a comparison will do, as plain values: tasks, cells, tracks, seeds. No torch.

A cell is one training: a task, a gradient estimator, an update rule with its knobs, a seed, a budget.
Cells are independent, and whatever a cell does follows from these values alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Phase = Literal["tuning", "reporting"]
Track = Literal["default", "lr", "full"]
Knobs = tuple[tuple[str, Any], ...]
"""Options of a rule that were set, the learning rate first: `(("learning_rate", 0.1),)`."""

FIRST_REPORTING_SEED = 1000
"""Tuning seeds are below, reporting seeds are from here on: no seed is ever both."""


@dataclass(frozen=True)
class Task:
    """A learning problem and the budget that every rule gets on it.

    `data`, `model` and `loss` are a name of the catalogue and options; or `config` is the path of a
    user's config, and `overrides` what was `--set`. `weight_decay` is equal for all rules: decoupled
    in those that decouple theirs, `weight_decay * w` added to the gradient for the others.
    """

    name: str
    batch_size: int | Literal["full"]
    epochs: int
    data: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "cross_entropy"
    score: str = "accuracy"
    """The validation score that is tuned for, and that targets are set on."""
    direction: Literal["min", "max"] = "max"
    tolerance: float = 0.01
    """How far below the best a rate may score and still be called good (`width` of a rule): in the
    score's own unit if larger is better, else as a share of the best."""
    weight_decay: float = 0.0
    schedule: str = "cosine"
    evaluations: int = 20
    """How often the validation split is scored over the budget."""
    config: str = ""
    overrides: tuple[str, ...] = ()

    def worth(self, score: float) -> float:
        """The score so that larger is better."""
        return score if self.direction == "max" else -score


@dataclass(frozen=True)
class Cell:
    """One training of a comparison."""

    task: str
    estimator: str
    """Examples in a batch: a number, or `full`."""
    rule: str
    knobs: Knobs
    seed: int

    @property
    def key(self) -> str:
        """The name of the cell: `digits-mlp/32/adam/0.002/s0`, further knobs after the rate."""
        words = [f"{name}={_word(value)}" for name, value in self.knobs[1:]]
        settings = ",".join([f"{self.rate:.6g}", *words])
        return f"{self.task}/{self.estimator}/{self.rule}/{settings}/s{self.seed}"

    @property
    def rate(self) -> float:
        """The learning rate."""
        return float(self.knobs[0][1])

    @property
    def phase(self) -> Phase:
        """Whether the cell serves the choice of knobs, or the report on them."""
        return "tuning" if self.seed < FIRST_REPORTING_SEED else "reporting"

    @property
    def batch_size(self) -> int | Literal["full"]:
        """The estimator as a batch size."""
        return "full" if self.estimator == "full" else int(self.estimator)


@dataclass(frozen=True)
class Plan:
    """A whole comparison, but for what its own results decide (extensions, chosen rates)."""

    name: str
    tasks: tuple[Task, ...]
    rules: tuple[str, ...]
    track: Track = "lr"
    tuning_seeds: int = 3
    reporting_seeds: int = 10
    first_seed: int = 0
    """Where seeds of both kinds begin: another one makes an independent comparison."""
    rates: int = 13
    """Learning rates of a rule's first grid, a factor of 2 apart."""
    most_extensions: int = 2
    """How often a rule may get `EXTENSION` more rates because its best is at an edge."""
    estimators: tuple[str, ...] = ()
    """The second axis: batch sizes that `axis_rule` is compared on, besides each task's own."""
    axis_rule: str = "sgd"
    target: float | None = None
    timed_updates: int = 40
    """Updates timed to learn what an update of a rule costs, after as many as a fourth to warm up."""

    def task(self, name: str) -> Task:
        """The task of that name."""
        return next(task for task in self.tasks if task.name == name)

    def contests(self) -> Iterator[Contest]:
        """Everything that is tuned and reported: rules on each task, then estimators on it."""
        for task in self.tasks:
            own = str(task.batch_size)
            yield from (Contest(task.name, own, rule) for rule in self.rules)
            others = [each for each in self.estimators if each != own]
            yield from (Contest(task.name, each, self.axis_rule) for each in others)

    def seeds(self, phase: Phase) -> range:
        """The seeds of `phase`."""
        if phase == "tuning":
            return range(self.first_seed, self.first_seed + self.tuning_seeds)
        first = FIRST_REPORTING_SEED + self.first_seed
        return range(first, first + self.reporting_seeds)

    def plain(self) -> dict[str, Any]:
        """The plan as JSON-able data."""
        return asdict(self)


@dataclass(frozen=True, order=True)
class Contest:
    """What gets trials of its own: a rule with an estimator on a task."""

    task: str
    estimator: str
    rule: str

    def cells(self, settings: Iterator[Knobs] | list[Knobs], seeds: range) -> list[Cell]:
        """A cell for each of `settings` and each seed: all settings see the same seeds."""
        return [
            Cell(self.task, self.estimator, self.rule, knobs, seed)
            for knobs in settings
            for seed in seeds
        ]


def contest_of(cell: Cell) -> Contest:
    """The contest that a cell belongs to."""
    return Contest(cell.task, cell.estimator, cell.rule)


def read_plan(plain: Mapping[str, Any]) -> Plan:
    """The plan that `Plan.plain` wrote."""
    tasks = tuple(
        Task(**{**each, "overrides": tuple(each["overrides"])}) for each in plain["tasks"]
    )
    lists = {key: tuple(plain[key]) for key in ("rules", "estimators")}
    return Plan(**{**plain, **lists, "tasks": tasks})


def read_knobs(pairs: Any) -> Knobs:
    """Knobs from JSON, where tuples have become lists."""
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in pairs
    )


def evaluation_steps(task: Task, examples: int, batch_size: int | Literal["full"]) -> list[int]:
    """After which updates a cell is scored; the last is its budget.

    The task's own estimator has `epochs` passes over the `examples`: U updates. Others get U updates
    or as many examples, whichever is more, and are scored at equal fractions of both: estimators can
    then be compared at equal updates and at equal examples.
    """
    updates, passes = level_steps(task, examples, batch_size)
    parts = range(1, task.evaluations + 1)
    marks = {
        max(1, round(total * part / task.evaluations))
        for total in (updates, passes)
        for part in parts
    }
    return sorted(marks)


def level_steps(task: Task, examples: int, batch_size: int | Literal["full"]) -> tuple[int, int]:
    """The updates of the task's own budget, and those in which this batch size sees as many examples."""
    own, other = (_per_epoch(examples, size) for size in (task.batch_size, batch_size))
    return task.epochs * own, task.epochs * other


def _per_epoch(examples: int, batch_size: int | Literal["full"]) -> int:
    return 1 if batch_size == "full" else -(-examples // batch_size)


def _word(value: Any) -> str:
    if isinstance(value, tuple):
        return "+".join(_word(each) for each in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
